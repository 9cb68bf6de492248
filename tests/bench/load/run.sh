#!/usr/bin/env bash
# run.sh [--conversations N] SCRATCH: loads conversations with five threads each into an embedded desk, and compares the speed with bare inserts of the
# same rows. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='run.sh [--conversations N] SCRATCH'
conversations=1000000
# shellcheck source=../options.sh
. "$here/../options.sh"
options "$@"

program=$(released)
(cd "$here/probe" && CARGO_TARGET_DIR=$scratch/probe cargo build --release --quiet)

export_folder=$scratch/export-$conversations
[[ -d $export_folder ]] || { python3 "$here/export.py" "$conversations" "$scratch/export.new" && mv "$scratch/export.new" "$export_folder"; }
machine
python3 "$here/measure.py" "$program" "$scratch/probe/release/bulk" "$root" "$export_folder" "$scratch"
