"""The reading station tells its reader what the directory knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from include.application.ports import ReadingHints
from include.application.read_documents import read_documents
from include.domain.configuration import ReadingLimits
from include.domain.directory import DirectoryEntry, DirectoryService
from tests.factories import ARRIVED, BODY, configuration
from tests.fakes.clock import START, FakeClock
from tests.fakes.judgements import FakeDirectoryCache


class Nothing:
    """Documents and content store without anything to read."""

    def to_read(self, **_: Any) -> list[Any]:
        return []


class Listening:
    """A reader that keeps what it was told."""

    hints: ReadingHints | None = None

    def read(self, contents: Iterable[Any], _limits: ReadingLimits, hints: ReadingHints) -> Iterator[Any]:
        self.hints = hints
        return iter(list(contents))


def test_the_reader_hears_of_bodies_that_only_the_directory_knows() -> None:
    reader, nothing, directory = Listening(), Nothing(), FakeDirectoryCache()
    services = (DirectoryService(code="ST01", name="Voirie", active=True),)
    known = DirectoryEntry(siret=BODY, structure_id=7, name="B", active=True, services=services, fetched_at=ARRIVED)
    directory.put("simulator", known, now=START)
    ports: Any = nothing
    read_documents(ports, ports, reader, configuration(), FakeClock(), directory=directory)
    assert reader.hints is not None
    assert reader.hints.recipient_sirets == {BODY}
    assert reader.hints.service_codes == {BODY: {"ST01"}}
