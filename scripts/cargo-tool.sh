#!/usr/bin/env bash
# Installs a command from its crate into .data/tools, when that version is not there yet.
#   cargo-tool.sh CRATE VERSION COMMAND HOW_LONG [CARGO_INSTALL_OPTION…]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

crate=$1 version=$2 command=$3 how_long=$4
shift 4
tools="$PWD/.data/tools"
if [ -x "$tools/bin/$command" ] && grep -qs "\"$crate $version " "$tools/.crates.toml"; then exit 0; fi

need_space 1500 . "building $crate"
say "Installing $crate $version ($how_long)"
# A tool that runs for seconds needs no optimizer that runs for minutes.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
# Built where the space was looked for, not in /tmp, and kept until done: what is interrupted goes on from there.
install=(cargo install "$crate" --version "$version" --root "$tools" --target-dir "$tools/build" --force "$@")
# The crate's own lock file first; where an index lacks something it names, the newest that fits.
if ! "${install[@]}" --locked >/dev/null 2>&1 </dev/null; then
    quietly "Installing $crate" "${install[@]}"
fi
rm -rf "$tools/build"
