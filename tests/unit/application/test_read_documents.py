"""The reading station: one document's bytes at a time, and none begun after its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pytest

from include.application.read_documents import ReadCounts, read_documents, reading_batches
from include.application.storage_ports import ReadWork, Ticket
from include.domain.configuration import ReadingLimits
from include.domain.errors import ContentMissingError
from include.domain.fields import DocumentKind, Reading
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from tests.factories import configuration
from tests.fakes.clock import START, FakeClock


class Store:
    """Documents and content store at once; notes what was asked of it, in order."""

    def __init__(self, count: int) -> None:
        self.works = [
            ReadWork(
                ticket=Ticket(invoice_id=number, state=State.MATCHED, version=1),
                document_id=number,
                content_sha256=f"{number}",
            )
            for number in range(count)
        ]
        self.asked: list[str] = []
        self.known: dict[str, Reading | Reason] = {}
        self.gone: set[str] = set()

    def to_read(self, *, limit: int, document_ids: tuple[int, ...] = ()) -> list[ReadWork]:
        return self.works[:limit]

    def reading(self, content_sha256: str) -> Reading | Reason | None:
        return self.known.get(content_sha256)

    def record_reading(self, work: ReadWork, result: Reading | Reason, *, now: dt.datetime) -> bool:
        self.asked.append(f"store {work.content_sha256}")
        return True

    def get(self, sha256: str) -> bytes:
        if sha256 in self.gone:
            raise ContentMissingError("gone")
        self.asked.append(f"open {sha256}")
        return b"%PDF"


class SlowReader:
    """One document at a time, a minute each."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: object
    ) -> Iterator[tuple[int, Reading | Reason]]:
        for key, _ in contents:
            self.clock.advance(60)
            yield key, Reading(kind=DocumentKind.DIGITAL, fields={})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def read(store: Store, clock: FakeClock, until: dt.datetime | None = None) -> ReadCounts:
    ports = cast(Any, store)
    return read_documents(ports, ports, cast(Any, SlowReader(clock)), configuration(), clock, until=until)


def test_bytes_are_opened_one_after_the_other_so_that_memory_stays_flat(clock: FakeClock) -> None:
    store = Store(3)
    assert read(store, clock).read == 3
    assert store.asked == ["open 0", "store 0", "open 1", "store 1", "open 2", "store 2"]


def test_after_its_time_no_document_is_begun_and_the_rest_is_counted(clock: FakeClock) -> None:
    store = Store(5)
    counts = read(store, clock, until=START + dt.timedelta(seconds=90))
    assert (counts.read, counts.left) == (2, 3)
    assert store.asked == ["open 0", "store 0", "open 1", "store 1"]


def test_what_was_read_before_is_not_opened_even_when_the_time_is_over(clock: FakeClock) -> None:
    store = Store(2)
    store.known["0"] = Reason(code="broken")
    counts = read(store, clock, until=START)
    assert (counts.read, counts.unreadable, counts.left) == (0, 1, 1)


def test_lost_content_costs_its_document_only(clock: FakeClock) -> None:
    store = Store(2)
    store.gone.add("0")
    counts = read(store, clock)
    assert (counts.read, counts.unreadable) == (1, 1)


def test_the_number_of_batches_depends_on_their_size() -> None:
    batches = reading_batches(cast(Any, Store(5)), size=2, limit=99)
    assert batches == [[0, 1], [2, 3], [4]]
