"""What people asked to be done with many documents: kept as it was asked, with what became of each (both databases)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.request_tables import bulk_request_items
from include.adapters.storage.store import Store
from include.application.ports.bulk_requests import BulkItem, BulkResult

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def ask(store: Store, *items: BulkItem, now: dt.datetime = NOW) -> int:
    return store.bulk_requests.create(
        "hold", items, actor="anna", now=now, keep_until=now + DAY, params={"reason": "x"}
    )


def test_a_request_is_found_as_it_was_asked_by_document(store: Store) -> None:
    first = BulkItem(document_id=3, invoice_id=7, version=4, attempts=1, state="ready")
    unknown = BulkItem(document_id=1)
    found = store.bulk_requests.get(ask(store, first, unknown), now=NOW)
    assert found is not None
    assert (found.action, found.actor, found.params) == ("hold", "anna", {"reason": "x"})
    assert (found.created_at, found.keep_until) == (NOW, NOW + DAY)
    assert (found.items, found.done) == ((unknown, first), 0)


def test_results_are_added_and_the_latest_counts(store: Store) -> None:
    request_id = ask(store, *(BulkItem(document_id=number, state="ready") for number in (1, 2, 3)))
    store.bulk_requests.record(request_id, {1: BulkResult(state="ready")}, now=NOW)
    results = {1: BulkResult(state="held"), 2: BulkResult(state=None, message="gone"), 99: BulkResult(state="held")}
    store.bulk_requests.record(request_id, results, now=NOW)
    store.bulk_requests.record(request_id, {}, now=NOW)
    found = store.bulk_requests.get(request_id, now=NOW)
    assert found is not None
    assert [item.result for item in found.items] == [results[1], results[2], None]
    assert [item.state for item in found.items] == ["ready"] * 3
    assert found.done == 2


def test_results_stay_with_their_request(store: Store) -> None:
    one, other = (ask(store, BulkItem(document_id=1)) for _ in range(2))
    store.bulk_requests.record(one, {1: BulkResult(state="held")}, now=NOW)
    found = store.bulk_requests.get(other, now=NOW)
    assert found is not None and found.done == 0


def test_a_request_ends_with_its_time_and_the_next_one_deletes_it(store: Store) -> None:
    old = ask(store, BulkItem(document_id=1))
    assert store.bulk_requests.get(old, now=NOW + DAY) is None
    new = ask(store, BulkItem(document_id=2), now=NOW + DAY)
    assert new != old
    with store.database.read() as connection:
        kept = connection.execute(sa.select(bulk_request_items.c.request_id)).scalars().all()
    assert kept == [new]


def test_ten_thousand_documents_are_one_request(store: Store) -> None:
    request_id = ask(store, *(BulkItem(document_id=number) for number in range(1, 10_001)))
    store.bulk_requests.record(request_id, {number: BulkResult(state="held") for number in range(1, 10_001)}, now=NOW)
    found = store.bulk_requests.get(request_id, now=NOW)
    assert found is not None and found.done == len(found.items) == 10_000


def test_results_that_there_are_from_the_beginning_are_stored_with_the_request(store: Store) -> None:
    told = BulkItem(document_id=1, state="held", result=BulkResult(state="held", message="not now"))
    found = store.bulk_requests.get(ask(store, told, BulkItem(document_id=2)), now=NOW)
    assert found is not None and (found.items[0], found.done) == (told, 1)


def test_one_worker_at_a_time_has_the_work_on_a_request(store: Store) -> None:
    request_id, minute = ask(store, BulkItem(document_id=1)), dt.timedelta(minutes=1)

    def lease(worker: str, now: dt.datetime, time: dt.timedelta = minute) -> bool:
        return store.bulk_requests.lease(request_id, worker, now=now, until=now + time)

    assert lease("one", NOW)
    assert not lease("other", NOW + minute / 2)
    assert lease("one", NOW + minute / 2), "again, for longer"
    assert not lease("other", NOW + minute)
    assert lease("other", NOW + 2 * minute), "the first one is dead"
    assert lease("other", NOW + 2 * minute, dt.timedelta())
    assert lease("one", NOW + 2 * minute), "given back"
    assert not lease("one", NOW + DAY), "its time is over"
