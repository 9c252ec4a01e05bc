# Stands in for postgres:17-alpine where that cannot be had: Debian's PostgreSQL, which is told the
# same by the same variables, and keeps its data in the same place.
FROM python:3.13-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ 2>/dev/null || true \
    && install --directory --owner=postgres --mode=700 /var/lib/postgresql/data
ENV PGDATA=/var/lib/postgresql/data
COPY <<'SCRIPT' /entrypoint.sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --auth=trust >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait --silent --options="-c listen_addresses= -k /tmp" start
  psql -qh /tmp -U "$POSTGRES_USER" -d postgres \
    -c "ALTER USER $POSTGRES_USER PASSWORD '$POSTGRES_PASSWORD'" -c "CREATE DATABASE $POSTGRES_DB"
  pg_ctl --wait --silent stop
fi
exec postgres -c listen_addresses='*' -k /tmp
SCRIPT
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["sh", "/entrypoint.sh"]
