#!/usr/bin/env bash
# Licences, sources, bans and known vulnerabilities of the dependencies (first time 2 min more for cargo-deny).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

scripts/cargo-tool.sh cargo-deny 0.20.2 cargo-deny "about 2 min"
say "Checking licences, bans and sources (about 5 s)"
# Without the trees, which are a thousand lines: cargo tree --invert shows one.
cargo deny --all-features check --hide-inclusion-graph licenses bans sources || fail "A dependency breaks a rule of deny.toml; which one is said above."
say "Asking for known vulnerabilities (about 10 s)"
status=0
found=$(cargo deny --all-features check advisories 2>&1) || status=$?
if [ "$status" != 0 ] && grep -q 'failed to fetch advisory database' <<<"$found"; then
    fail "The rest is in order, but the advisory database cannot be reached, so vulnerabilities were not looked for: check the network or proxy and run the same command again."
fi
printf '%s\n' "$found"
[ "$status" = 0 ] || fail "Advisories were found; they are above: update what they name."
