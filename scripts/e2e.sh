#!/usr/bin/env bash
# Browser journeys, hydrated and without JavaScript, against a server of its own (about 4 min).
# Arguments go to Playwright: scripts/e2e.sh --project without-javascript archive
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/paths.sh

[ -f end2end/playwright.config.ts ] || fail "end2end/playwright.config.ts is missing: there are no browser journeys to run."
scripts/npm.sh
CHROMIUM=$(scripts/chromium.sh)
export CHROMIUM
scripts/with-server.sh playwright test --config end2end/playwright.config.ts "$@"
