"""A bench for sending on SQLite and the fake platform, migrated once per run and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.adapters.storage.database import Database
from include.adapters.storage.files import FsspecFiles
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables."""
    path = tmp_path_factory.mktemp("migrated") / "chorus.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def world(migrated: Path, tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """One automatic provider, one body without demands, one sender at a time."""
    shutil.copy(migrated, tmp_path / "chorus.db")
    database = Database(f"sqlite:///{tmp_path / 'chorus.db'}")
    platform = FakePlatform(clock)
    platform.add_body(BODY)
    chorus = FakeChorus(platform)
    made = World(Store(database), FsspecFiles((tmp_path / "files").as_uri()), chorus, clock)
    made.platform, made.fake_chorus, made.fake_clock = platform, chorus, clock
    made.configure(submission={"parallel": 1})
    yield made
    database.close()
