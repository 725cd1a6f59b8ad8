"""Our schema: made by migrations only, equal to the tables, checked before anything is read."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import metadata
from include.adapters.storage.core.text_search import INDEXES
from include.adapters.storage.store import Store
from include.domain.errors import ConfigurationError, DatabaseMissingError, StoreError


def test_the_migrated_database_equals_the_tables(bare_url: str) -> None:
    database = Database(bare_url)
    database.migrate()
    engine = sa.create_engine(bare_url)
    options = {"include_name": lambda name, *_: name not in INDEXES}
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()
    database.close()


def test_a_missing_schema_names_the_command_that_makes_it(bare_url: str) -> None:
    store = Store(Database(bare_url))
    with pytest.raises(DatabaseMissingError, match="chorus db migrate"):
        store.configuration.current()
    store.database.close()


def test_an_older_schema_stops_too(bare_url: str) -> None:
    database = Database(bare_url)
    database.migrate()
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    database.close()
    again = Store(Database(bare_url))
    with pytest.raises(DatabaseMissingError, match="0000"):
        again.configuration.current()
    again.database.close()


def test_migrating_twice_and_side_by_side_is_safe(bare_url: str) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        database = Database(bare_url)
        try:
            database.migrate()
        except BaseException as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = Store(Database(bare_url))
    assert store.configuration.current()[0] == 0
    store.database.close()


def test_a_database_that_cannot_be_reached_says_what_to_do() -> None:
    database = Database("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="Check that it runs"):
        database.check()


def test_a_folder_that_cannot_be_made_is_told_by_the_migration(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(f"sqlite:///{tmp_path / 'file' / 'chorus.db'}")
    with pytest.raises(StoreError, match="has room and can be written"):
        database.migrate()


@pytest.mark.parametrize("form", ["garbage:{}", "nosuch://user:{}@host/name", "postgresql://user:{}@host:port/name"])
def test_an_address_that_is_none_is_told_without_the_password_in_it(form: str) -> None:
    password = secrets.token_hex(8)
    with pytest.raises(ConfigurationError, match="CHORUS_DATABASE_URL cannot be read") as caught:
        Database(form.format(password))
    assert password not in str(caught.value)
