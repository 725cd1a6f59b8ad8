#!/bin/sh
# Run once by the PostgreSQL image on an empty volume, and safe to repeat by hand: Airflow's database and ours, each with
# the rights that its programs need and no more. Nobody but the server's own superuser may do anything beyond.
#   airflow       owns Airflow's database, which migrates itself
#   chorus_owner  owns our tables: `chorus db migrate`, and nothing else, is called as this one
#   chorus        reads and writes rows: every other process. It makes, changes and drops no table.
set -eu

as_superuser() {
  psql --quiet --set ON_ERROR_STOP=1 --set airflow="$AIRFLOW_DATABASE_PASSWORD" --set owner="$CHORUS_OWNER_PASSWORD" \
    --set rows="$CHORUS_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$1"
}

as_superuser "$POSTGRES_DB" <<'SQL'
SELECT 'CREATE ROLE ' || name FROM unnest(ARRAY['airflow', 'chorus_owner', 'chorus']) AS name
 WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
ALTER ROLE airflow LOGIN PASSWORD :'airflow';
ALTER ROLE chorus_owner LOGIN PASSWORD :'owner';
ALTER ROLE chorus LOGIN PASSWORD :'rows';
SELECT 'CREATE DATABASE airflow OWNER airflow' WHERE 'airflow' NOT IN (SELECT datname FROM pg_database) \gexec
SELECT 'CREATE DATABASE chorus OWNER chorus_owner' WHERE 'chorus' NOT IN (SELECT datname FROM pg_database) \gexec
REVOKE ALL ON DATABASE airflow, chorus FROM PUBLIC;
GRANT CONNECT ON DATABASE chorus TO chorus;
SQL

as_superuser chorus <<'SQL'
REASSIGN OWNED BY chorus TO chorus_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO chorus_owner;
GRANT USAGE ON SCHEMA public TO chorus;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chorus;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO chorus;
ALTER DEFAULT PRIVILEGES FOR ROLE chorus_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO chorus;
ALTER DEFAULT PRIVILEGES FOR ROLE chorus_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO chorus;
SQL
