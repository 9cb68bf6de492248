#!/usr/bin/env bash
# Puts the summary under a pull request; the comment of an earlier run is changed in place, found by the marker in its first line.
#
# In: COMMENT (the file), PULL_REQUEST (its number), GITHUB_REPOSITORY, GH_TOKEN. Needs `gh`.
set -euo pipefail

IFS= read -r marker <"$COMMENT"
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
MARKER=$marker
export MARKER
known=$(gh api --paginate "$comments" --jq '.[] | select(.body | startswith(env.MARKER)) | .id')
known=${known%%$'\n'*}
if [ -n "$known" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known" -F "body=@$COMMENT" --silent
else
    gh api --method POST "$comments" -F "body=@$COMMENT" --silent
fi
