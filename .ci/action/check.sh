#!/usr/bin/env bash
# Checks one spec for a pull request: annotations in the log, a SARIF file, a summary for the page of the run and for a comment.
#
# In: CUTOVER (the program), SPEC, FORMAT and PLAN (`true` also asks whether layout and committed plan are up to date), RUNNER_TEMP.
# Out: GITHUB_OUTPUT gets `sarif`, `comment` and `status`; GITHUB_STEP_SUMMARY gets the summary. Always ends with 0.
set -uo pipefail

cutover=${CUTOVER:-cutover}
work=${RUNNER_TEMP:-$(mktemp -d)}
sarif=$work/cutover.sarif
comment=$work/cutover-comment.md
status=0
# What is said in a summary is cut there, GitHub's limit being 65,536 characters; the log has all of it.
limit=50000

worse() { if [ "$1" -gt "$status" ]; then status=$1; fi; }

# Text of a spec is text: it begins no tag and ends none. A cut may go through a character, which `iconv` then drops.
quoted() {
    printf '<pre>\n'
    head -c "$limit" | iconv -c -f UTF-8 -t UTF-8 | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/@/\&#64;/g'
    printf '</pre>\n'
}

"$cutover" check "$SPEC" --format github
found=$?
worse "$found"
"$cutover" check "$SPEC" --format sarif >"$sarif" || worse $?
"$cutover" check "$SPEC" --format short --color never >"$work/findings.txt" || true

case $found in
0) verdict="No errors" ;;
1) verdict="Errors" ;;
*) verdict="The check could not be done" ;;
esac

{
    printf '<!-- cutover: %s -->\n' "${SPEC//[^A-Za-z0-9._\/-]/_}"
    printf '### cutover: %s\n\n' "$verdict"
    if [ -s "$work/findings.txt" ]; then quoted <"$work/findings.txt"; fi
} >"$comment"

if [ "${FORMAT:-true}" = true ]; then
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
    if [ -e "$folder/plan/plan.json" ]; then
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

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$comment" >>"$GITHUB_STEP_SUMMARY"; fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'sarif=%s\ncomment=%s\nstatus=%s\n' "$sarif" "$comment" "$status" >>"$GITHUB_OUTPUT"
fi
# Later steps still upload and comment; the last one ends the job with `status`.
exit 0
