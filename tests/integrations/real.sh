#!/usr/bin/env bash
# Real readers of what the program writes, and the real pre-commit with our hooks, in a scratch repository. Needs Python with `venv`, and PyPI.
# In: the program as the first argument.
set -euo pipefail
program=$(realpath "$1")
top=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pre-commit==4.* junitparser==5.* jsonschema==4.* diff-cover==11.*
mkdir "$work/bin"
ln -s "$program" "$work/bin/cutover"
export PATH="$work/bin:$work/venv/bin:$PATH" PRE_COMMIT_HOME="$work/cache"
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org

fail() {
    echo "$1" >&2
    exit 1
}

# The hooks, from a repository that holds nothing else.
git init -q "$work/hooks"
cp "$top/.pre-commit-hooks.yaml" "$work/hooks"
git -C "$work/hooks" add -A
git -C "$work/hooks" commit -qm hooks
git init -q "$work/team"
cp -r "$top/examples/small-team" "$work/team/migration"
cd "$work/team"
cat >.pre-commit-config.yaml <<END
repos:
  - repo: $work/hooks
    rev: $(git -C "$work/hooks" rev-parse HEAD)
    hooks: [{ id: cutover-fmt }, { id: cutover-check, args: [migration] }]
END
git add -A
pre-commit run || fail "the hooks refuse an example"
git commit -qm start
sed -i 's/  role decision_maker/ role decision_maker/' migration/pots.cutover
git add -A
if pre-commit run; then fail "a line that is not laid out passes"; fi
git diff --quiet && fail "the hook laid nothing out"
git add -A
pre-commit run || fail "what the hook laid out does not pass"
sed -i 's/owner tom/owner nobody/' migration/pots.cutover
git add -A
if pre-commit run cutover-check; then fail "a mistake passes"; fi

# Reports, read by others' readers.
cd "$work/team"
for format in sarif rdjson gitlab junit checkstyle; do
    cutover check migration --format "$format" >"$work/$format" || true
done
python3 - "$work" "$top/tests/schemas" <<'END'
import json, sys, xml.etree.ElementTree
import jsonschema, junitparser
work, schemas = sys.argv[1:]
for name, schema in [("sarif", "sarif-2.1.0"), ("rdjson", "rdjson")]:
    jsonschema.validate(json.load(open(f"{work}/{name}")), json.load(open(f"{schemas}/{schema}.schema.json")))
suites = junitparser.JUnitXml.fromfile(f"{work}/junit")
errors = xml.etree.ElementTree.parse(f"{work}/checkstyle").getroot().findall("file/error")
issues = json.load(open(f"{work}/gitlab"))
assert suites.failures == suites.tests == len(errors) == len(issues) > 0, (suites.failures, suites.tests, len(errors), len(issues))
assert len({issue["fingerprint"] for issue in issues}) == len(issues)

# Checkstyle's report as diff-quality reads it: the same places, and nothing of a message lost.
from diff_cover.violationsreporters.java_violations_reporter import CheckstyleXmlDriver
read = CheckstyleXmlDriver().parse_reports([open(f"{work}/checkstyle").read()])
read = sorted((path, found.line, found.message.split("\n")[0]) for path, all in read.items() for found in all)
wanted = sorted((issue["location"]["path"], issue["location"]["lines"]["begin"], f"error: {issue['description']}") for issue in issues)
assert read == wanted, (read, wanted)
END

# GitLab's report against the published types of Code Climate's issues, of which it is a part.
if command -v npm >/dev/null; then
    mkdir "$work/types"
    cd "$work/types"
    npm install --silent --no-audit --no-fund --prefix . codeclimate-types@0.3.1 typescript@5 >/dev/null
    typed() {
        {
            cat <<'END'
import type { Issue, Location } from "codeclimate-types";
// What GitLab reads of an issue; it asks for no `type` and no `categories`.
type Read = Pick<Issue, "description" | "check_name"> & Required<Pick<Issue, "severity" | "fingerprint">> & { location: Location };
END
            echo "export const issues: Read[] = $(cat "$1");"
        } >report.ts
        node_modules/.bin/tsc --noEmit --strict report.ts
    }
    typed "$work/gitlab" || fail "an issue is none of Code Climate's"
    # The compiler sees a mistake.
    sed 's/"severity": "major"/"severity": "grave"/' "$work/gitlab" >"$work/wrong.gitlab"
    if typed "$work/wrong.gitlab" >/dev/null; then fail "the types look at nothing"; fi
    cd "$work/team"
fi

# SARIF, read by Microsoft's validator with the rules that GitHub's code scanning asks for. Where somebody said where the pages are, nothing is
# missed; without that, only the address.
if command -v npm >/dev/null; then
    CUTOVER_DOCS_URL=https://git.example.org/tools/cutover/blob/main/docs cutover check migration --format sarif >"$work/linked.sarif" || true
    cp "$work/sarif" "$work/plain.sarif"
    mkdir "$work/multitool"
    npm install --silent --no-audit --no-fund --prefix "$work/multitool" @microsoft/sarif-multitool-linux@5.7.0 >/dev/null
    validate() {
        DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$work/multitool/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" \
            validate "$1" --rule-kind "Sarif;Ghas" 2>&1 | grep -E ': (error|warning) ' || true
    }
    told=$(validate "$work/linked.sarif")
    [ -z "$told" ] || fail "$told"
    told=$(validate "$work/plain.sarif" | grep -v 'SARIF2005' || true)
    [ -z "$told" ] || fail "$told"
    # The validator sees a mistake.
    sed 's/"fullDescription"/"fullDescriptions"/' "$work/linked.sarif" >"$work/wrong.sarif"
    [ -n "$(validate "$work/wrong.sarif")" ] || fail "the validator looks at nothing"
fi

# Annotations are commands as GitHub's own library writes them: each is taken apart, written again by that library, and has to be the same.
if command -v npm >/dev/null; then
    cutover check migration --format github >"$work/github" || true
    mkdir "$work/core"
    cd "$work/core"
    npm install --silent --no-audit --no-fund --prefix . @actions/core@1 >/dev/null
    node - "$work/github" <<'END'
const core = require("@actions/core"), fs = require("fs"), assert = require("assert");
const plain = text => text.replace(/%0D/g, "\r").replace(/%0A/g, "\n").replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%25/g, "%");
const parts = line => {
  const [, level, properties, message] = /^::(\w+) (.*?)::(.*)$/.exec(line);
  return { level, properties: properties.split(",").sort(), message };
};
const lines = fs.readFileSync(process.argv[2], "utf8").split("\n").filter(line => line.startsWith("::"));
assert(lines.length > 0);
for (const line of lines) {
  const { level, properties, message } = parts(line);
  const said = Object.fromEntries(properties.map(one => [one.slice(0, one.indexOf("=")), plain(one.slice(one.indexOf("=") + 1))]));
  const write = process.stdout.write;
  let again = "";
  process.stdout.write = text => { again += text; return true; };
  core[level](plain(message), { title: said.title, file: said.file, startLine: said.line, endLine: said.endLine, startColumn: said.col, endColumn: said.endColumn });
  process.stdout.write = write;
  assert.deepStrictEqual(parts(again.trimEnd()), { level, properties, message });
}
END
fi
echo "hooks and readers: as expected"
