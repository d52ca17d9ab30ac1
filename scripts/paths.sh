# Where the project's own tools live and what every build assumes. Sourced from the repository's root, never run.
# shellcheck shell=bash

export PATH="$PWD/.data/tools/bin:$PWD/node_modules/.bin:$PATH"
# Queries are checked against .sqlx, so that a build needs no database and never reads the developer's one.
export SQLX_OFFLINE="${SQLX_OFFLINE:-true}"
# Browsers come from the system (scripts/chromium.sh), never as a side effect of npm.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
