"""The reading stage: stored bytes in, a stored reading or one reason out, document by document."""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.documents import Documents, ReadWork
from include.application.ports.files import Files
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.layouts import LayoutExamples
from include.application.ports.reader import DocumentReader
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.reading.learn_layouts import memory_of, scope_of
from include.application.reading.reading_hints import reading_hints
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError, ContentMissingError
from include.domain.extraction.layout_memory.example import Memory
from include.domain.internal_errors import Item
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.settings import ReadingBatches

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class ReadCounts:
    """How many documents were read, how many could not be, and how many wait because the time was over."""

    read: int = 0
    unreadable: int = 0
    left: int = 0
    failures: list[ConnectorError] = field(default_factory=list)


_ALL = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One of `count` parts of what waits: those whose id leaves the remainder `number`.

    So two batches never share a document, whatever is read meanwhile, and nothing but two numbers travels to a task.
    """

    number: int
    count: int

    def holds(self, document_id: int) -> bool:
        """Whether the document is of this batch."""
        return document_id % self.count == self.number


WHOLE = Batch(number=0, count=1)


def batches_of(waiting: int, sizes: ReadingBatches) -> list[Batch]:
    """So many documents in as many parts as there are slots, or in several rounds of them; in fewer where it is little.

    So every slot of the pool has work until the end of each round, and the number of tasks depends on batches, not on
    documents.
    """
    rounds = math.ceil(waiting / (sizes.slots * sizes.largest))
    count = min(sizes.slots * rounds, math.ceil(waiting / sizes.smallest))
    return [Batch(number=number, count=count) for number in range(count)]


@dataclass(frozen=True, kw_only=True)
class Read:
    """The stage over one configuration; one bad document never costs the others.

    `layouts` is the layout memory, `directory` what the platform's directory has answered.
    """

    documents: Documents
    files: Files
    reader: DocumentReader
    layouts: LayoutExamples
    directory: DirectoryCache
    internal_errors: InternalErrors
    configuration: Configuration
    clock: Clock

    def has_work(self) -> bool:
        """Whether a document waits to be read."""
        return bool(self.documents.to_read(limit=1))

    def batches(self, sizes: ReadingBatches, document_ids: Sequence[int] = ()) -> list[Batch]:
        """What waits, in parts that several tasks read side by side."""
        return batches_of(len(self.documents.to_read(limit=_ALL, document_ids=document_ids)), sizes)

    def __call__(
        self,
        document_ids: Sequence[int] = (),
        *,
        batch: Batch = WHOLE,
        until: dt.datetime | None = None,
        watch: Watch = unwatched,
    ) -> ReadCounts:
        """Reads what waits in `matched`; bytes read before are not read again.

        After `until` no document is begun any more.
        """
        pass_ = _Pass(self, Isolation("read", self.internal_errors, self.clock))
        works = [
            work
            for work in self.documents.to_read(limit=_ALL, document_ids=document_ids)
            if batch.holds(work.document_id)
        ]
        counts = pass_.run(works, until, Progress(Step.READ, self.clock, watch, total=len(works)))
        logger.info("Read %s documents, %s unreadable", counts.read, counts.unreadable)
        return counts


class _Pass:
    """One reading of what waits; a document that cannot be handled is unreadable, and says why."""

    def __init__(self, stage: Read, isolation: Isolation) -> None:
        self._stage = stage
        self._isolation = isolation
        self._counts = ReadCounts()
        self._progress: Progress | None = None

    def run(self, works: Sequence[ReadWork], until: dt.datetime | None, progress: Progress) -> ReadCounts:
        stage, self._progress = self._stage, progress
        unread = [work for work in works if not self._known(work)]
        services = stage.directory.services()
        hints = replace(reading_hints(stage.configuration, services), layouts=self._layouts_for(unread))
        by_invoice = {work.row_version.invoice_id: work for work in unread}
        contents = self._contents(unread, until)
        for invoice_id, result in stage.reader.read(contents, stage.configuration.reading, hints):
            self._record(by_invoice[invoice_id], result)
        self._counts.failures = self._isolation.failures
        return self._counts

    def _known(self, work: ReadWork) -> bool:
        """Whether this one is dealt with, as a rule because an earlier reading of the same bytes was taken over."""
        asked, known = False, None
        with self._isolated(work):
            known = self._stage.documents.reading(work.content_sha256)
            asked = True
        if known is not None:
            self._record(work, known)
        return not asked or known is not None

    def _isolated(self, work: ReadWork) -> AbstractContextManager[None, bool]:
        return self._isolation.confined(
            Item("document", work.document_id), work.row_version, instead=lambda reason: self._store(work, reason)
        )

    def _layouts_for(self, works: Iterable[ReadWork]) -> dict[int, Memory]:
        """What is known of the providers and the rule of each document; documents of one rule share one memory."""
        known: dict[tuple[tuple[str, ...], str | None], Memory] = {}
        memories: dict[int, Memory] = {}
        for work in works:
            group = work.provider_scope, work.classification_rule
            if group not in known:
                allowed = [
                    p for p in self._stage.configuration.providers if p.name in (work.provider_scope or (p.name,))
                ]
                scopes = [scope_of(provider.key, work.classification_rule) for provider in allowed]
                known[group] = memory_of(self._stage.layouts.examples(scopes))
            if known[group]:
                memories[work.row_version.invoice_id] = known[group]
        return memories

    def _contents(self, works: Sequence[ReadWork], until: dt.datetime | None) -> Iterator[tuple[int, bytes]]:
        """One after the other, so that memory stays flat."""
        for place, work in enumerate(works):
            if until is not None and self._stage.clock.now() >= until:
                self._counts.left = len(works) - place
                logger.warning("The time for reading is over: %d documents wait for the next run", self._counts.left)
                return
            content = None
            with self._isolated(work):
                try:
                    content = self._stage.files.get(work.content_sha256)
                except ContentMissingError as error:
                    logger.error("Document %s: %s", work.document_id, error)
                    self._record(work, Reason(code="broken"))
            if content is not None:
                yield work.row_version.invoice_id, content

    def _record(self, work: ReadWork, result: Reading | Reason) -> None:
        with self._isolated(work):
            self._store(work, result)
        if self._progress is not None:
            self._progress.advance()

    def _store(self, work: ReadWork, result: Reading | Reason) -> None:
        if not self._stage.documents.record_reading(work, result, now=self._stage.clock.now()):
            return
        if isinstance(result, Reason):
            self._counts.unreadable += 1
        else:
            self._counts.read += 1
