#!/usr/bin/env bash
# Runs a command against a server of its own: fresh database, a few customers, an account and a key per role
# (about 10 s when built). Stops the server in any case; a database is kept only when the command failed.
#   with-server.sh COMMAND…
# The command finds MOTHBALL_URL, MOTHBALL_PASSWORD (viewer@, operator@, admin@example.com), MOTHBALL_API_KEY (operator),
# MOTHBALL_VIEWER_API_KEY, MOTHBALL_ADMIN_API_KEY, MOTHBALL_SERVER_PID, MOTHBALL_BINARY, DATABASE_URL, MIGRATE_DATABASE_URL.
# MOTHBALL_SEED_CUSTOMERS (300) and MOTHBALL_BUILD (dev or release) choose another size and build. The database is in a
# private cluster for tests, or beside DATABASE_URL.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh
[ $# -gt 0 ] || fail "Usage: scripts/with-server.sh COMMAND…"

export MOTHBALL_CLUSTER=${MOTHBALL_CLUSTER-tests}
customers=${MOTHBALL_SEED_CUSTOMERS:-300}
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"
node scripts/build-site.mjs
mothball=$(scripts/build-server.sh "${MOTHBALL_BUILD:-dev}")
export MOTHBALL_BINARY=$mothball

in_database() { node -p 'const u = new URL(process.argv[1]); u.pathname = process.argv[2]; u.href' "$1" "$2"; }
database="mothball_try_$(date +%s)_$$"
maintenance_url=$MIGRATE_DATABASE_URL
DATABASE_URL=$(in_database "$DATABASE_URL" "$database")
MIGRATE_DATABASE_URL=$(in_database "$MIGRATE_DATABASE_URL" "$database")
export DATABASE_URL MIGRATE_DATABASE_URL

server='' status=1
log="target/with-server-$$.log"
clean_up() {
    trap - EXIT INT TERM
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [ "$status" = 0 ]; then
        # Without force: that would fail where the database is being vacuumed.
        node scripts/sql.mjs "$maintenance_url" "drop database if exists $database" || true
        rm -f "$log"
    else
        say "Kept to look at: database $database, server log $log"
    fi
    exit "$status"
}
trap clean_up EXIT
trap 'status=130; clean_up' INT TERM

say "Preparing database $database with $customers customers (about $((5 + customers / 900)) s)"
"$mothball" migrate --create-database >"$log" 2>&1 || { cat "$log" >&2; fail "The database could not be migrated; the reason is above."; }
"$mothball" seed-demo --customers "$customers" --seed 1 >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; fail "The demo data could not be written; the reason is above."; }

MOTHBALL_PASSWORD=$(node -p 'require("crypto").randomBytes(12).toString("base64url")')
for role in viewer operator admin; do
    "$mothball" user add --email "$role@example.com" --name "Test $role" --role "$role" --password-stdin <<<"$MOTHBALL_PASSWORD" >"$log" 2>&1 ||
        "$mothball" user set-password --email "$role@example.com" --password-stdin <<<"$MOTHBALL_PASSWORD" >"$log" 2>&1 ||
        { cat "$log" >&2; fail "The account $role@example.com could not be made; the reason is above."; }
done
MOTHBALL_API_KEY=$("$mothball" key add --name "Test operator key" --role operator)
MOTHBALL_VIEWER_API_KEY=$("$mothball" key add --name "Test viewer key" --role viewer)
MOTHBALL_ADMIN_API_KEY=$("$mothball" key add --name "Test admin key" --role admin)

port=$(node scripts/free-port.mjs)
export MOTHBALL_URL="http://localhost:$port" MOTHBALL_PUBLIC_URL="http://localhost:$port" LEPTOS_SITE_ADDR="127.0.0.1:$port"
export MOTHBALL_PASSWORD MOTHBALL_API_KEY MOTHBALL_VIEWER_API_KEY MOTHBALL_ADMIN_API_KEY
env -u MIGRATE_DATABASE_URL LEPTOS_SITE_ROOT="${LEPTOS_SITE_ROOT:-target/site}" "$mothball" serve >"$log" 2>&1 &
server=$!
export MOTHBALL_SERVER_PID=$server
node scripts/wait-until-up.mjs "http://127.0.0.1:$port/healthz" "$server" ||
    { tail -n 30 "$log" >&2; fail "The server did not start; the end of its log is above."; }

status=0
"$@" || status=$?
for secret in "$MOTHBALL_PASSWORD" "$MOTHBALL_API_KEY" "$MOTHBALL_VIEWER_API_KEY" "$MOTHBALL_ADMIN_API_KEY"; do
    if grep -qF -- "$secret" "$log"; then
        status=1
        say "The server wrote a password or a key into its log."
    fi
done
if ! kill -0 "$server" 2>/dev/null; then
    tail -n 30 "$log" >&2
    server='' status=1
    say "The server died while the command ran; the end of its log is above."
fi
clean_up
