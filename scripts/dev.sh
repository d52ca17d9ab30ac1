#!/usr/bin/env bash
# `make dev`: serves a development build and reloads it when a file changes (first time about 10 min).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh
. scripts/address.sh

check_port dev
# Beside the address, so that two clones can be worked on at once.
port=${LEPTOS_SITE_ADDR##*:}
export LEPTOS_RELOAD_PORT="${LEPTOS_RELOAD_PORT:-$((port < 65535 ? port + 1 : port - 1))}"
if command -v node >/dev/null && ! node scripts/free-port.mjs "$LEPTOS_RELOAD_PORT" >/dev/null; then
    fail "Port $LEPTOS_RELOAD_PORT, over which pages are told to reload, is taken: set LEPTOS_RELOAD_PORT to a free one."
fi
scripts/setup.sh
# The newest that builds with the pinned toolchain; without its own downloads it takes the tools on PATH.
scripts/cargo-tool.sh cargo-leptos 0.3.7 cargo-leptos "about 7 min" --features no_downloads
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"
# Names without hashes: a rebuilt part must not leave the one before it beside it.
export LEPTOS_HASH_FILES=false
# By the same tool as below: it compiles with flags of its own, so a server built otherwise would be built twice.
say "Compiling the development build (first time about 8 min)"
if ! cargo leptos build; then
    if [ -d target ]; then need_space 200 target "compiling"; fi
    fail "The development build does not compile; what the compiler said is above."
fi
scripts/demo.sh target/debug/mothball
show_sign_in
exec env -u MIGRATE_DATABASE_URL cargo leptos watch -- serve
