#!/usr/bin/env bash
# run.sh [--records N] [--runs N] [--others] SCRATCH: the same mapping by `cutover transform`, by a program written by hand and by others' tools, timed
# in turn. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='run.sh [--records N] [--runs N] [--others] SCRATCH'
records=1000000 runs=5
# shellcheck source=../options.sh
. "$here/../options.sh"
options "$@"

program=$(released)
others=$here/others
export PYTHONDONTWRITEBYTECODE=1
if given others; then
    [[ -x $scratch/venv/bin/python ]] || { python3 -m venv "$scratch/venv"; "$scratch/venv/bin/pip" -q install duckdb==2.0.0 orjson==3.13.0; }
    (cd "$here/peer" && CARGO_TARGET_DIR=$scratch/peer cargo build --release --quiet --features vrl)
else
    (cd "$here/peer" && CARGO_TARGET_DIR=$scratch/peer cargo build --release --quiet)
fi
peer=$scratch/peer/release

tickets=$scratch/tickets-$records.jsonl
[[ -f $tickets ]] || { python3 "$here/tickets.py" "$records" "$scratch/tickets.new" && mv "$scratch/tickets.new" "$tickets"; }
"$program" plan "$root/specs/valid/transform-spec/spec.cutover" -o "$scratch/plan" > "$scratch/plan.txt"
machine

# Words of a command: NAME THREADS.
by() {
    local files="$tickets $scratch/$1.jsonl $scratch/$1.rejects"
    case $1 in
        ours) echo "$program transform $scratch/plan --object ticket --input $tickets --output $scratch/ours.jsonl --rejects $scratch/ours.rejects --replace --threads $2" ;;
        hand) echo "$peer/by-hand $files $2" ;;
        vrl) echo "$peer/by-vrl $others/map.vrl $files $2" ;;
        duckdb | orjson) echo "$scratch/venv/bin/python $others/by_$1.py $files $2" ;;
        jq) echo "jq -nc -f $others/map.jq $few" ;;
    esac
}

# shellcheck disable=SC2207,SC2206,SC2046 # words are meant
turns=(python3 "$here/turns.py" "$runs" "$records" "by hand, 1 thread" $(by hand 1) -- "cutover transform, 1 thread" $(by ours 1)
    -- "by hand, 2 threads" $(by hand 2) -- "cutover transform, 2 threads" $(by ours 2))
equal=("$scratch/ours.jsonl" "$scratch/hand.jsonl")
if given others; then
    for other in duckdb vrl orjson; do
        turns+=(-- "$other, 1 thread" $(by "$other" 1) -- "$other, 2 threads" $(by "$other" 2))
        equal+=("$scratch/$other.jsonl")
    done
    if command -v jq > /dev/null; then
        # Slow, and its speed does not change with the length of the file: it reads the first twentieth.
        few=$scratch/few.jsonl
        head -n $((records / 20)) "$tickets" > "$few"
        turns+=(-- "jq, 1 thread" "records=$((records / 20))" $(by jq 1))
    fi
fi
"${turns[@]}"

# The files hold what the last runs wrote, with two threads. The order of DuckDB is its own.
python3 "$here/equal.py" "${equal[@]}"
for one in "${equal[@]}"; do
    echo "$(wc -l < "${one%.jsonl}.rejects") rejected: $(basename "${one%.jsonl}")"
done
if [[ -n ${few:-} ]]; then
    $(by jq 1) | grep -v '"reason":' > "$scratch/jq.jsonl"
    head -n "$(wc -l < "$scratch/jq.jsonl")" "$scratch/hand.jsonl" > "$scratch/first.jsonl"
    python3 "$here/equal.py" "$scratch/first.jsonl" "$scratch/jq.jsonl"
fi
