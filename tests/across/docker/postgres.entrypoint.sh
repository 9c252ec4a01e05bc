#!/bin/sh
# What the official image's entry point does, as far as these tests need it.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait --silent --options="-c listen_addresses= -k /tmp" start
  psql -qh /tmp -U "$POSTGRES_USER" -d postgres \
    -c "ALTER USER $POSTGRES_USER PASSWORD '$POSTGRES_PASSWORD'" -c "CREATE DATABASE $POSTGRES_DB"
  pg_ctl --wait --silent stop
fi
exec postgres -c listen_addresses='*' -k /tmp
