"""The same tests on both databases; each is migrated once, and emptied for every test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from include.adapters.storage.database import Database
from include.adapters.storage.store import Store
from include.adapters.storage.tables import metadata
from include.application.storage_ports import SendWork
from include.domain.correction import CorrectionKind
from include.domain.lifecycle import State
from tests.factories import configuration
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.conftest import make_ready
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.desk import Returned

__all__ = ["make_ready"]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tracking") / "chorus.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_server(postgresql: str) -> Iterator[str]:
    name = f"tracking_{secrets.token_hex(6)}"
    server = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    server.dispose()
    url = sa.make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    database.migrate()
    database.close()
    yield url


def _emptied(url: str) -> str:
    engine = sa.create_engine(url)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "postgresql":
        return _emptied(request.getfixturevalue("migrated_server"))
    shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "chorus.db")
    return f"sqlite:///{tmp_path / 'chorus.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with one revision of the configuration."""
    database = Database(database_url)
    made = Store(database)
    made.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    yield made
    database.close()


@pytest.fixture
def bench(store: Store, clock: FakeClock, make_ready: Callable[..., SendWork]) -> TrackingBench:
    return TrackingBench(store, clock, make_ready)


@pytest.fixture
def make(bench: TrackingBench, tmp_path: Path) -> Callable[[CorrectionKind], Returned]:
    def returned(kind: CorrectionKind) -> Returned:
        made = Returned(bench, tmp_path, kind)
        made.prepare()
        assert made.state is State.TO_PROCESS
        return made

    return returned


@pytest.fixture(params=list(CorrectionKind))
def returned(request: pytest.FixtureRequest, make: Callable[[CorrectionKind], Returned]) -> Returned:
    return make(request.param)


@pytest.fixture
def recycled(make: Callable[[CorrectionKind], Returned]) -> Returned:
    return make(CorrectionKind.RECYCLE)
