#!/usr/bin/env bash
# Real API clients (SDKs from PyPI) against a server of its own (about 1 min; first time 1 min more).
# Arguments go to pytest: scripts/clients.sh -k archive
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

requirements=end2end/clients/requirements.txt
[ -f "$requirements" ] || fail "$requirements is missing: there are no API clients to test with."
command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer with its venv module."

venv=.data/venv
stamp="$venv/.mothball-installed"
wanted=$(cat "$requirements" <(python3 --version) | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    need_space 500 . "the API clients"
    say "Installing the API clients of $requirements (about 1 min)"
    rm -rf "$venv"
    quietly "Making a Python environment" python3 -m venv "$venv"
    quietly "pip install" "$venv/bin/pip" install --disable-pip-version-check --requirement "$requirements"
    echo "$wanted" >"$stamp"
fi
scripts/with-server.sh "$venv/bin/python" -m pytest end2end/clients "$@"
