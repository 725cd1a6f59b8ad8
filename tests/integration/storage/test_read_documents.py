"""The reading stage on the real store: one document's bytes at a time, and none begun after its time."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest

from include.adapters.storage.intake.documents import SqlDocuments
from include.adapters.storage.store import Store
from include.application.ports.documents import ReadWork
from include.application.reading.read_documents import Read, ReadCounts
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.settings import ReadingBatches
from tests.factories import ARRIVED, BODY, configuration, portal_document
from tests.fakes.clock import START, FakeClock
from tests.fakes.files import FakeFiles
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.providers import FakeDirectoryCache
from tests.fakes.reader import FakeReader, nothing_printed
from tests.integration.storage.matched import matched


class NotingFiles(FakeFiles):
    """Notes what is opened."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self._asked = asked

    def get(self, sha256: str) -> bytes:
        content = super().get(sha256)
        self._asked.append(f"open {content.decode()}")
        return content


class NotingDocuments(SqlDocuments):
    """Notes what is stored."""

    def __init__(self, store: Store, files: FakeFiles, asked: list[str]) -> None:
        super().__init__(store.database)
        self._files, self._asked = files, asked

    def record_reading(self, work: ReadWork, result: Reading | Reason, *, now: dt.datetime) -> bool:
        if work.content_sha256 in self._files.contents:
            self._asked.append(f"store {self._files.contents[work.content_sha256].decode()}")
        return super().record_reading(work, result, now=now)


class ReadingBench:
    """The stage over one store, with a reader that takes a minute for each document; `asked` in the order of time."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.asked: list[str] = []
        self.files = NotingFiles(self.asked)
        self.documents = NotingDocuments(store, self.files, self.asked)
        self.directory = FakeDirectoryCache()
        self.reader = FakeReader(self._slowly)

    def _slowly(self, content: bytes) -> Reading | Reason:
        self.clock.advance(60)
        return nothing_printed(content)

    def add(self, number: int, name: str = "") -> ReadWork:
        """A document that waits to be read."""
        content = f"%PDF {number}".encode()
        self.files.put(content)
        return matched(self.store, portal_document(f"Factures/{name or number}.pdf", content))

    def read_before(self, number: int) -> None:
        """The same bytes came earlier, and could not be read."""
        work = self.add(number, name=f"before {number}")
        self.store.documents.record_reading(work, Reason(code="broken"), now=START)

    def stage(self) -> Read:
        return Read(
            documents=self.documents,
            files=self.files,
            reader=self.reader,
            layouts=self.store.layouts,
            internal_errors=FakeInternalErrors(),
            directory=self.directory,
            configuration=configuration(),
            clock=self.clock,
        )

    def read(self, **how: Any) -> ReadCounts:
        return self.stage()(**how)


@pytest.fixture
def bench(store: Store, clock: FakeClock) -> ReadingBench:
    return ReadingBench(store, clock)


def in_turn(*numbers: int) -> list[str]:
    return [f"{what} %PDF {number}" for number in numbers for what in ("open", "store")]


def test_bytes_are_opened_one_after_the_other_so_that_memory_stays_flat(bench: ReadingBench) -> None:
    for number in range(3):
        bench.add(number)
    assert bench.read().read == 3
    assert bench.asked == in_turn(0, 1, 2)


def test_after_its_time_no_document_is_begun_and_the_rest_is_counted(bench: ReadingBench) -> None:
    for number in range(5):
        bench.add(number)
    counts = bench.read(until=START + dt.timedelta(seconds=90))
    assert (counts.read, counts.left) == (2, 3)
    assert bench.asked == in_turn(0, 1)


def test_what_was_read_before_is_not_opened_even_when_the_time_is_over(bench: ReadingBench) -> None:
    bench.read_before(0)
    for number in range(2):
        bench.add(number)
    counts = bench.read(until=START)
    assert (counts.read, counts.unreadable, counts.left) == (0, 1, 1)
    assert bench.asked == ["store %PDF 0"]


def test_the_log_says_how_many_are_read_and_how_many_are_left(
    bench: ReadingBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "include.application.progress")
    bench.read_before(0)
    works = [bench.add(number) for number in range(4)]
    del bench.files.contents[works[1].content_sha256]
    bench.read()
    told = [record.message for record in caplog.records if record.name == "include.application.progress"]
    assert told[-2:] == ["Reading the documents: 3 done, 1 left.", "Reading the documents: 4 done, 0 left."]


def test_lost_content_costs_its_document_only(bench: ReadingBench) -> None:
    works = [bench.add(number) for number in range(2)]
    del bench.files.contents[works[0].content_sha256]
    counts = bench.read()
    assert (counts.read, counts.unreadable) == (1, 1)


def test_batches_share_no_document_and_leave_none_out(bench: ReadingBench) -> None:
    for number in range(7):
        bench.add(number)
    batches = bench.stage().batches(ReadingBatches(slots=3, smallest=1))
    assert sorted(bench.read(batch=batch).read for batch in batches) == [2, 2, 3]
    assert sorted(bench.asked) == sorted(in_turn(*range(7)))


def test_the_reader_hears_of_bodies_that_only_the_directory_knows(bench: ReadingBench) -> None:
    services = (DirectoryService(code="ST01", name="Voirie", active=True),)
    known = DirectoryEntry(siret=BODY, structure_id=7, name="B", active=True, services=services, fetched_at=ARRIVED)
    bench.directory.put("simulator", known, now=START)
    bench.read()
    assert bench.reader.hints.recipient_sirets == {BODY}
    assert bench.reader.hints.service_codes == {BODY: {"ST01"}}
