#!/usr/bin/env bash
# run.sh [--conversations N] SCRATCH: loads conversations with five threads each into an embedded desk, and compares the speed with bare inserts of the
# same rows. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

usage() { echo "usage: run.sh [--conversations N] SCRATCH" >&2; exit 2; }

conversations=1000000 scratch=''
while (($#)); do
    case $1 in
        --conversations) conversations=${2:?a number}; shift 2 ;;
        -*) usage ;;
        *) [[ -z $scratch ]] || usage; scratch=$1; shift ;;
    esac
done
[[ -n $scratch ]] || usage
mkdir -p "$scratch"
scratch=$(cd "$scratch" && pwd)

program=${CUTOVER_RELEASE_BIN:+$(realpath "$CUTOVER_RELEASE_BIN")}
if [[ -z $program ]]; then
    (cd "$root" && cargo build --release --locked -p cutover-cli)
    program=${CARGO_TARGET_DIR:-$root/target}/release/cutover
fi
(cd "$here/probe" && CARGO_TARGET_DIR=$scratch/probe cargo build --release --quiet)

export_folder=$scratch/export-$conversations
[[ -d $export_folder ]] || { python3 "$here/export.py" "$conversations" "$scratch/export.new" && mv "$scratch/export.new" "$export_folder"; }
echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1), $(getconf _NPROCESSORS_ONLN) processors; load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)"
python3 "$here/measure.py" "$program" "$scratch/probe/release/bulk" "$root" "$export_folder" "$scratch"
