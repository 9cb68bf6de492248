#!/usr/bin/env python3
"""count_again.py EXPORT COPY JOURNAL DESK: counts a whole run again, from its files alone and without a line of the program.

EXPORT is a folder of JSON Lines, one file a kind, with its plural as name; the others are the SQLite files of a run that is over. Says each
place where the books do not balance, and ends with 1 when there is one:

- what the export stage of a kind read is what stands in its file, and all of it is in the copy or rejected;
- in each stage and for each kind, read = written + rejected + filtered + uncertain;
- as many rejects, filtered and uncertain records are listed as are counted;
- each record of the copy of a kind that is loaded is written, uncertain, rejected or filtered: none is lost, none is counted twice;
- the desk has a record for each one that the journal calls written, under its mark, and no other one with a mark.
"""
import collections
import json
import os
import sqlite3
import sys

LIMIT = 16 << 20


def lines(path):
    """Keys of the records of a file, None where there is none to be read."""
    with open(path, "rb") as file:
        for line in file:
            line = line.strip()
            if not line:
                continue
            try:
                record = json.loads(line.decode("utf-8")) if len(line) <= LIMIT else None
            except ValueError:
                record = None
            key = record.get("id", record.get("name")) if isinstance(record, dict) else None
            yield str(key) if isinstance(key, (str, int)) and not isinstance(key, bool) else None


def main():
    export, copy, journal, desk = sys.argv[1:5]
    copy, journal, desk = (sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in (copy, journal, desk))
    wrong = []

    def same(what, one, other):
        if one != other:
            wrong.append(f"{what}: {one} and {other}")

    counts = {(stage, kind): numbers for stage, kind, *numbers in journal.execute(
        "SELECT stage, kind, read, written, rejected, filtered, uncertain FROM counts")}
    for (stage, kind), (read, written, rejected, filtered, uncertain) in counts.items():
        same(f"{stage}, {kind}: read, and what became of it", read, written + rejected + filtered + uncertain)
        listed = journal.execute("SELECT count(*) FROM reject WHERE stage = ? AND kind = ?", (stage, kind)).fetchone()[0]
        same(f"{stage}, {kind}: rejected, and listed", rejected, listed)
        listed = journal.execute("SELECT coalesce(sum(records), 0) FROM filtered WHERE stage = ? AND kind = ?", (stage, kind)).fetchone()[0]
        same(f"{stage}, {kind}: filtered, and listed", filtered, listed)
        if stage.startswith("stage/load/"):
            by_state = dict(journal.execute("SELECT state, count(*) FROM record WHERE stage = ? AND kind = ? GROUP BY state", (stage, kind)))
            same(f"{stage}, {kind}: written, and done in the journal", written, by_state.get("done", 0))
            same(f"{stage}, {kind}: uncertain, and in the journal", uncertain, by_state.get("uncertain", 0))

    kinds = [kind for (kind,) in copy.execute("SELECT kind FROM kind ORDER BY kind")]
    read_lines = 0
    for kind in kinds:
        path = next((path for path in (os.path.join(export, f"{kind}{end}.jsonl") for end in ("s", "es", "")) if os.path.exists(path)), None)
        found = list(lines(path)) if path else []
        read_lines += len(found)
        # One export of a kind counts: what the night reads again takes the place of what was read before.
        exports = [numbers for (stage, of), numbers in counts.items() if of == kind and stage.startswith("stage/export/")]
        if len(exports) > 1:
            wrong.append(f"{kind}: {len(exports)} exports count what they read")
        read, written = exports[0][:2] if exports else (0, 0)
        same(f"{kind}: lines of the export, and read", len(found), read)
        keys = {key for key in found if key is not None}
        copied = {key for (key,) in copy.execute(f'SELECT key FROM "records of {kind}"')}
        same(f"{kind}: different keys of the export, and in the copy", len(keys), len(copied))
        same(f"{kind}: in the copy, and counted as written", len(copied), written)
        if keys != copied:
            wrong.append(f"{kind}: other keys in the copy than in the export, as {sorted(keys ^ copied)[:3]}")
        stages = [stage for stage, of in counts if of == kind and stage.startswith("stage/load/")]
        if not stages:
            continue
        at_home = collections.Counter(key for (key,) in journal.execute(
            "SELECT key FROM record WHERE kind = ? AND state IN ('done', 'uncertain')", (kind,)))
        rejected = {key for (key,) in journal.execute(
            "SELECT DISTINCT key FROM reject WHERE kind = ? AND stage LIKE 'stage/load/%'", (kind,))}
        for key in at_home.keys() & rejected:
            wrong.append(f"{kind} {key} is written and rejected")
        for key in (at_home.keys() | rejected) - copied:
            wrong.append(f"{kind} {key} is in the journal and in no export")
        rest = len(copied) - len(at_home) - len(rejected)
        if len(stages) == 1:
            filtered = counts[stages[0], kind][3]
            same(f"{kind}: neither written nor rejected, and filtered", rest, filtered)
            same(f"{kind}: in the copy, and read by {stages[0]}", len(copied), counts[stages[0], kind][0])

    for (into,) in journal.execute("SELECT DISTINCT into_kind FROM record"):
        there = dict(desk.execute(f'SELECT CAST(id AS TEXT), mark FROM "{into}" WHERE mark IS NOT NULL'))
        done = 0
        for kind, key, target in journal.execute("SELECT kind, key, target FROM record WHERE into_kind = ? AND state = 'done'", (into,)):
            done += 1
            mark = f"placeholder:{into}:{key}" if kind == "placeholder" else f"{kind}:{key}"
            if there.get(target) != mark:
                wrong.append(f"{kind} {key} is {into} {target} in the journal; there stands {there.get(target)}")
        same(f"{into}: done in the journal, and in the desk", done, len(there))

    for line in wrong:
        print(line)
    print(f"{len(kinds)} kinds, {read_lines} lines of the export, {len(counts)} counts: {'they balance' if not wrong else 'they do not balance'}")
    sys.exit(1 if wrong else 0)


main()
