#!/usr/bin/env python3
"""turns.py RUNS RECORDS NAME COMMAND... [-- NAME COMMAND...]*: times whole processes in turn (A B A B).

Prints medians of wall and processor time, records a second, the largest peak of memory, and the speed against the first command: the median of
the ratios within each round, which a machine that is busy with other things disturbs least. A command may begin with `records=N` when it reads
another number of records.
"""
import os
import statistics
import subprocess
import sys
import time


def once(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    # 1 says that there are rejected records, and there are.
    if child.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ends with {child.returncode}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    runs, records = int(sys.argv[1]), int(sys.argv[2])
    todo, now = [], []
    for word in [*sys.argv[3:], "--"]:
        if word == "--":
            count = records
            if now[1].startswith("records="):
                count = int(now.pop(1).removeprefix("records="))
            todo.append((now[0], count, now[1:]))
            now = []
        else:
            now.append(word)
    for _, _, command in todo:
        once(command)
    rounds = [[once(command) for _, _, command in todo] for _ in range(runs)]
    print(f"{'':28} {'wall s':>7} {'cpu s':>7} {'records/s':>10} {'MiB':>5} {'wall, of first':>15} {'cpu, of first':>14}")
    for at, (name, count, _) in enumerate(todo):
        wall, cpu, peak = zip(*(measured[at] for measured in rounds))
        of = [statistics.median(measured[0][i] / measured[at][i] * count / records for measured in rounds) for i in (0, 1)]
        middle = statistics.median(wall)
        print(f"{name:28} {middle:7.2f} {statistics.median(cpu):7.2f} {count / middle:10,.0f} {max(peak):5.0f} {of[0]:15.2f} {of[1]:14.2f}")


main()
