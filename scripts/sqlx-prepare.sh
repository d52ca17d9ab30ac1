#!/usr/bin/env bash
# Writes .sqlx: what PostgreSQL says of every query in the code (about 1 min). Builds check queries against it.
#   sqlx-prepare.sh           writes .sqlx
#   sqlx-prepare.sh --check   fails when .sqlx is not what it would write
# Not `cargo sqlx prepare`: that is a tool of several minutes to install, and the macros do the work anyway.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

target=${CARGO_TARGET_DIR:-$PWD/target}
scripts/npm.sh
export MOTHBALL_CLUSTER=${MOTHBALL_CLUSTER-tests}
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"

# A database of its own, made from the migrations alone: the binary cannot be built while .sqlx lacks a query.
database="mothball_prepare_$$"
owner=$MIGRATE_DATABASE_URL
node scripts/sql.mjs "$owner" "create database $database"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"; node scripts/sql.mjs "$owner" "drop database if exists $database with (force)"' EXIT
scratch=$(node -p 'const u = new URL(process.argv[1]); u.pathname = process.argv[2]; u.href' "$owner" "$database")
node scripts/sql.mjs "$scratch" --files migrations/*.sql || fail "The migrations do not apply to an empty database; the reason is above."

# Another number of codegen units makes it a build of its own: dependencies are shared, and what `cargo check`
# and `cargo test` compiled of app stays valid.
compile() {
    SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$fresh" DATABASE_URL="$scratch" \
        cargo check -p app -p server --target-dir "$target" --config 'profile.dev.package.app.codegen-units=255' \
        --message-format json-render-diagnostics >"$fresh.messages"
}
artifacts_of_app() {
    node -e '
        const lines = require("fs").readFileSync(process.argv[1], "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
        const app = lines.filter((each) => each.reason === "compiler-artifact" && each.target.name === "app" && each.target.kind.includes("lib"));
        if (app.some((each) => each.fresh)) app.flatMap((each) => each.filenames).forEach((file) => console.log(file));
    ' "$fresh.messages"
}
say "Asking PostgreSQL about every query (about 1 min)"
compile || fail "The code does not compile against the migrated database; what the compiler said is above."
# Cargo found nothing to do, so no macro ran and no file was written.
stale=$(artifacts_of_app)
if [ -n "$stale" ]; then
    while read -r file; do rm -f "$file"; done <<<"$stale"
    compile || fail "The code does not compile against the migrated database; what the compiler said is above."
fi
rm -f "$fresh.messages"

if [ "${1:-}" = --check ]; then
    if ! diff -r .sqlx "$fresh" >&2; then
        fail ".sqlx is not what the queries in the code need: run make sqlx-prepare and commit .sqlx."
    fi
    say ".sqlx fits the queries: $(find "$fresh" -name 'query-*.json' | wc -l | tr -d ' ') of them"
else
    mkdir -p .sqlx
    rm -f .sqlx/query-*.json
    find "$fresh" -name 'query-*.json' -exec cp {} .sqlx/ \;
    say "Wrote $(find .sqlx -name 'query-*.json' | wc -l | tr -d ' ') queries to .sqlx"
fi
