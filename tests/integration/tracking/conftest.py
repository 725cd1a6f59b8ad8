"""The same tests on both databases; each is migrated once, and emptied for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.correction import CorrectionKind
from include.domain.lifecycle import State
from tests.factories import configuration
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.conftest import make_ready
from tests.integration.storage.seeded import as_stored
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.returned import Returned

__all__ = ["make_ready"]


@pytest.fixture(params=["sqlite_url", "server_url"], ids=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with one revision of the configuration."""
    database = Database(database_url)
    made = Store(database)
    made.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    yield made
    as_stored(made)
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
