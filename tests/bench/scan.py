#!/usr/bin/env python3
"""Scans a generated Zendesk export of a million tickets and five million comments: exact counts, within 256 MiB.

    tests/bench/scan.py PROGRAM FOLDER [TICKETS]

The export (2.6 GB for a million tickets) is written into FOLDER and removed at the end. Everything that is counted can be computed
from the number of tickets alone, and the inventory has to say just that. Prints counts, time and peak memory; fails when one is wrong.
"""
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import time

COMMENTS = 5  # of each ticket
USERS = 100_000
PAGE = 10_000
LOST = 997  # the requester of every so many-th ticket is gone
TWICE = 50_000  # every so many-th ticket stands in two pages, as in an incremental export
STATES = ["open", "pending", "hold", "solved", "closed", "closed", "closed", "closed", "closed", "closed"]
LIMIT = 256 * 1024  # KiB


def tickets(first, last):
    for i in range(first, last):
        user = 10_000_000 + i if i % LOST == 0 else 1_000_000 + i % USERS
        ticket = (
            '{"id":%d,"external_id":null,"created_at":"202%d-0%d-1%dT0%d:%02d:05Z","updated_at":"2026-10-20T07:50:00Z","type":null,'
            '"subject":"The printer of room %d is down since Monday","description":"It worked until Friday.","priority":"normal",'
            '"status":"%s","requester_id":%d,"submitter_id":%d,"assignee_id":null,"organization_id":null,"group_id":null,'
            '"problem_id":null,"is_public":true,"due_at":null,"tags":["a%d","b"],"custom_fields":[{"id":1001,"value":"%d"}]}'
        ) % (i + 1, i % 6, 1 + i % 9, i % 9, i % 10, i % 60, i, STATES[i % 10], user, user, i % 5000, i * 7)
        for _ in range(2 if i % TWICE == 0 else 1):
            yield ticket


def events(first, last):
    for i in range(first, last):
        for k in range(COMMENTS):
            at = "2026-0%d-1%dT0%d:%02d:%02dZ" % (1 + k, i % 9, k, i % 60, k)
            yield (
                '{"id":%d,"ticket_id":%d,"created_at":"%s","updater_id":%d,"event_type":"Audit","child_events":[{"id":%d,'
                '"event_type":"Comment","created_at":"%s","author_id":%d,"public":true,"body":"It worked until Friday, %d.",'
                '"html_body":"<p>It worked until Friday, %d.</p>","attachments":[]}]}'
            ) % (i * 100 + k * 10, i + 1, at, 1_000_000 + i % USERS, i * 100 + k * 10 + 1, at, 1_000_000 + i % USERS, k, k)


def page(path, name, records, last):
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"%s":[' % name)
        out.write(",\n".join(records))
        out.write('],"end_of_stream":%s}' % ("true" if last else "false"))


def write(folder, count):
    folder.mkdir(parents=True)
    users = ('{"id":%d,"name":"U","email":"u%d@example.org","role":"end-user"}' % (1_000_000 + i, i) for i in range(USERS))
    page(folder / "users-0001.json", "users", users, True)
    for number, first in enumerate(range(0, count, PAGE)):
        last = min(first + PAGE, count)
        page(folder / f"tickets-{number:04}.json", "tickets", tickets(first, last), last == count)
        page(folder / f"ticket_events-{number:04}.json", "ticket_events", events(first, last), last == count)


def expected(count):
    twice = range(0, count, TWICE)
    state = {}
    for i, name in enumerate(STATES):
        state[name] = state.get(name, 0) + (count - i + 9) // 10
    for i in twice:
        state[STATES[i % 10]] += 1
    lost = len(range(0, count, LOST)) + sum(1 for i in twice if i % LOST == 0)
    return {
        "tickets": count + len(twice),
        "comments": count * COMMENTS,
        "events": count * COMMENTS,
        "by_status": state,
        "requesters that are gone": lost,
        "longest subject": len("The printer of room  is down since Monday") + len(str(count - 1)),
        "unfinished": sum((count - i + 9) // 10 for i, name in enumerate(STATES) if name in ("open", "pending", "hold")),
    }


def found(inventory):
    data = json.loads(inventory.read_text(encoding="utf-8"))
    of = data["profile"]
    table = inventory.with_name(data["unfinished"]["file"])
    with open(table, "rb") as lines:
        held = sum(1 for _ in lines)
    assert held == data["unfinished"]["count"], (held, data["unfinished"])
    return {
        "tickets": of["ticket"]["count"],
        "comments": of["comment"]["count"],
        "events": of["history"]["count"],
        "by_status": of["ticket"]["by_status"],
        "requesters that are gone": of["ticket"]["orphans"]["requester"],
        "longest subject": of["ticket"]["fields"]["subject"]["longest"],
        "unfinished": held,
    }


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    export, inventory = folder / "export", folder / "source.json"
    write(export, count)
    size = sum(file.stat().st_size for file in export.iterdir())
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    scan = [program, "inventory", "scan", export, "--platform", "zendesk", "--account", "big", "-o", inventory]
    said = subprocess.run(scan, stdout=subprocess.PIPE, text=True, check=False)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(export)
    if said.returncode not in (0, 1):
        sys.exit(f"the scan failed with {said.returncode}")
    wanted, there = expected(count), found(inventory)
    for name in wanted:
        print(f"{name:>26}: {there[name]}")
    user = after.ru_utime - before.ru_utime
    print(f"{size / 1e9:.2f} GB, {user:.1f} s of processor time, {wall:.1f} s, peak {after.ru_maxrss / 1024:.0f} MiB")
    if there != wanted:
        sys.exit(f"counted {there}, but there are {wanted}")
    if after.ru_maxrss > LIMIT:
        sys.exit(f"the peak of {after.ru_maxrss} KiB is above {LIMIT} KiB")


if __name__ == "__main__":
    main()
