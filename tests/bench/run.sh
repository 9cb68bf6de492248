#!/usr/bin/env bash
# run.sh [--peers FOLDER] [--runs N] SCRATCH: writes the specs into SCRATCH and times `check` and `plan` of S, M and L.
# With --peers, FOLDER/bin/nickel and FOLDER/bin/cedar are timed beside them, where they are there. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

usage() { echo "usage: run.sh [--peers FOLDER] [--runs N] SCRATCH" >&2; exit 2; }

peers='' runs=11 scratch=''
while (($#)); do
    case $1 in
        --peers) peers=${2:?a folder}; shift 2 ;;
        --runs) runs=${2:?a number}; shift 2 ;;
        -*) usage ;;
        *) [[ -z $scratch ]] || usage; scratch=$1; shift ;;
    esac
done
[[ -n $scratch ]] || usage
mkdir -p "$scratch"
scratch=$(cd "$scratch" && pwd)
[[ -z $peers ]] || peers=$(cd "$peers" && pwd)

program=${CUTOVER_RELEASE_BIN:+$(realpath "$CUTOVER_RELEASE_BIN")}
if [[ -z $program ]]; then
    (cd "$root" && cargo build --release --locked -p cutover-cli)
    program=${CARGO_TARGET_DIR:-$root/target}/release/cutover
fi
python3 "$here/gen_spec.py" "$scratch"
python3 "$here/gen_repository.py" "$scratch/repository"
[[ -z $peers ]] || python3 "$here/peers.py" "$scratch"

list=()
add() { # NAME FOLDER COMMAND...
    ((${#list[@]} == 0)) || list+=(--)
    list+=("$@")
}
for size in S M L; do
    add "cutover check $size" "$scratch/$size" "$program" check bench.cutover
    add "cutover plan $size" "$scratch/$size" "$program" plan bench.cutover -o "$scratch/$size/plan"
    if [[ -x $peers/bin/nickel ]]; then
        add "nickel typecheck $size" "$scratch/$size" "$peers/bin/nickel" typecheck peer.ncl
        add "nickel export $size" "$scratch/$size" "$peers/bin/nickel" export peer.ncl -o /dev/null
    fi
    if [[ -x $peers/bin/cedar ]]; then
        add "cedar check-parse $size" "$scratch/$size" "$peers/bin/cedar" check-parse --policies peer.cedar
        add "cedar validate $size" "$scratch/$size" "$peers/bin/cedar" validate --schema peer.cedarschema --policies peer.cedar
    fi
done
add "cutover check 1000" "$scratch/repository" "$program" check .

model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
echo "machine: ${model:-$(uname -m)}, $(getconf _NPROCESSORS_ONLN) processors, $(uname -sr); load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)"
echo "median of $runs runs, cold processes in turn, files in the page cache"
figures=$(python3 "$here/time.py" "$runs" "${list[@]}")
awk -F '\t' '
    BEGIN { printf "%-22s %10s %10s %10s\n", "command", "wall ms", "cpu ms", "peak MiB" }
    { printf "%-22s %10s %10s %10s\n", $1, $2, $3, $4; wall[$1] = $2 }
    function ratio(slow, fast) {
        if (wall[slow] && wall[fast]) printf "%-22s %5.1f times as long as %s\n", slow, wall[slow] / wall[fast], fast
    }
    function growth(verb) {
        # The start of the process, which S shows, is taken off; L has ten times the maps of M.
        printf "%s grows with n^%.2f from M to L\n", verb, log((wall[verb " L"] - wall[verb " S"]) / (wall[verb " M"] - wall[verb " S"])) / log(10)
    }
    END {
        growth("cutover check"); growth("cutover plan")
        ratio("nickel typecheck L", "cutover check L"); ratio("cedar check-parse L", "cutover check L")
        ratio("cedar validate L", "cutover check L"); ratio("nickel export L", "cutover plan L")
    }' <<<"$figures"
