#!/usr/bin/env python3
"""time.py RUNS NAME FOLDER COMMAND... [-- NAME FOLDER COMMAND...]*: times whole processes, started cold and in turn (A B A B).

Prints, for each command, the median wall time, the median processor time and the largest peak of memory, as tab-separated lines.
"""
import os
import statistics
import subprocess
import sys
import time


def commands(words):
    found, now = [], []
    for word in [*words, "--"]:
        if word == "--":
            found.append((now[0], now[1], now[2:]))
            now = []
        else:
            now.append(word)
    return found


def once(folder, command):
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} in {folder} ends with {child.returncode}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    runs, todo = int(sys.argv[1]), commands(sys.argv[2:])
    for _, folder, command in todo:
        once(folder, command)  # the files are in the page cache for everybody
    figures = {name: [] for name, _, _ in todo}
    for _ in range(runs):
        for name, folder, command in todo:
            figures[name].append(once(folder, command))
    for name, runs_of in figures.items():
        wall, cpu, peak = zip(*runs_of)
        print(f"{name}\t{statistics.median(wall) * 1000:.1f}\t{statistics.median(cpu) * 1000:.1f}\t{max(peak):.0f}")


main()
