#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: the connector's own database beside Airflow's, each with its own role.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$CHORUS_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE chorus LOGIN PASSWORD :'password';
CREATE DATABASE chorus OWNER chorus;
REVOKE CONNECT ON DATABASE chorus FROM PUBLIC;
SQL
