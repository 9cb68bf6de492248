#!/usr/bin/env bash
# A real client of others, pytest-lsp, opens, edits and asks about an example. Needs Python with `venv`, and PyPI.
# In: the program as the first argument.
set -euo pipefail
program=$(realpath "$1")
top=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pytest-lsp==1.*
cp -r "$top/examples/acme" "$work/acme"
cp "$top/tests/integrations/test_editor.py" "$work"
cd "$work"
CUTOVER=$program ACME=$work/acme "$work/venv/bin/python" -m pytest -q -p no:cacheprovider -o asyncio_mode=auto -o asyncio_default_fixture_loop_scope=function test_editor.py
echo "pytest-lsp is content"
