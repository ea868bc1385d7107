#!/bin/sh
# Makes the database when there is none yet, then becomes PostgreSQL, so that signals reach it.
#
# POSTGRES_PASSWORD is needed; POSTGRES_USER is `postgres` by default, and POSTGRES_DB is named after the user.
set -eu
: "${POSTGRES_PASSWORD:?the password of the database is not set}"
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

# In a directory beside the real one, renamed at the end: what was killed halfway is not taken for a database.
make_database() {
    new=$PGDATA.new
    rm -rf "$new"
    printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
    initdb --pgdata="$new" --username="$user" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "CREATE DATABASE \"$database\"" | postgres --single -D "$new" postgres
    fi
    mv "$new" "$PGDATA"
}

if [ ! -d "$PGDATA" ]; then
    # Process 1 of a container has no default action for a signal, and a shell acts on none while it waits for a
    # command in the foreground.
    trap 'exit 130' INT TERM
    make_database &
    wait $!
fi

exec postgres -c listen_addresses='*'
