"""Every suite here runs on the store in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from tests.contracts.store.worlds import MemoryWorld, SqlWorld, World
from tests.factories import configuration
from tests.fakes.clock import START


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def new_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A store in which nothing stands yet."""
    if request.param == "memory":
        yield MemoryWorld()
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "server_url")
    database = Database(url)
    yield SqlWorld(Store(database))
    database.close()


@pytest.fixture
def world(new_world: World) -> World:
    """A store with one revision of the configuration."""
    new_world.configuration.save(
        configuration(), expected_revision=0, actor="test", source="test", at=START, changes=()
    )
    return new_world
