#!/usr/bin/env bash
# Compiles the server and prints the path of the binary.
#   build-server.sh dev       for tests (first time about 6 min)
#   build-server.sh release   for `make run` and `make bench` (first time about 7 min)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

case "${1:-}" in
# Both packages: cargo then picks the same features as for the tests and compiles each dependency once.
dev) profile=dev folder=debug what=(-p app -p server) ;;
# Nothing but the binary: what is not linked by itself is optimized once, while linking.
release) profile=release folder=release what=(-p server --bin mothball) ;;
*) fail "Usage: scripts/build-server.sh dev|release" ;;
esac
say "Compiling the server for $1 (first time about 7 min, about 1 min when it changed)"
if ! cargo build "${what[@]}" --profile "$profile" >&2; then
    if [ -d target ]; then need_space 200 target "compiling"; fi
    fail "The server does not compile; what the compiler said is above."
fi
echo "${CARGO_TARGET_DIR:-target}/$folder/mothball"
