"""A real PostgreSQL of Debian's package: one server a session, one empty database a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.demo.postgresql import new_database, postgresql_server

SPEED_OVER_SAFETY = "-c fsync=off -c full_page_writes=off"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """SQLAlchemy URL of the server's own database, as its superuser; a missing program is a failure, never a skip."""
    with postgresql_server(SPEED_OVER_SAFETY) as url:
        yield url


@pytest.fixture
def postgresql_database(postgresql: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database that nobody else uses."""
    with new_database(postgresql) as url:
        yield url
