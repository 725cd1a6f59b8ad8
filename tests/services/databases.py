"""Databases with all their tables, migrated once a session: a file to be copied, and a server's to be emptied.

Every run of pytest loads this module, also one without a database: what is heavy is imported where it is used.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.demo.postgresql import new_database


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("migrated") / "chorus.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def server_template(postgresql: str) -> Iterator[str]:
    """URL of a PostgreSQL database with its tables and nothing in them, to be copied: nobody connects to it."""
    with new_database(postgresql) as url:
        _migrate(url)
        yield url


@pytest.fixture(scope="session")
def migrated_server(postgresql: str, server_template: str) -> Iterator[str]:
    """URL of a PostgreSQL database with its tables; whoever uses it next empties it."""
    with new_database(postgresql, template=server_template) as url:
        yield url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """An SQLite database of this test's own, with empty tables."""
    shutil.copy(migrated_file, tmp_path / "chorus.db")
    return f"sqlite:///{tmp_path / 'chorus.db'}"


@pytest.fixture
def server_url(migrated_server: str) -> str:
    """The PostgreSQL database of the session, its tables emptied for this test."""
    import sqlalchemy as sa

    from include.adapters.storage.core.tables import metadata

    engine = sa.create_engine(migrated_server)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):  # with few rows in them, six times as fast as TRUNCATE
            connection.execute(table.delete())
        numbers = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
        connection.execute(sa.text(numbers))
    engine.dispose()
    return migrated_server


@pytest.fixture
def own_server_url(postgresql: str, server_template: str) -> Iterator[str]:
    """A PostgreSQL database of this test's own, with empty tables: its processes may be killed in a transaction."""
    with new_database(postgresql, template=server_template) as url:
        yield url


def _migrate(url: str) -> None:
    from include.adapters.storage.core.database import Database

    database = Database(url)
    database.migrate()
    database.close()
