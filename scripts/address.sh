# Where the server listens and what its address is in a browser; PORT=3001 moves both. Sourced, never run.
# shellcheck shell=bash

: "${PORT:=3000}"
export LEPTOS_SITE_ADDR="${LEPTOS_SITE_ADDR:-127.0.0.1:$PORT}"
export MOTHBALL_PUBLIC_URL="${MOTHBALL_PUBLIC_URL:-http://localhost:${LEPTOS_SITE_ADDR##*:}}"

check_port() {
    local port=${LEPTOS_SITE_ADDR##*:} host=${LEPTOS_SITE_ADDR%:*}
    node scripts/free-port.mjs "$port" "$host" ||
        fail "Port $port is taken: stop what listens there, or choose another one, as in PORT=$((port + 1)) make $1."
}

show_sign_in() {
    . .data/demo.env
    cat <<TEXT

  Mothball    $MOTHBALL_PUBLIC_URL
  Sign in as  $DEMO_OPERATOR or $DEMO_ADMIN
  Password    $DEMO_PASSWORD
  API key     $DEMO_API_KEY

TEXT
}
