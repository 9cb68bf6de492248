#!/usr/bin/env python3
"""gen_spec.py FOLDER: writes FOLDER/{S,M,L}/bench.cutover with its inventories: 10, 200 and 2,000 maps of 10 fields.

Each map has two references to earlier kinds, one function call and one concatenation, like the specs of the same size that
peers.py writes for other tools. Same bytes on every run.
"""
import json
import os
import sys

SIZES = {"S": 10, "M": 200, "L": 2000}


def refs(i):
    """Two earlier objects, local enough to give a deep and narrow graph."""
    return max(0, i - 1 - i * 7 % 13), i // 2


def kind(prefix, i):
    a, b = refs(i)
    field = {
        "id": {"type": "int", "canon": "key", "required": "always"},
        "f0": "text(40)", "f1": "text(40)", "f2": "text(80)?", "f3": "text(20)?", "f4": "text(20)?",
        "f5": "int?", "f6": "text(40)?", "f7": "bool?",
        "f8": f"ref {prefix}{a}?" if i else "text(40)?",
        "f9": "text(90)?",
    }
    return {"part": "other", "plural": f"{prefix}{i}s", "fields": field}


def inventory(prefix, account, n):
    return {
        "format": 1, "platform": "table", "account": account, "taken": "2026-11-20",
        "schema": {f"{prefix}{i}": kind(prefix, i) for i in range(n)},
        "profile": {f"{prefix}{i}": {"count": 1000 + i} for i in range(n)} if prefix == "o" else {},
    }


HEAD = '''edition 1

migration bench "Bench" {
  source   table "old"  inventory "source.json"
  target   table "new"  inventory "target.json"
  sandbox  table "try"
  secret   source "OLD_KEY"  until 2027-12-31
  secret   target "NEW_KEY"  until 2027-12-31
  window   2027-01-16 18:00 to 2027-01-17 18:00 in "Europe/London"
}

team small {
  ana  "Ana Reis"   role decision_maker      contact "ana@pots.example"
  ben  "Ben Cole"   role configuration_lead  contact "ben@pots.example"
  cleo "Cleo Dahl"  role data_owner          contact "cleo@pots.example"
  dev  "Dev Patel"  role agent_champion      contact "dev@pots.example"
}

baseline november of source from 2026-11-01 to 2026-11-30
objective replies "Answer faster"  owner ana  { median first_response_time at most 90% of november within 30 days }

integration none  because "tables only"

backup full  in "vault:bench"  owner cleo { everything; restore 50 o0s signed by ben }
rehearse sandbox  owner ben  signed by dev { sample 100 o0s }
go live  owner ben  signed by ana { hold inbound; load everything; switch email; drain inbound }
announce customers  template "customers.md"  owner dev  signed by ana  from window - 3 days
train agents  owner dev  before window { receive; macros; sla_status }

rollback  decided by ana, cleo  else stay paused  within 30 min {
  trigger failures  failed_imports more than 0.5% over 200 records
  undo everything before switch
  keep new tickets, replies  in "vault:bench"  owner dev  after switch
}
hypercare  owner ben  for 14 days { daily 09:30 }
ownership  owner dev  for 30 days
read only source  access within 24 hours  owner cleo  until 2027-04-30
decommission source  owner ben  signed by ana  after checks, hypercare
inbound hello "hello@pots.example"  owner dev

'''


def spec(n):
    lines = [HEAD, "scope {\n"]
    lines += [f"  import o{i}s  identified by id\n" for i in range(n)]
    lines.append("}\n\n")
    for i in range(n):
        lines.append(f"map o{i} -> p{i} {{\n  id -> id as key\n")
        for f in (0, 1, 2, 3, 4, 5):
            lines.append(f"  f{f} -> f{f}\n")
        lines.append('  f6 -> f6 by lower lossy "case"\n  f7 -> f7\n  f8 -> f8\n')
        lines.append('  f9, f1 -> f9 joined by "-" cut to 90 lossy "long"\n' if i else "  f9 -> f9\n")
        lines.append("}\n")
    return "".join(lines)


def main():
    root = sys.argv[1]
    for size, n in SIZES.items():
        folder = os.path.join(root, size)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "bench.cutover"), "w", encoding="utf-8") as out:
            out.write(spec(n))
        with open(os.path.join(folder, "customers.md"), "w", encoding="utf-8") as out:
            out.write("We move.\n")
        for name, prefix, account in (("source", "o", "old"), ("target", "p", "new")):
            with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as out:
                json.dump(inventory(prefix, account, n), out, separators=(",", ":"))


if __name__ == "__main__":
    main()
