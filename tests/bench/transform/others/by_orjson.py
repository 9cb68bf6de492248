#!/usr/bin/env python3
"""by_orjson.py IN OUT REJECTS THREADS: the mapping as a loop in Python over orjson; with more than one thread, as processes over parts of the file."""
import multiprocessing
import os
import shutil
import sys
from datetime import datetime, timezone

import orjson
from tables import PRIORITIES, PRODUCTS, STATES, TAGS

UTC = timezone.utc


def mapped(ticket):
    custom = {field["id"]: field["value"] for field in ticket["custom_fields"]}
    person, company = ticket["requester"], ticket["organization"]
    address = person["email"].strip().lower()
    first, slash, second = (custom[360002] or "").partition("/")
    product = custom[360001]
    return {
        "legacy_id": ticket["id"], "source_url": ticket["url"], "ext_ref": ticket["external_id"], "body": ticket["description"],
        "ticket_type": ticket["type"], "agent_id": ticket["assignee_id"], "team_id": ticket["group_id"], "brand": ticket["brand_id"],
        "n_comments": ticket["comment_count"], "company": company and company["name"], "contact_id": person["id"],
        "csat": ticket["satisfaction_rating"]["score"], "title": ticket["subject"][:255],
        "state": STATES.get(ticket["status"], "open"), "prio": PRIORITIES.get(ticket["priority"], 2),
        "labels": list(dict.fromkeys(TAGS.get(tag, tag) for tag in ticket["tags"])),
        "product": PRODUCTS.get(product.lower(), "other") if product else "other",
        "category": first if custom[360002] is not None else None, "subcategory": second if slash else None,
        "region": custom[360003], "contract_no": custom[360004], "severity": custom[360005],
        "created_epoch": int(datetime.fromisoformat(ticket["created_at"]).timestamp()),
        "updated_utc": datetime.fromisoformat(ticket["updated_at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "contact_email": address, "contact": f"{person['name']} <{address}>", "via": ticket["via"]["channel"],
    }


def part(task):
    """Lines that begin between two positions of a file."""
    tickets, out, rejects, begin, end = task
    with open(tickets, "rb", buffering=1 << 20) as lines, open(out, "wb", buffering=1 << 20) as out, open(rejects, "wb") as rejects:
        if begin:
            lines.seek(begin - 1)
            lines.readline()
        at = lines.tell()
        for line in lines:
            if at >= end:
                break
            at += len(line)
            ticket = orjson.loads(line)
            if ticket["spam"]:
                continue
            if ticket["requester"] is None:
                rejects.write(orjson.dumps({"legacy_id": ticket["id"], "reason": "requester missing"}) + b"\n")
            else:
                out.write(orjson.dumps(mapped(ticket)))
                out.write(b"\n")


def main():
    tickets, out, rejects, threads = *sys.argv[1:4], int(sys.argv[4])
    size = os.path.getsize(tickets)
    if threads == 1:
        return part((tickets, out, rejects, 0, size))
    cuts = [size * at // threads for at in range(threads + 1)]
    with multiprocessing.Pool(threads) as pool:
        pool.map(part, [(tickets, f"{out}.{at}", f"{rejects}.{at}", cuts[at], cuts[at + 1]) for at in range(threads)])
    for whole in (out, rejects):
        with open(whole, "wb") as to:
            for at in range(threads):
                with open(f"{whole}.{at}", "rb") as piece:
                    shutil.copyfileobj(piece, to, 1 << 20)
                os.unlink(f"{whole}.{at}")


if __name__ == "__main__":
    main()
