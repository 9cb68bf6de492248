#!/usr/bin/env python3
"""measure.py PROGRAM PROBE ROOT EXPORT SCRATCH: one run of examples/small-team over the export, then the probe over the rows that it wrote.

Prints how long each took and the largest peak of memory. A call of `run` goes as far as people are waited for; they say that they did what has its turn,
and the next one goes on, until the load is verified. Times of stages are taken from the lines as they come.
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

PROGRAM, PROBE, ROOT, EXPORT, SCRATCH = sys.argv[1:6]
PROJECT = os.path.join(SCRATCH, "project")
STAGE = "stage/load/conversation"
VERIFY = "stage/verify/night"
ROUNDS = 10
ENVIRONMENT = f"""journal = "run/journal.sqlite"
work = "run/copy"
clock = "2027-01-16T18:30:00Z"

[source]
connector = "files"
at = "{os.path.abspath(EXPORT)}"

[target]
connector = "sqlite"
at = "run/desk.sqlite"

[stores]
"vault:pots" = "run/vault"
"""


def call(*words, codes=(0,)):
    done = subprocess.run([PROGRAM, *words], cwd=PROJECT, capture_output=True, text=True)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(words)} ends with {done.returncode}\n{done.stdout}{done.stderr}")


def people():
    at = (".", "--env", "env.toml")
    for item, by in (("announce/customers", "ines"), ("backup/full", "tom"), ("rehearsal", "kofi"), ("go_live", "ines"),
                     ("decommission/source", "ines")):
        call("sign", item, "--project", ".", "--by", by)
    call("run", *at, "--account", "pots", codes=(4,))
    did()


def did():
    """Everybody says of what has its turn that it is done; who has nothing to do is told so, with a code of its own."""
    at = (".", "--env", "env.toml")
    for by in ("ines", "tom", "ruth", "kofi"):
        call("did", "stage/*", *at, "--by", by, "--evidence", "seen", codes=(0, 2))
    for check in ("check/macros", "check/owners", "check/permissions"):
        call("did", check, *at, "--by", "ruth", codes=(0, 2))


def threads(process):
    """Seconds of a processor, by thread."""
    used = {}
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/schedstat", encoding="ascii") as file:
                used[int(thread)] = int(file.read().split()[0]) / 1e9
    except (OSError, ValueError):
        pass
    return used


def run():
    """For each stage, its seconds and the seconds of a processor of its busiest thread; seconds of all, of the processors, and MiB."""
    stages, began, used_before = {}, time.perf_counter(), {}
    child = subprocess.Popen([PROGRAM, "run", ".", "--env", "env.toml"], cwd=PROJECT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    seen, over, lock = {}, False, threading.Lock()

    def look():
        # A thread is gone when its stage is over: it is looked at while it runs.
        while not over:
            now = threads(child.pid)
            with lock:
                for thread, used in now.items():
                    seen[thread] = max(used, seen.get(thread, 0))
            time.sleep(0.02)

    looker = threading.Thread(target=look)
    looker.start()
    for line in child.stderr:
        now = time.perf_counter()
        with lock:
            for thread, used in threads(child.pid).items():
                seen[thread] = max(used, seen.get(thread, 0))
            used = dict(seen)
        for word in line.split():
            word = word.rstrip(":,")
            if word.startswith("stage/"):
                if word not in stages:
                    used_before[word] = used
                first = stages.get(word, (now,))[0]
                before = used_before[word]
                stages[word] = (first, now, max((used[thread] - before.get(thread, 0) for thread in used), default=0))
                break
    _, status, used = os.wait4(child.pid, 0)
    over = True
    looker.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1, 4):
        sys.exit(f"the run ends with {child.returncode}")
    return ({stage: (end - start, busiest) for stage, (start, end, busiest) in stages.items()}, time.perf_counter() - began,
            used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main():
    shutil.rmtree(PROJECT, ignore_errors=True)
    shutil.copytree(os.path.join(ROOT, "examples", "small-team"), PROJECT)
    with open(os.path.join(PROJECT, "env.toml"), "w", encoding="utf-8") as out:
        out.write(ENVIRONMENT)
    people()
    stages, wall, cpu, peak = {}, 0, 0, 0
    for _ in range(ROUNDS):
        took = run()
        stages |= {stage: times for stage, times in took[0].items() if times[0] > stages.get(stage, (-1,))[0]}
        wall, cpu, peak = wall + took[1], cpu + took[2], max(peak, took[3])
        if VERIFY in stages:
            break
        did()
    else:
        sys.exit(f"{ROUNDS} calls of `run` do not come to {VERIFY}")
    for stage, (took, busiest) in stages.items():
        if took >= 0.2:
            print(f"{stage:32} {took:8.2f} s, busiest thread {busiest:.2f} s of a processor")
    print(f"{'the whole run':32} {wall:8.2f} s, {cpu:.2f} s of processors, peak {peak:.0f} MiB")
    db = sqlite3.connect(os.path.join(PROJECT, "run/journal.sqlite"))
    written = dict(db.execute("SELECT kind, count(*) FROM record WHERE stage = ? AND state = 'done' GROUP BY kind", (STAGE,)))
    said = db.execute("SELECT note FROM stage WHERE id = 'stage/verify/night'").fetchone()
    print(f"written: {written}; verified: {said[0] if said else 'no'}")
    db.close()
    done = subprocess.run([PROBE, os.path.join(PROJECT, "run/journal.sqlite"), os.path.join(PROJECT, "run/desk.sqlite"), SCRATCH, STAGE],
                          capture_output=True, text=True, check=True)
    records, probe, probe_used = (float(word) for word in done.stdout.split())
    (load, used), (verify, verify_used) = stages[STAGE], stages[VERIFY]
    print(f"{'probe':32} {probe:8.2f} s, {probe_used:.2f} s of a processor, for {records:,.0f} records: {records / probe:,.0f} a second")
    print(f"{'load, of the probe':32} {probe / load:8.2f} by the clock, {probe_used / max(used, 0.001):.2f} by the busiest thread")
    print(f"{'verification, of the load':32} {verify / load:8.2f} by the clock, {verify_used / max(used, 0.001):.2f} by the busiest thread")


main()
