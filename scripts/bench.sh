#!/usr/bin/env bash
# Measures a release build with 150,000 customers, most of whom it archives, beside the same SQL run bare (about 15 min when
# built).
# MOTHBALL_SEED_CUSTOMERS chooses another number; arguments name the parts to measure: start, lists, archives, people, jobs.
# jobs may be named twice: a large database has in memory, the second time, what it works with.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

[ -f server/benches/console/main.rs ] || fail "server/benches/console/main.rs is missing: there is nothing to measure with."
scripts/setup.sh
# Compiled before the server starts, so that no compiler runs beside what is measured.
cargo bench -p app -p server --bench console --no-run
# A cluster of its own, which waits for the disk and has much memory: it is stopped, and does not keep it.
trap 'scripts/postgres.sh stop' EXIT
export MOTHBALL_CLUSTER=bench MOTHBALL_BUILD=release MOTHBALL_SEED_CUSTOMERS="${MOTHBALL_SEED_CUSTOMERS:-150000}"
scripts/with-server.sh cargo bench -p app -p server --bench console -- "$@"
