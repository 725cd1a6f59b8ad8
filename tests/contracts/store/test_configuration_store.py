"""What the store promises about the configuration and its revisions (ports `ConfigurationStore`, `HistoryViews`)."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.ports.configuration import Action, ConfigurationChange, ConfigurationStore, Revision
from include.application.ports.history_views import HistoryFilter, HistoryViews
from include.application.ports.paging import PageRequest
from include.domain.configuration import Configuration
from include.domain.errors import NotThereError, StaleError
from include.domain.rights import OWNER, Viewer
from tests.contracts.store.worlds import World
from tests.factories import configuration
from tests.fakes.clock import START

CHANGE = ConfigurationChange(
    section="providers",
    action=Action.CHANGED,
    item="33254021516357 simulator",
    field="loading",
    before="remote",
    after=1,
)


@pytest.fixture
def store(new_world: World) -> ConfigurationStore:
    return new_world.configuration


@pytest.fixture
def history(new_world: World) -> HistoryViews:
    return new_world.history


def revisions(history: HistoryViews, viewer: Viewer = OWNER) -> tuple[Revision, ...]:
    """The newest first."""
    return history.page(viewer, PageRequest(sort="-revision")).items


def save(store: ConfigurationStore, wanted: Configuration, expected: int, *changes: ConfigurationChange) -> int:
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


def test_the_loser_of_two_saves_changes_nothing(store: ConfigurationStore, history: HistoryViews) -> None:
    save(store, configuration(), 0)
    with pytest.raises(StaleError):
        save(store, Configuration(), 0)
    assert store.current() == (1, configuration())
    assert len(revisions(history)) == 1


def test_the_log_tells_who_when_from_where_and_what_the_newest_first(
    store: ConfigurationStore, history: HistoryViews
) -> None:
    save(store, configuration(), 0)
    save(store, Configuration(), 1, CHANGE)
    newest, oldest = revisions(history)
    assert (newest.number, newest.actor, newest.source, newest.at) == (2, "anna", "a.yaml", START)
    assert newest.at.utcoffset() == dt.timedelta(0)
    assert newest.changes == (CHANGE,)
    assert (oldest.number, oldest.changes) == (1, ())
    assert revisions(history, Viewer(provider_keys=frozenset({"simulator:1"}))) == (), "for who administers"


def test_the_log_is_asked_by_person_and_by_section(store: ConfigurationStore, history: HistoryViews) -> None:
    quoting = ConfigurationChange(section="people.users", action=Action.ADDED, item='"section": "providers')
    for number, (actor, change) in enumerate([("anna", CHANGE), ("bob", quoting)]):
        store.save(Configuration(), expected_revision=number, actor=actor, source="s", at=START, changes=[change])

    def numbers(viewer: Viewer = OWNER, **asked: str) -> list[int]:
        page = history.page(viewer, PageRequest(sort="revision"), HistoryFilter(**asked))
        return [revision.number for revision in page.items]

    assert (numbers(actor="bob"), numbers(section="providers"), numbers(section="people")) == ([2], [1], [2])
    assert numbers(actor="bob", section="providers") == numbers(actor="nobody") == []
    assert history.actors(OWNER) == ("anna", "bob")
    outsider = Viewer(provider_keys=frozenset({"simulator:1"}))
    assert (numbers(outsider, actor="bob"), history.actors(outsider)) == ([], ())


def test_a_revision_tells_the_whole_configuration_of_then(store: ConfigurationStore, history: HistoryViews) -> None:
    save(store, configuration(), 0)
    save(store, Configuration(), 1, CHANGE)
    assert history.one(OWNER, 1).configuration == configuration()
    assert (history.one(OWNER, 2).configuration, history.one(OWNER, 2).revision.changes) == (Configuration(), (CHANGE,))
    for viewer, number in ((OWNER, 3), (Viewer(provider_keys=frozenset({"simulator:1"})), 1)):
        with pytest.raises(NotThereError):
            history.one(viewer, number)


def test_nothing_was_sent_for_a_provider_that_never_sent(store: ConfigurationStore) -> None:
    assert not store.provider_has_submissions("simulator:33254021516357")
    assert store.unsent_invoices() == 0
    assert not store.anything_assessed()
