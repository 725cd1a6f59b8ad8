"""The outbox in the database keeps the same rules as the one in memory, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import announce
from include.adapters.storage.outbox import SqlOutbox
from include.domain.notification import NewEvent
from tests.services.postgresql import postgresql, postgresql_database
from tests.unit.notification.outbox_contract import OutboxContract

__all__ = ["postgresql", "postgresql_database"]


class TestSqlOutbox(OutboxContract):
    @pytest.fixture(params=["sqlite", "postgresql"])
    def database(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'chorus.db'}"
        else:
            url = request.getfixturevalue("postgresql_database")
        database = Database(url)
        database.migrate()
        yield database
        database.close()

    @pytest.fixture
    def outbox(self, database: Database) -> SqlOutbox:
        return SqlOutbox(database)

    def add(self, outbox: Any, event: NewEvent) -> int | None:
        before = {known.id for known in outbox.for_user(None, limit=1000)}
        with outbox._database.write() as connection:
            announce(connection, event)
        added = {known.id for known in outbox.for_user(None, limit=1000)} - before
        return added.pop() if added else None
