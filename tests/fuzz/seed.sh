#!/usr/bin/env bash
# Copies the repository's own inputs into the corpora of the fuzz targets.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy() {
    local target=$1 pattern=$2 file
    shift 2
    mkdir -p "tests/fuzz/corpus/$target"
    find "$@" -name "$pattern" -type f -size -64k | while read -r file; do
        cp "$file" "tests/fuzz/corpus/$target/$(cksum <"$file" | tr ' ' -)"
    done
}

copy parser '*.cutover' specs examples
copy compile '*.cutover' specs examples
copy catalog '*.yaml' crates/catalog
copy inventory '*.yaml' specs examples
copy records '*.jsonl' examples specs
copy plan 'plan.json' examples specs
copy sign_offs 'plan.map.json' examples specs
copy settings '*.toml' examples specs
copy environment 'night.toml' examples
copy singer '*.jsonl' crates/connect
