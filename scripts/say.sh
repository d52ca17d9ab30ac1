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
        fail "The disk of $2 has $free_mb MB left and $3 needs $1 MB: free some space and run the same command again."
    fi
}

# quietly WHAT COMMAND…: runs the command silently; when it fails, shows the end of what it said and one sentence.
quietly() {
    local what=$1 log
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        local why="$what failed; what it said is above."
        if grep -qiE 'no space left|ENOSPC' "$log"; then
            why="$what failed because the disk is full: free some space and run the same command again."
        elif grep -qiE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|could not resolve host|network is unreachable|download of .* failed|failed to download|spurious network error|temporary failure in name resolution|failed to establish a new connection' "$log"; then
            why="$what failed because the package registry cannot be reached: check the network or proxy and run the same command again."
        fi
        rm -f "$log"
        fail "$why"
    fi
    rm -f "$log"
}
