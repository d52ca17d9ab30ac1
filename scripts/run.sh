#!/usr/bin/env bash
# `make run`: builds for release, prepares the database and serves (first time up to 15 min, then within 10 s).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh
. scripts/address.sh

# Before the minutes that setting up and compiling take.
check_port run
scripts/setup.sh
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"
# Side by side: each of them has minutes in which it keeps one processor only.
node scripts/build-site.mjs &
site=$!
trap 'kill "$site" 2>/dev/null' EXIT
mothball=$(scripts/build-server.sh release)
wait "$site" || fail "The browser part could not be built; the reason is above."
trap - EXIT
scripts/demo.sh "$mothball"

# The server never holds the owner's credentials.
env -u MIGRATE_DATABASE_URL LEPTOS_SITE_ROOT="${LEPTOS_SITE_ROOT:-target/site}" "$mothball" serve &
server=$!
trap 'kill -TERM $server 2>/dev/null' INT TERM
node scripts/wait-until-up.mjs "http://$LEPTOS_SITE_ADDR/healthz" "$server" ||
    { kill "$server" 2>/dev/null || true; fail "The server did not start; the reason is above."; }
show_sign_in
say "Serving; Ctrl-C stops the server. The database keeps running (scripts/postgres.sh stop)."
status=0
wait "$server" || status=$?
# A signal ends the first wait before the server is done.
wait "$server" 2>/dev/null || true
[ "$status" -le 128 ] || status=0
exit "$status"
