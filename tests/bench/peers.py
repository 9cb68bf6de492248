#!/usr/bin/env python3
"""peers.py FOLDER: writes FOLDER/{S,M,L}/peer.ncl, peer.cedar and peer.cedarschema: the objects of gen_spec.py for Nickel and Cedar.

10, 200 and 2,000 objects of 10 fields. Each refers to the same two earlier objects as its map does, with one function call and one
concatenation in Nickel; Cedar has neither, so that each policy there compares five fields instead. Same bytes on every run.
"""
import os
import sys

from gen_spec import SIZES, refs


def nickel(n):
    kinds = {5: "Number", 7: "Bool"}
    lines = ["let Object = {\n", *(f"  f{f} | {kinds.get(f, 'String')},\n" for f in range(10)), "} in\n{\n"]
    for i in range(n):
        a, b = refs(i)
        lines.append(f"  o{i} | Object = {{\n")
        lines += [f'    f{f} = "value {f} of {i}",\n' for f in range(5)]
        lines.append(f'    f5 = {i},\n    f6 = std.string.lowercase "KEY-{i}",\n    f7 = true,\n')
        lines.append(f'    f8 = o{a}.f0,\n    f9 = "%{{o{b}.f1}}-x",\n' if i else '    f8 = "first",\n    f9 = "first",\n')
        lines.append("  },\n")
    return "".join([*lines, "}\n"])


def cedar(n):
    schema, policies = ["entity Person { f0: String };\n"], []
    for i in range(n):
        a, b = refs(i)
        fields = [f"f{f}: String" for f in range(5)] + ["f5: Long", "f6: Set<String>", "f7: Bool"]
        fields += [f"f8: O{a}", f"f9: O{b}"] if i else ["f8: String", "f9: String"]
        schema.append(f"entity O{i} {{\n  " + ",\n  ".join(fields) + "\n};\n")
        schema.append(f'action "A{i}" appliesTo {{ principal: [Person], resource: [O{i}] }};\n')
        asked = ['resource.f0 == "x"', "resource.f5 > 3", 'resource.f6.contains("y")']
        asked += ['resource.f8.f0 == "z"', "resource.f9.f5 == 2"] if i else []
        policies.append(f'permit (principal, action == Action::"A{i}", resource)\nwhen {{\n  ' + " &&\n  ".join(asked) + "\n};\n")
    return "".join(schema), "".join(policies)


def main():
    for size, n in SIZES.items():
        folder = os.path.join(sys.argv[1], size)
        os.makedirs(folder, exist_ok=True)
        schema, policies = cedar(n)
        for name, text in (("peer.ncl", nickel(n)), ("peer.cedarschema", schema), ("peer.cedar", policies)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)


main()
