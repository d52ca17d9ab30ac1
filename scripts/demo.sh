#!/usr/bin/env bash
# Makes the database of `make run` and `make dev` ready: migrates, and once seeds demo data and a demo sign-in
# (first time about 15 s). Prints nothing of them: that is kept in .data/demo.env.
#   demo.sh BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

mothball=$1
customers=13187
demo=.data/demo.env

say "Migrating the database (about 1 s)"
"$mothball" migrate --create-database >&2 || fail "The database could not be migrated; the reason is above."

seeded=$(node scripts/sql.mjs "${MIGRATE_DATABASE_URL:-$DATABASE_URL}" 'select exists (select 1 from customers) as seeded')
if [ "$seeded" != '{"seeded":true}' ]; then
    say "Seeding $customers invented customers (about 15 s)"
    "$mothball" seed-demo --customers "$customers" --seed 1 >&2 ||
        fail "The demo data could not be written; the reason is above."
fi

# The sign-in belongs to one database: another one, or the same one made anew, gets its own.
database=$(node -p 'const u = new URL(process.argv[1]); u.host + u.pathname' "$DATABASE_URL")
if grep -qsxF "DEMO_DATABASE='$database'" "$demo" && [ "$seeded" = '{"seeded":true}' ]; then exit 0; fi

say "Making up a demo sign-in and API key (about 1 s)"
password=$(node -p 'require("crypto").randomBytes(12).toString("base64url")')
account() {
    # A sign-in from before keeps its history and gets the new password.
    "$mothball" user add --email "$1" --name "$2" --role "$3" --password-stdin <<<"$password" >/dev/null 2>&1 ||
        "$mothball" user set-password --email "$1" --password-stdin <<<"$password" >/dev/null ||
        fail "The demo account $1 could not be made; the reason is above."
}
account operator@example.com "Demo operator" operator
account admin@example.com "Demo admin" admin
key=$("$mothball" key add --name "Demo key $(date -u +%F-%H%M%S)" --role operator) ||
    fail "The demo API key could not be made; the reason is above."

mkdir -p .data
(
    umask 077
    printf "DEMO_DATABASE='%s'\nDEMO_OPERATOR=operator@example.com\nDEMO_ADMIN=admin@example.com\nDEMO_PASSWORD='%s'\nDEMO_API_KEY='%s'\n" \
        "$database" "$password" "$key" >"$demo.new"
    mv "$demo.new" "$demo"
)
