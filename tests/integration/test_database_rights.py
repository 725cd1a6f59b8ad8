"""docker/create-databases.sh on a real PostgreSQL: each role has what its programs need, and no more."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

from include.adapters.storage.core.database import Database
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.conftest import open_field
from tests.services.compose import Services

ROLES = ("airflow", "chorus_owner", "chorus")


@pytest.fixture(scope="module")
def urls(compose_project: Path, compose_services: Services, postgresql: str) -> Iterator[dict[str, sa.URL]]:
    """Each role's own database; the script ran twice, as by hand on a volume that was there before."""
    server, asked = sa.make_url(postgresql), compose_services["postgres"]["environment"]
    passwords = {
        "airflow": asked["AIRFLOW_DATABASE_PASSWORD"],
        "chorus_owner": asked["CHORUS_OWNER_PASSWORD"],
        "chorus": asked["CHORUS_DATABASE_PASSWORD"],
    }
    environment = {
        **os.environ,
        **{name: value for name, value in asked.items() if name.endswith("_PASSWORD")},
        "PGHOST": str(server.host),
        "PGPORT": str(server.port),
        "PGPASSWORD": str(server.password),
        "POSTGRES_USER": str(server.username),
        "POSTGRES_DB": str(server.database),
    }
    script = [compose_project / "docker/create-databases.sh"]
    try:
        for _ in range(2):
            done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        yield {
            role: server.set(username=role, password=passwords[role], database=role.removesuffix("_owner"))
            for role in ROLES
        }
    finally:
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in ("airflow", "chorus"):
                connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"DROP ROLE IF EXISTS {', '.join(ROLES)}"))
        engine.dispose()


@pytest.fixture(scope="module")
def migrated(urls: dict[str, sa.URL]) -> sa.URL:
    """Ours with its tables, as the role of every process but `init`."""
    database = Database(urls["chorus_owner"].render_as_string(hide_password=False))
    database.migrate()
    database.close()
    return urls["chorus"]


def said(url: sa.URL, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_no_role_of_a_program_may_more_than_log_in(urls: dict[str, sa.URL]) -> None:
    power = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
    rows = said(urls["airflow"], f"SELECT rolname, {power} FROM pg_roles WHERE rolname IN {ROLES}")
    assert dict(rows) == dict.fromkeys(ROLES, False)


@pytest.mark.parametrize(
    ("role", "database"), [("airflow", "chorus"), ("chorus", "airflow"), ("chorus_owner", "airflow")]
)
def test_no_role_enters_the_other_database(urls: dict[str, sa.URL], role: str, database: str) -> None:
    with pytest.raises(OperationalError, match="permission denied for database"):
        said(urls[role].set(database=database), "SELECT 1")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE proof (id integer)",
        "ALTER TABLE invoices ADD COLUMN proof integer",
        "DROP TABLE attempts",
        "TRUNCATE moves",
        "CREATE TEMPORARY TABLE proof (id integer)",
    ],
)
def test_the_role_of_the_workers_makes_changes_and_drops_no_table(migrated: sa.URL, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        said(migrated, statement)


def test_an_invoice_goes_all_its_way_with_these_rights(migrated: sa.URL, tmp_path: Path) -> None:
    with RunningSimulator() as simulator:
        field = open_field(simulator, migrated.render_as_string(hide_password=False), tmp_path)
        try:
            invoice_ids = field.add_many(["F-1", "F-2"])
            field.one_pass()
            field.night()
            field.each_exactly_once(invoice_ids)
        finally:
            field.store.database.close()
