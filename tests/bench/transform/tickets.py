#!/usr/bin/env python3
"""tickets.py COUNT FILE [SEED]: seeded tickets as a helpdesk exports them, one JSON object a line, in the shape that specs/valid/transform-spec maps."""
import json
import random
import sys

AREAS = ["billing", "refund", "login", "vip", "shipping", "api", "mobile", "outage", "invoice", "trial"]
TAGS = [f"{area}_{form}" for area in AREAS for form in ("old", "v1", "v2", "legacy", "x", "new", "eu")]
WORDS = (
    "the customer writes that nothing arrives since the last update and asks for a refund of order invoice login printer "
    "scanner café façade Ångström Žižkov 東京 支払い счёт возврат naïve 🚚 📦 \"quoted\" C:\\spool line\nbreak tab\there renewal "
    "contract portal mobile screen error timeout again please thanks regards urgent seat export import gateway voice"
).split(" ")
NAMES = ["Ann", "Béla", "Chiara", "Dmitri", "Elif", "Fatou", "Göran", "Hana", "Ines", "Jürgen", "Kaoru", "Łukasz", "Mía", "Noor"]
STATES = ["new", "open", "open", "pending", "hold", "solved", "solved", "closed", "closed", "deleted", "archived", "unheard of"]
PRODUCTS = ["Core Suite", "core suite", "CORE SUITE", "Analytics", "Mobile App", "gateway", "GATEWAY", "Billing Hub", "Chat", "Voice",
            "explore", "Guide", "Sell", "Discontinued"]
CATEGORIES = ["hardware/printer", "software/install", "software/licence/renewal", "billing/refund", "access", "other/misc", None]
OFFSETS = ["Z", "Z", "+01:00", "-05:00", "+05:30"]


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    text = lambda least, most: " ".join(r.choice(WORDS) for _ in range(r.randint(least, most)))
    subjects = [text(2, 8).replace("\n", " ") for _ in range(3000)] + [text(50, 90).replace("\n", " ") for _ in range(40)]
    bodies = [text(6, 16) for _ in range(5000)]
    moment = lambda: (f"{r.randint(2015, 2026)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}T"
                      f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}{r.choice(OFFSETS)}")
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with open(path, "w", encoding="utf-8", newline="\n", buffering=1 << 20) as out:
        for number in range(count):
            person = r.randint(1, 90_000)
            first, last = r.choice(NAMES), r.choice(NAMES)
            address = f"{r.choice(['', ' '])}{first.encode('ascii', 'replace').decode().replace('?', 'x')}.{person}@Example-{person % 300}.ORG"
            out.write(write({
                "id": 2_000_000 + number,
                "url": f"https://old-desk.example/api/tickets/{2_000_000 + number}.json",
                "external_id": f"EXT-{r.randint(1, 999_999)}" if r.random() < 0.3 else None,
                "subject": r.choice(subjects),
                "description": r.choice(bodies),
                "type": r.choice(["problem", "incident", "question", "task", None]),
                "status": r.choice(STATES),
                "priority": r.choice(["low", "normal", "normal", "high", "urgent", None]),
                "tags": [r.choice(TAGS) for _ in range(r.randint(0, 5))],
                "requester": None if r.random() < 0.003 else {"id": 700_000 + person, "name": f"{first} {last}", "email": address},
                "organization": None if r.random() < 0.2 else {"id": 30_000 + person % 60, "name": f"Company {person % 60} GmbH"},
                "assignee_id": r.randint(9000, 9300),
                "group_id": r.randint(1, 60),
                "brand_id": r.randint(1, 4),
                "via": {"channel": r.choice(["email", "web", "api", "chat", "voice"])},
                "custom_fields": [
                    {"id": 360001, "value": r.choice(PRODUCTS)},
                    {"id": 360007, "value": None},
                    {"id": 360002, "value": r.choice(CATEGORIES)},
                    {"id": 360003, "value": r.choice(["emea", "apac", "amer", None])},
                    {"id": 360008, "value": r.random() < 0.5},
                    {"id": 360004, "value": f"CT-{r.randint(1, 99_999):05}"},
                    {"id": 360005, "value": r.randint(0, 100)},
                ],
                "satisfaction_rating": {"score": r.choice(["good", "bad", "unoffered", "offered"])},
                "comment_count": r.randint(1, 40),
                "spam": r.random() < 0.01,
                "created_at": moment(),
                "updated_at": moment(),
            }))
            out.write("\n")


main()
