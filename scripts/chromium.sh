#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests: $CHROMIUM, else one of the system, else one that it installs.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

usable() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

if [ -n "${CHROMIUM:-}" ]; then
    usable "$CHROMIUM" || fail "CHROMIUM=$CHROMIUM does not run: point it at a Chromium or Chrome binary, or unset it."
    echo "$CHROMIUM"
    exit 0
fi

on_system() {
    local name path
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "$name" || true)
        if [ -n "$path" ] && usable "$path"; then
            echo "$path"
            return 0
        fi
    done
    for path in "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if usable "$path"; then
            echo "$path"
            return 0
        fi
    done
    return 1
}

of_playwright() {
    local path
    path=$(node -p 'require("@playwright/test").chromium.executablePath()')
    if usable "$path"; then echo "$path"; else return 1; fi
}

on_system && exit 0
of_playwright && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    need_space 1500 / "Chromium"
    say "Installing Chromium with apt (about 1 min)"
    # What apt says is of no use when Playwright's own download then works.
    (export DEBIAN_FRONTEND=noninteractive
     apt-get update && apt-get install -y --no-install-recommends chromium fonts-liberation) >/dev/null 2>&1 </dev/null || true
    on_system && exit 0
fi
say "Downloading Playwright's Chromium (about 1 min)"
env -u PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD node_modules/.bin/playwright install chromium >/dev/null 2>&1 </dev/null || true
of_playwright && exit 0
fail "No Chromium was found and none could be installed: install Chromium or Chrome, or set CHROMIUM to its path."
