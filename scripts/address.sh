# Where the server listens and what its address is in a browser; PORT=3001 moves both. Sourced, never run.
# shellcheck shell=bash

: "${PORT:=3000}"
export LEPTOS_SITE_ADDR="${LEPTOS_SITE_ADDR:-127.0.0.1:$PORT}"
export MOTHBALL_PUBLIC_URL="${MOTHBALL_PUBLIC_URL:-http://localhost:${LEPTOS_SITE_ADDR##*:}}"

# check_port RUN_OR_DEV
check_port() {
    local port=${LEPTOS_SITE_ADDR##*:} host=${LEPTOS_SITE_ADDR%:*} error
    [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] ||
        fail "The port is $port, which is not a number from 1 to 65535: choose one, as in PORT=3010 make $1."
    # Without node the setup says so.
    command -v node >/dev/null || return 0
    host=${host#[} host=${host%]}
    error=$(node scripts/free-port.mjs "$port" "$host") && return 0
    case $error in
    # Not the next one: make dev reloads pages over that.
    EADDRINUSE) fail "Port $port is taken: stop what listens there, or choose another one, as in PORT=$((port < 65526 ? port + 10 : 3000)) make $1." ;;
    EACCES) fail "Port $port is reserved for root: choose one above 1023, as in PORT=3000 make $1." ;;
    *) fail "Nothing can listen on $LEPTOS_SITE_ADDR ($error): set LEPTOS_SITE_ADDR to an address of this machine, as in 127.0.0.1:3000, or unset it." ;;
    esac
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
