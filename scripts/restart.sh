#!/usr/bin/env bash
# A bulk job goes on while its database restarts: once in good order, once after a crash (about 1 min when built).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

if [ -n "${DATABASE_URL:-}" ]; then
    say "Not restarting the database of DATABASE_URL: it is yours. Unset it to see a job survive that of a private one."
    exit
fi
# A cluster of its own, so that nobody else's goes away.
export MOTHBALL_CLUSTER=restart MOTHBALL_SEED_CUSTOMERS=6000
status=0
scripts/with-server.sh node end2end/restart.mjs || status=$?
scripts/postgres.sh stop
exit "$status"
