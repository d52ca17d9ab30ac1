#!/usr/bin/env bash
# `make dev`: serves a development build and reloads it when a file changes (first time about 10 min).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh
. scripts/address.sh

scripts/setup.sh
check_port dev
# The newest that builds with the pinned toolchain; without its own downloads it takes the tools on PATH.
scripts/cargo-tool.sh cargo-leptos 0.3.7 cargo-leptos "about 7 min" --features no_downloads
scripts/postgres.sh start
eval "$(scripts/postgres.sh env)"
mothball=$(scripts/build-server.sh dev)
scripts/demo.sh "$mothball"
show_sign_in
exec env -u MIGRATE_DATABASE_URL cargo leptos watch -- serve
