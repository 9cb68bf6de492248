#!/usr/bin/env python3
"""equal.py A B: whether two files of JSON Lines hold the same records in the same order, whatever the order of their keys."""
import itertools
import json
import sys

count = 0
with open(sys.argv[1], "rb") as a, open(sys.argv[2], "rb") as b:
    for count, (left, right) in enumerate(itertools.zip_longest(a, b), 1):
        if left is None or right is None or json.loads(left) != json.loads(right):
            sys.exit(f"line {count} differs:\n{left}\n{right}")
print(f"{count:,} records, all equal")
