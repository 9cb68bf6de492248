#!/usr/bin/env python3
"""Runs a program without its output, says what it took, and fails when it used more than so many MiB: `limited.py MIB PROGRAM ARGUMENTS`."""
import resource
import subprocess
import sys

limit, *command = sys.argv[1:]
subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{' '.join(command[1:])}: {used.ru_utime + used.ru_stime:.1f} s of processor time, {used.ru_maxrss / 1024:.1f} MiB")
sys.exit(used.ru_maxrss > int(limit) * 1024)
