#!/usr/bin/env bash
# run.sh [--records N] [--runs N] SCRATCH: the same mapping by `cutover transform` and by a program written by hand, timed in turn. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

usage() { echo "usage: run.sh [--records N] [--runs N] SCRATCH" >&2; exit 2; }

records=1000000 runs=5 scratch=''
while (($#)); do
    case $1 in
        --records) records=${2:?a number}; shift 2 ;;
        --runs) runs=${2:?a number}; shift 2 ;;
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
(cd "$here/peer" && CARGO_TARGET_DIR=$scratch/peer cargo build --release --quiet)
peer=$scratch/peer/release/by-hand

tickets=$scratch/tickets-$records.jsonl
[[ -f $tickets ]] || python3 "$here/tickets.py" "$records" "$tickets"
"$program" plan "$root/specs/valid/transform-spec/spec.cutover" -o "$scratch/plan" > "$scratch/plan.txt"

ours() { # THREADS
    echo "$program" transform "$scratch/plan" --object ticket --input "$tickets" --output "$scratch/ours.jsonl" --rejects "$scratch/ours.rejects" --threads "$1"
}
theirs() { # THREADS
    echo "$peer" "$tickets" "$scratch/theirs.jsonl" "$scratch/theirs.rejects" "$1"
}
# shellcheck disable=SC2046 # words are meant
python3 "$here/turns.py" "$runs" "$records" \
    "by hand, 1 thread" $(theirs 1) -- "cutover transform, 1 thread" $(ours 1) -- \
    "by hand, 2 threads" $(theirs 2) -- "cutover transform, 2 threads" $(ours 2)
$(theirs 2)
$(ours 2) || [[ $? == 1 ]]
python3 "$here/equal.py" "$scratch/theirs.jsonl" "$scratch/ours.jsonl"
echo "$(wc -l < "$scratch/theirs.rejects") rejected by hand, $(wc -l < "$scratch/ours.rejects") by cutover"
