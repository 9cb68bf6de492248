#!/usr/bin/env python3
"""Writes a table of so many unfinished tickets to stdout, with two changes of status each, for `cutover sla preview --tickets`."""
import json
import sys
from datetime import datetime, timedelta, timezone

count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
begin = datetime(2026, 9, 1, tzinfo=timezone.utc)
at = lambda minutes: (begin + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
for n in range(count):
    made = n * 7919 % 110_000
    waits = n % 3 == 0
    print(json.dumps({
        "ticket": f"{n:020x}",
        "created_at": at(made),
        "updated_at": at(made + 2_000),
        "status": "Pending" if waits else "Open",
        "priority": ("Urgent", "High", "Medium", "Low")[n % 4],
        "states": [[at(made + 300), "Pending"], [at(made + 1_700), "Pending" if waits else "Open"]],
    }, separators=(",", ":")))
