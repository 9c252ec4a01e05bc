# Stands in for postgres:17-alpine where that cannot be had: Debian's PostgreSQL, which is told the
# same by the same variables, and keeps its data in the same place.
FROM python:3.13-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ 2>/dev/null || true \
    && install --directory --owner=postgres --mode=700 /var/lib/postgresql/data
ENV PGDATA=/var/lib/postgresql/data
COPY postgres.entrypoint.sh /entrypoint.sh
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["sh", "/entrypoint.sh"]
