"""A bench for sending on SQLite and the fake platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from tests.factories import BODY
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.sending_bench import SendingBench

DELAY_SECONDS = 1800


class World(SendingBench):
    """The bench with its fake platform and clock in sight."""

    platform: FakePlatform
    fake_chorus: FakeChorus
    fake_clock: FakeClock


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """One automatic provider, one body without demands, one sender at a time."""
    database = Database(sqlite_url)
    platform = FakePlatform(clock)
    platform.add_body(BODY)
    chorus = FakeChorus(platform)
    made = World(Store(database), FsspecFiles((tmp_path / "files").as_uri()), chorus, clock)
    made.platform, made.fake_chorus, made.fake_clock = platform, chorus, clock
    made.configure(submission={"parallel": 1})
    yield made
    database.close()
