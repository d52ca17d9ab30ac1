#!/usr/bin/env bash
# Licences, sources, bans and known vulnerabilities of the dependencies (first time 2 min more for cargo-deny).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

scripts/cargo-tool.sh cargo-deny 0.20.2 cargo-deny "about 2 min"
cargo deny --all-features check licenses bans sources
say "Asking for known vulnerabilities (about 10 s)"
if ! cargo deny --all-features check advisories; then
    fail "Advisories were found, or the advisory database cannot be reached; which of the two is said above."
fi
