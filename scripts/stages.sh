#!/usr/bin/env bash
# Runs the stages named, in order, and ends with a line a stage: what came of it and in how many seconds.
#   stages.sh setup format lint-server …
# After a failed stage the next ones still run, so that one run says everything; only without setup there is no point.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/say.sh
. scripts/paths.sh
# Incremental builds pay off at the second build; CI has only the first.
if [ -n "${CI:-}" ]; then export CARGO_INCREMENTAL=0; fi

stage_setup() { scripts/setup.sh tests; }
stage_format() { cargo fmt --all --check; }
# Per package, never --workspace: app is either the server's (ssr) or the browser's (hydrate).
stage_lint-server() { cargo clippy -p app -p server --all-targets -- -D warnings; }
stage_lint-browser() { cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings; }
stage_rules() { cargo test -p app -p server --lib --bins; }
stage_queries() { scripts/sqlx-prepare.sh --check; }
stage_services() { scripts/services.sh; }
stage_services-15() { scripts/services.sh --on-15; }
stage_build() { node scripts/build-site.mjs --within-limits && scripts/build-server.sh dev; }
stage_restart() { scripts/restart.sh; }
stage_clients() { scripts/clients.sh; }
stage_browser() { scripts/e2e.sh; }

summary=() passed=0 failed=0
for stage in "$@"; do
    declare -F "stage_$stage" >/dev/null || fail "There is no stage $stage."
    say "Stage $stage"
    started=$SECONDS
    if "stage_$stage"; then word=passed passed=$((passed + 1)); else word=FAILED failed=$((failed + 1)); fi
    summary+=("$(printf '%-14s %-7s %5d s' "$stage" "$word" $((SECONDS - started)))")
    if [ "$stage" = setup ] && [ "$word" = FAILED ]; then break; fi
done
printf '\n'
printf '%s\n' "${summary[@]}"
printf '%-14s %13d s\n' "in all" "$SECONDS"
printf 'stages: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
