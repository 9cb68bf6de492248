# shellcheck shell=bash
# What the benches read alike: their options, the scratch folder, and the program. Sourced, not run; the caller has set `here`, `usage` and, for each option that
# takes a number, a variable of its name.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch='' flags=' '

wrong() { echo "usage: $usage" >&2; exit 2; }

# Reads the command line: an option in brackets in the usage is known; one with an N takes a number.
options() {
    local name
    while (($#)); do
        case $1 in
            --*)
                name=${1#--}
                if [[ $usage == *"[--$name N]"* ]]; then
                    [[ ${2:-} =~ ^[0-9]+$ ]] || wrong
                    printf -v "$name" %s "$2"
                    shift
                elif [[ $usage == *"[--$name]"* ]]; then
                    flags+="$name "
                else
                    wrong
                fi
                ;;
            -*) wrong ;;
            *) [[ -z $scratch ]] || wrong; scratch=$1 ;;
        esac
        shift
    done
    [[ -n $scratch ]] || wrong
    mkdir -p "$scratch"
    scratch=$(cd "$scratch" && pwd)
}

# Whether an option without a number was given.
given() { [[ $flags == *" $1 "* ]]; }

# The program that is measured: the one that CUTOVER_RELEASE_BIN names, or a release build.
released() {
    if [[ -n ${CUTOVER_RELEASE_BIN:-} ]]; then
        realpath "$CUTOVER_RELEASE_BIN"
    else
        (cd "$root" && cargo build --release --locked -p cutover-cli)
        echo "${CARGO_TARGET_DIR:-$root/target}/release/cutover"
    fi
}

# The machine, and how busy it is.
machine() {
    echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1), $(getconf _NPROCESSORS_ONLN) processors; load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)"
}
