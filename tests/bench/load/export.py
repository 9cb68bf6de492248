#!/usr/bin/env python3
"""export.py CONVERSATIONS FOLDER [SEED]: a seeded export in the shape that examples/small-team loads, with five threads a conversation.

Threads stand in the order of their time, as desks export them: those of one conversation lie apart, among those of its neighbours.
"""
import heapq
import json
import os
import random
import sys

WORDS = (
    "the glaze came out darker than on the picture and asks whether order number two can be sent again with the blue bowl of last week "
    "kiln broken handle parcel refund voucher workshop Saturday studio clay café façade 東京 naïve thanks regards please soon"
).split(" ")


def main():
    count, folder = int(sys.argv[1]), sys.argv[2]
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    os.makedirs(folder, exist_ok=True)
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    customers = max(count // 10, 1)

    def lines(name, records):
        with open(os.path.join(folder, f"{name}.jsonl"), "w", encoding="utf-8", newline="\n", buffering=1 << 20) as out:
            for record in records:
                out.write(record if isinstance(record, str) else write(record))
                out.write("\n")

    text = lambda least, most: " ".join(r.choice(WORDS) for _ in range(r.randint(least, most)))
    subjects = [write(text(2, 9)) for _ in range(3000)]
    bodies = [write(f"<p>{text(15, 60)}</p>") for _ in range(5000)]
    moment = lambda at: f"{2018 + at // 2_000_000}-{at // 170_000 % 12 + 1:02}-{at // 6_500 % 26 + 1:02}T{at // 300 % 24:02}:{at // 5 % 60:02}:{at % 60:02}Z"
    lines("organizations", ({"id": at + 1, "name": f"Org {at}", "domains": [f"o{at}.example"]} for at in range(5)))
    lines("tags", ({"name": f"t{at}"} for at in range(8)))
    lines("custom_fields", ({"id": 5101 + at, "name": f"Field {at}", "type": "SINGLE_LINE", "required": False} for at in range(2)))
    lines("attachments", ())
    lines("users", ({"id": at + 1, "email": f"u{at + 1}@pots.example", "name": f"User {at + 1}", "role": "user" if at < 15 else "admin",
                     "active": True} for at in range(20)))
    lines("customers", ({"id": 10_000 + at, "email": f"c{at}@mail.example", "name": f"Customer {at}", "organization": at % 5 + 1}
                        for at in range(customers)))
    people = [r.randint(0, customers - 1) for _ in range(count)]
    states = ("active", "pending", "closed", "closed", "closed")
    boxes = ("Shop", "Wholesale", "Studio")
    lines("conversations", (
        f'{{"id":{50_000_000 + at},"number":{at},"subject":{r.choice(subjects)},"status":"{states[at % 97 % 5] if at % 97 else "spam"}","type":"email",'
        f'"mailbox":"{boxes[at % 3]}","customer":{10_000 + people[at]},"assignee":{at % 19 + 1 if at % 11 else "null"},'
        f'"thread.first":{r.choice(bodies)},"created_at":"{moment(at)}","tags":["t{at % 8}"]}}'
        for at in range(count)))

    def threads():
        waiting, number = [], 0
        for at in range(count + 10_000):
            if at < count:
                for part in range(5):
                    heapq.heappush(waiting, (at + int(r.expovariate(1 / 300)) * part, at, part))
            while waiting and waiting[0][0] <= at:
                when, of, part = heapq.heappop(waiting)
                author = 10_000 + people[of] if part % 2 == 0 else of % 19 + 1
                kind = ("customer", "reply", "customer", "note", "customer")[part]
                yield (f'{{"id":{700_000_000 + number},"conversation":{50_000_000 + of},"author":{author},"type":"{kind}",'
                       f'"body":{r.choice(bodies)},"created_at":"{moment(when)}","attachments":[]}}')
                number += 1
        while waiting:
            when, of, part = heapq.heappop(waiting)
            yield (f'{{"id":{700_000_000 + number},"conversation":{50_000_000 + of},"author":{10_000 + people[of]},"type":"customer",'
                   f'"body":{r.choice(bodies)},"created_at":"{moment(when)}","attachments":[]}}')
            number += 1

    lines("threads", threads())


main()
