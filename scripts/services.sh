#!/usr/bin/env bash
# Service tests: through the router, on real PostgreSQL, a database a test (about 3 min when built).
#   services.sh           on a private cluster for tests or DATABASE_URL
#   services.sh --on-15   on PostgreSQL 15, the oldest supported, when its binaries are on this machine
# Other arguments go to the tests: scripts/services.sh archiving_twice
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

if [ "${1:-}" = --on-15 ]; then
    shift
    PG_BIN=${PG_BIN_15:-/usr/lib/postgresql/15/bin}
    if [ ! -x "$PG_BIN/initdb" ]; then
        say "No PostgreSQL 15 on this machine (PG_BIN_15), so the services were tested on one version only"
        exit 0
    fi
    export PG_BIN
    MOTHBALL_CLUSTER=15
    unset DATABASE_URL MIGRATE_DATABASE_URL
    trap 'scripts/postgres.sh stop' EXIT
fi
export MOTHBALL_CLUSTER=${MOTHBALL_CLUSTER-tests}
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"
# As the owner, who may create a database for each test.
# Without backtraces, whose hundred lines would hide what the test says.
DATABASE_URL=$MIGRATE_DATABASE_URL RUST_BACKTRACE=0 cargo test -p app -p server --test '*' -- "$@"
