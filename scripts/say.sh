# How the scripts speak: one line a step, one sentence a failure. Sourced, never run.
# Everything goes to standard error, so that a script's output stays usable by another.
# shellcheck shell=bash

say() { if [ -t 2 ]; then printf '\033[1m==> %s\033[0m\n' "$*" >&2; else printf '==> %s\n' "$*" >&2; fi; }

fail() {
    printf 'mothball: %s\n' "$*" >&2
    exit 1
}

# need_space MEGABYTES FOLDER WHAT_FOR
need_space() {
    local free_mb
    free_mb=$(df -Pk "$2" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
    if [ -n "$free_mb" ] && [ "$free_mb" -lt "$1" ]; then
        fail "The disk of $(cd "$2" && pwd) has $free_mb MB left, and $1 MB are needed for $3: free some space and run the same command again."
    fi
}

NO_SPACE='no space left|ENOSPC'
NO_NETWORK='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|could not resolve|could not connect to server|network is unreachable|spurious network error|name resolution|failed to establish a new connection|(request|connection|operation) timed out|network timeout'
NO_PERMISSION='EACCES|EROFS|permission denied|read-only file system'

# quietly WHAT COMMAND…: runs the command silently. When it fails, one sentence says why; only a cause that is not known
# here is preceded by the end of what the command said.
quietly() {
    local what=$1 log why status=0
    shift
    log=$(mktemp) || fail "No temporary file can be written: free some space in ${TMPDIR:-/tmp} or check its permissions."
    RUST_BACKTRACE=0 "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ]; then
        if [[ $status =~ ^(130|137|143)$ ]]; then
            why="$what was stopped: run the same command again to go on."
        elif grep -qiE "$NO_SPACE" "$log"; then
            why="$what failed because the disk is full: free some space and run the same command again."
        elif grep -qiE "$NO_NETWORK" "$log"; then
            why="$what failed because the package registry cannot be reached: check the network or proxy and run the same command again."
        elif grep -qiE "$NO_PERMISSION" "$log"; then
            grep / "$log" | grep -v ' at ' | head -n 5 >&2
            why="$what failed because a file or folder cannot be written, one of those above: check who owns it and run the same command again."
        else
            tail -n 25 "$log" >&2
            why="$what failed; what it said is above."
        fi
        rm -f "$log"
        fail "$why"
    fi
    rm -f "$log"
}
