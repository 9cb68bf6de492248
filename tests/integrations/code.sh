#!/usr/bin/env bash
# Builds and packages the extension for VS Code as its README says, in a copy. Needs Node with npm, and the registry.
set -euo pipefail
top=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$top/crates/lsp/editors/code" "$work/code"
cd "$work/code"
rm -rf node_modules dist ./*.vsix
npm ci --no-audit --no-fund >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
npm run package >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
python3 - ./*.vsix <<'END'
import json, sys, zipfile
names = (package := zipfile.ZipFile(sys.argv[1])).namelist()
manifest = json.loads(package.read("extension/package.json"))
wanted = {manifest["main"]}
for part in ("grammars", "snippets", "languages"):
    wanted |= {one[key] for one in manifest["contributes"].get(part, []) for key in ("path", "configuration") if key in one}
missing = [path for path in wanted if "extension/" + path.removeprefix("./") not in names]
assert not missing, (missing, names)
END
echo "the extension for VS Code is packaged"
