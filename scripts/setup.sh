#!/usr/bin/env bash
# Installs whatever is missing to build: Rust's wasm target, npm packages, wasm-bindgen. Does nothing the second time.
#   setup.sh          what building and running need
#   setup.sh tests    also looks for what only the tests need
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

command -v cargo >/dev/null || fail "cargo is missing: install Rust with rustup, or open a new shell if that was just done."
command -v cc >/dev/null || fail "cc is missing: install a C compiler and linker (gcc or clang)."
if [ "${1:-}" = tests ]; then
    command -v python3 >/dev/null || fail "python3 is missing: install Python 3.10 or newer with its venv module."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$(python3 --version) is too old: install Python 3.10 or newer."
    python3 -c 'import venv, ensurepip' 2>/dev/null || fail "python3 lacks its venv module: install it (on Debian the package is called python3-venv)."
fi
if [ ! -d target ]; then need_space 8000 . "the first build"; else need_space 1000 . "the build"; fi

scripts/npm.sh
scripts/postgres.sh check

# Told not to install by itself: it would for a minute without a word.
RUSTUP_AUTO_INSTALL=0 rustc --version >/dev/null 2>&1 || {
    command -v rustup >/dev/null || fail "rustc does not run: install Rust with rustup."
    say "Installing the Rust toolchain of rust-toolchain.toml (about 1 min)"
    quietly "Installing the Rust toolchain" rustup toolchain install
}
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    command -v rustup >/dev/null || fail "Rust's target wasm32-unknown-unknown is missing and there is no rustup to add it: install Rust with rustup."
    say "Adding Rust's target wasm32-unknown-unknown (about 5 s)"
    quietly "Adding the wasm target" rustup target add wasm32-unknown-unknown
fi

# Before any compiling, so that a missing network is not mistaken for code that does not compile.
fetch=(cargo fetch --target "$(rustc -vV | awk '/^host:/ { print $2 }')" --target wasm32-unknown-unknown)
if [ -n "${CI:-}" ]; then fetch+=(--locked); fi
if ! "${fetch[@]}" --offline >/dev/null 2>&1; then
    say "Downloading the crates that Cargo.lock names (about 30 s)"
    quietly "Downloading the crates" "${fetch[@]}"
fi

# wasm-bindgen's command line and library speak a private format: both must be of one version.
bindgen_version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
scripts/cargo-tool.sh wasm-bindgen-cli "$bindgen_version" wasm-bindgen "about 2 min"
