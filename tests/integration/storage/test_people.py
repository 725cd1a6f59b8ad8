"""Who has a document open, and how often somebody asks, on both databases."""

from __future__ import annotations

import datetime as dt

from include.adapters.storage.store import Store
from tests.fakes.clock import START

GONE = dt.timedelta(seconds=45)


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def here(store: Store, person: str, seconds: float, document_id: int = 1) -> None:
    store.presences.here(document_id, person, now=at(seconds), gone_after=GONE)


def others(store: Store, person: str, seconds: float, document_id: int = 1) -> list[tuple[str, dt.datetime]]:
    found = store.presences.others(document_id, person, now=at(seconds), gone_after=GONE)
    return [(one.name, one.since) for one in found]


def test_the_others_are_told_since_when_and_nobody_hears_of_oneself(store: Store) -> None:
    here(store, "anna", 0)
    here(store, "bob", 5)
    here(store, "anna", 10)
    assert others(store, "bob", 11) == [("anna", at(0))]
    assert others(store, "anna", 11) == [("bob", at(5))]
    assert others(store, "carla", 11) == [("anna", at(0)), ("bob", at(5))]
    assert others(store, "anna", 11, document_id=2) == []


def test_whoever_is_silent_is_gone_and_comes_back_as_new(store: Store) -> None:
    here(store, "anna", 0)
    assert others(store, "bob", 44) == [("anna", at(0))]
    assert others(store, "bob", 45) == []
    here(store, "anna", 60)
    assert others(store, "bob", 61) == [("anna", at(60))]


def test_whoever_leaves_is_gone_at_once(store: Store) -> None:
    here(store, "anna", 0)
    store.presences.left(1, "anna")
    assert others(store, "bob", 1) == []


def test_calls_are_counted_by_person_and_kind_and_begin_anew_after_their_time(store: Store) -> None:
    def take(seconds: float, person: str = "anna", kind: str = "directory") -> dt.timedelta | None:
        minute = dt.timedelta(minutes=1)
        return store.call_rates.take(kind, person, most=2, within=minute, now=at(seconds))

    assert [take(0), take(1), take(20)] == [None, None, dt.timedelta(seconds=40)]
    assert take(21, "bob") is None
    assert take(21, kind="logins") is None
    assert [take(60), take(61), take(62)] == [None, None, dt.timedelta(seconds=58)]


def test_a_count_of_a_clock_that_was_put_back_holds_nobody_up(store: Store) -> None:
    minute = dt.timedelta(minutes=1)
    store.call_rates.take("directory", "anna", most=1, within=minute, now=at(3600))
    assert store.call_rates.take("directory", "anna", most=1, within=minute, now=at(0)) is None
