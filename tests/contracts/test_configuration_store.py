"""What the store of the configuration promises: the fake of the unit tests and the real one on SQLite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.adapters.storage.configuration import SqlConfiguration
from include.adapters.storage.database import Database
from include.application.configuration_port import Action, Change, ConfigurationStore
from include.domain.configuration import Configuration
from include.domain.errors import StaleError
from tests.factories import configuration
from tests.fakes.clock import START
from tests.fakes.configuration_store import FakeConfigurationStore

CHANGE = Change(
    section="providers",
    action=Action.CHANGED,
    item="33254021516357 simulator",
    field="loading",
    before="remote",
    after=1,
)


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConfigurationStore]:
    if request.param == "fake":
        yield FakeConfigurationStore()
        return
    database = Database(f"sqlite:///{tmp_path / 'chorus.db'}")
    database.migrate()
    yield SqlConfiguration(database)
    database.close()


def save(store: ConfigurationStore, wanted: Configuration, expected: int, *changes: Change) -> int:
    return store.save(wanted, expected_revision=expected, actor="anna", source="a.yaml", at=START, changes=changes)


def test_before_the_first_apply_there_is_revision_0_and_the_empty_configuration(store: ConfigurationStore) -> None:
    assert store.current() == (0, Configuration())


def test_what_was_saved_is_current_under_the_next_revision(store: ConfigurationStore) -> None:
    later = START.replace(microsecond=417)
    criterion = {"name": "c", "folder": "/f", "since": later}
    wanted = configuration(criteria=[criterion], retired_providers=[configuration().providers[0]])
    assert save(store, wanted, 0) == 1
    assert store.current() == (1, wanted)
    assert store.current()[1].criteria[0].since == later


def test_the_loser_of_two_saves_changes_nothing(store: ConfigurationStore) -> None:
    save(store, configuration(), 0)
    with pytest.raises(StaleError):
        save(store, Configuration(), 0)
    assert store.current() == (1, configuration())
    assert len(store.log()) == 1


def test_the_log_tells_who_when_from_where_and_what_the_newest_first(store: ConfigurationStore) -> None:
    save(store, configuration(), 0)
    save(store, Configuration(), 1, CHANGE)
    newest, oldest = store.log()
    assert (newest.number, newest.actor, newest.source, newest.at) == (2, "anna", "a.yaml", START)
    assert newest.at.utcoffset() == dt.timedelta(0)
    assert newest.changes == (CHANGE,)
    assert (oldest.number, oldest.changes) == (1, ())


def test_nothing_was_sent_for_a_provider_that_never_sent(store: ConfigurationStore) -> None:
    assert not store.provider_has_submissions("simulator:33254021516357")
    assert store.unsent_invoices() == 0
