#!/usr/bin/env bash
# Checks one spec for a pull request: annotations in the log, a SARIF file, a summary for the page of the run and for a comment, and what the
# branch changes about the migration for a second comment.
#
# In: CUTOVER (the program), SPEC, FORMAT and PLAN (`true` also asks whether layout and committed plan are up to date), RUNNER_TEMP;
#     AS_OF (the day on which `allow ... until` is judged; `today`, or nothing for that of the inventory), SINCE (a revision: only what differs
#     from it), BASE (the revision that the branch is compared with in meaning; nothing compares nothing).
# Out: GITHUB_OUTPUT gets `sarif`, `comment`, `diff` (no file where nothing changed) and `status`; GITHUB_STEP_SUMMARY gets both texts.
#     Always ends with 0.
set -uo pipefail

cutover=${CUTOVER:-cutover}
work=${RUNNER_TEMP:-$(mktemp -d)}
sarif=$work/cutover.sarif
comment=$work/cutover-comment.md
status=0
# What is said in a summary is cut there, GitHub's limit being 65,536 characters; the log has all of it.
limit=50000
diff=$work/cutover-diff.md
rm -f "$diff"
how=()
if [ "${AS_OF:-today}" = today ]; then how+=(--as-of "$(date -u +%F)"); elif [ "$AS_OF" != inventory ]; then how+=(--as-of "$AS_OF"); fi
if [ -n "${SINCE:-}" ]; then how+=(--since "$SINCE"); fi

worse() { if [ "$1" -gt "$status" ]; then status=$1; fi; }

# Text of a spec is text: it begins no tag and ends none. What does not fit is cut between lines, and counted.
quoted() {
    printf '<pre>\n'
    iconv -c -f UTF-8 -t UTF-8 | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/@/\&#64;/g' |
        LC_ALL=C awk -v limit="$limit" '{ bytes += length($0) + 1; if (bytes > limit) left++; else print }
            END { if (left) printf "... and %d more lines, which the log has\n", left }'
    printf '</pre>\n'
}

# Whether a committed plan is below: beside the spec, or, of a folder with several specs, beside any of them.
planned() {
    if [ -e "$1/plan/plan.json" ]; then return 0; fi
    [ -d "$SPEC" ] || return 1
    local specs=("$1"/*.cutover)
    if [ "${#specs[@]}" -eq 1 ] && [ -e "${specs[0]}" ]; then return 1; fi
    [ -n "$(find "$1" -path '*/plan/plan.json' -print -quit)" ]
}

"$cutover" check "$SPEC" --format github "${how[@]}"
found=$?
worse "$found"
"$cutover" check "$SPEC" --format sarif "${how[@]}" >"$sarif" || worse $?
"$cutover" check "$SPEC" --format short --color never "${how[@]}" >"$work/findings.txt" || true
spec=${SPEC//[^A-Za-z0-9._\/-]/_}

# What could not be checked has no results: nothing is uploaded.
if [ ! -s "$sarif" ]; then sarif=; fi

case $found in
0) verdict="No errors" ;;
1) verdict="Errors" ;;
*) verdict="The check could not be done" ;;
esac

{
    printf '<!-- cutover: %s -->\n' "$spec"
    printf '### cutover: %s\n\n' "$verdict"
    if [ ! -e "$SPEC" ]; then
        printf 'There is no <code>%s</code> here: the input <code>spec</code> names a spec, or a folder that holds some.\n' "$spec"
    elif [ -s "$work/findings.txt" ]; then
        quoted <"$work/findings.txt"
    fi
} >"$comment"

if [ "${FORMAT:-true}" = true ] && [ -e "$SPEC" ]; then
    folder=$SPEC
    [ -d "$SPEC" ] || folder=$(dirname "$SPEC")
    "$cutover" fmt --diff "$folder" >"$work/layout.txt"
    layout=$?
    worse "$layout"
    if [ "$layout" -ne 0 ]; then
        {
            printf '\n<details><summary>Not laid out as <code>cutover fmt</code> does</summary>\n\n'
            limit=5000 quoted <"$work/layout.txt"
            printf '\n</details>\n'
        } >>"$comment"
    fi
fi

# Without a committed plan there is nothing to compare, and with errors there is no plan.
if [ "${PLAN:-true}" = true ] && [ "$found" -eq 0 ]; then
    folder=$SPEC
    [ -d "$SPEC" ] || folder=$(dirname "$SPEC")
    if planned "$folder"; then
        "$cutover" plan "$SPEC" --check >"$work/plan.txt" 2>&1
        stale=$?
        worse "$stale"
        if [ "$stale" -ne 0 ]; then
            {
                printf '\n<details><summary>The committed plan is not that of the spec</summary>\n\n'
                limit=5000 quoted <"$work/plan.txt"
                printf '\n</details>\n'
            } >>"$comment"
        fi
    fi
fi

# What the branch changes in meaning. A shallow checkout has no base: it is fetched, and if that fails, nothing is compared, and that is said.
if [ -n "${BASE:-}" ] && [ -e "$SPEC" ]; then
    git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --depth=1 origin "$BASE" 2>/dev/null || true
    "$cutover" diff --rev "$BASE" . "$SPEC" --format markdown >"$work/changed.md" 2>"$work/changed.txt"
    case $? in
    # Each input of the action has a comment of its own.
    0 | 3) { printf '<!-- cutover:diff %s -->\n' "$spec"; tail -n +2 "$work/changed.md"; } >"$diff" ;;
    *)
        {
            printf '\n<details><summary>What the branch changes could not be compared</summary>\n\n'
            limit=2000 quoted <"$work/changed.txt"
            printf '\n</details>\n'
        } >>"$comment"
        ;;
    esac
fi

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$comment" >>"$GITHUB_STEP_SUMMARY"
    if [ -e "$diff" ]; then cat "$diff" >>"$GITHUB_STEP_SUMMARY"; fi
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    if [ ! -e "$diff" ]; then diff=; fi
    printf 'sarif=%s\ncomment=%s\ndiff=%s\nstatus=%s\n' "$sarif" "$comment" "$diff" "$status" >>"$GITHUB_OUTPUT"
fi
# Later steps still upload and comment; the last one ends the job with `status`.
exit 0
