#!/usr/bin/env python3
"""Times `cutover sla preview` of a million unfinished tickets in each format, and fails above 128 MiB.

    tests/bench/promises.py PROGRAM FOLDER [TICKETS]

The tickets are those of examples/acme with two changes of status each: what a table of that many tickets holds, drawn by a counter.
"""

import os
import sys
import time

LIMIT = 128  # MiB, at the peak


def lines(count):
    for n in range(count):
        day, minute = n % 28 + 1, n * 7 % 60
        made = f"2026-{n % 10 + 1:02}-{day:02}T{n % 24:02}:{minute:02}:00Z"
        waits = f"2026-11-{day:02}T08:{minute:02}:00Z"
        goes_on = f"2026-11-{day:02}T15:{minute:02}:00Z"
        priority = ("Urgent", "High")[n % 2]
        yield (
            f'{{"ticket":"{n:020x}","created_at":"{made}","updated_at":"{goes_on}","status":"Open","priority":"{priority}",'
            f'"states":[["{made}","Open"],["{waits}","Pending"],["{goes_on}","Open"]]}}\n'
        )


def main():
    program, folder = sys.argv[1], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    table = os.path.join(folder, "tickets.jsonl")
    with open(table, "w") as out:
        out.writelines(lines(count))
    failed = False
    for form in ("table", "json", "csv", "html"):
        output = os.path.join(folder, f"promises.{form}")
        call = [program, "sla", "preview", "examples/acme", "--tickets", table, "--format", form, "-o", output]
        began = time.monotonic()
        child = os.spawnvp(os.P_NOWAIT, program, call)
        _, status, used = os.wait4(child, 0)
        wall, peak = time.monotonic() - began, used.ru_maxrss / 1024
        cpu = used.ru_utime + used.ru_stime
        print(f"{form:6} {count:,} tickets: {wall:6.1f} s, {cpu:.1f} s of a processor, peak {peak:.1f} MiB")
        failed |= status != 0 or peak > LIMIT
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
