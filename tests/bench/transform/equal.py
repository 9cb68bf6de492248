#!/usr/bin/env python3
"""equal.py FILE OTHER...: whether files of JSON Lines hold the same records, whatever the order of their keys; says where the order of the records differs."""
import hashlib
import json
import os
import sys

# The same words, whatever the order of keys.
write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def read(path):
    """Count, a digest of the records whatever their order, and one in their order."""
    count, bag, chain = 0, 0, hashlib.blake2b()
    with open(path, "rb") as lines:
        for count, line in enumerate(lines, 1):
            digest = hashlib.blake2b(write(json.loads(line)).encode(), digest_size=16).digest()
            bag = (bag + int.from_bytes(digest, "big")) % (1 << 128)
            chain.update(digest)
    return count, bag, chain.digest()


first = read(sys.argv[1])
for path in sys.argv[2:]:
    other = read(path)
    if other[:2] != first[:2]:
        sys.exit(f"{path} differs: {other[0]:,} records, and {first[0]:,} in {sys.argv[1]}")
    print(f"{os.path.basename(path)}: {other[0]:,} records, all equal{'' if other == first else ', in another order'}")
