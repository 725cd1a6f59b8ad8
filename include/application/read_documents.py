"""The reading station: stored bytes in, a stored reading or one reason out, document by document."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from include.application.layouts_port import LayoutLessons
from include.application.learn_layouts import memory_of, scope_of
from include.application.ports import Clock, DocumentReader, Files
from include.application.reading_hints import reading_hints
from include.application.storage_ports import DirectoryCache, Documents, ReadWork
from include.domain.configuration import Configuration
from include.domain.errors import ContentMissingError
from include.domain.extraction.memory.example import Memory
from include.domain.reasons import Reason

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class ReadCounts:
    """How many documents were read, how many could not be, and how many wait because the time was over."""

    read: int = 0
    unreadable: int = 0
    left: int = 0


def reading_batches(
    documents: Documents, *, size: int, limit: int, document_ids: Sequence[int] = ()
) -> list[list[int]]:
    """Document ids waiting to be read, in batches: the number of tasks depends on batches, not on documents."""
    ids = [work.document_id for work in documents.to_read(limit=limit, document_ids=document_ids)]
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def read_documents(
    documents: Documents,
    files: Files,
    reader: DocumentReader,
    configuration: Configuration,
    clock: Clock,
    *,
    layouts: LayoutLessons | None = None,
    directory: DirectoryCache | None = None,
    limit: int = 1_000_000,
    document_ids: Sequence[int] = (),
    until: dt.datetime | None = None,
) -> ReadCounts:
    """Reads what waits in `matched`; bytes read before are not read again. One bad document never costs the others.

    `layouts` is the layout memory, `directory` what the platform's directory has answered.
    After `until` no document is begun any more.
    """
    counts = ReadCounts()
    hints = reading_hints(configuration, {} if directory is None else directory.services())
    works = {work.ticket.invoice_id: work for work in documents.to_read(limit=limit, document_ids=document_ids)}
    unread: list[ReadWork] = []
    for work in works.values():
        known = documents.reading(work.content_sha256)
        if known is None:
            unread.append(work)
        elif documents.record_reading(work, known, now=clock.now()):
            _count(counts, isinstance(known, Reason))
    if layouts is not None:
        hints = replace(hints, layouts=_layouts(layouts, configuration, unread))
    contents = _contents(files, documents, unread, clock, counts, until)
    for invoice_id, result in reader.read(contents, configuration.reading, hints):
        if documents.record_reading(works[invoice_id], result, now=clock.now()):
            _count(counts, isinstance(result, Reason))
    logger.info("Read %s documents, %s unreadable", counts.read, counts.unreadable)
    return counts


def _layouts(lessons: LayoutLessons, configuration: Configuration, works: Iterable[ReadWork]) -> dict[int, Memory]:
    """What is known of the providers and the rule of each document; documents of one rule share one memory."""
    known: dict[tuple[tuple[str, ...], str | None], Memory] = {}
    found: dict[int, Memory] = {}
    for work in works:
        group = work.provider_scope, work.classification_rule
        if group not in known:
            allowed = [p for p in configuration.providers if p.name in (work.provider_scope or (p.name,))]
            scopes = [scope_of(provider.key, work.classification_rule) for provider in allowed]
            known[group] = memory_of(lessons.examples(scopes))
        if known[group]:
            found[work.ticket.invoice_id] = known[group]
    return found


def _contents(
    files: Files,
    documents: Documents,
    works: Sequence[ReadWork],
    clock: Clock,
    counts: ReadCounts,
    until: dt.datetime | None,
) -> Iterator[tuple[int, bytes]]:
    """One after the other, so that memory stays flat."""
    for place, work in enumerate(works):
        if until is not None and clock.now() >= until:
            counts.left = len(works) - place
            logger.warning("The time for reading is over: %d documents wait for the next run", counts.left)
            return
        try:
            content = files.get(work.content_sha256)
        except ContentMissingError as error:
            logger.error("Document %s: %s", work.document_id, error)
            if documents.record_reading(work, Reason(code="broken"), now=clock.now()):
                _count(counts, True)
        else:
            yield work.ticket.invoice_id, content


def _count(counts: ReadCounts, unreadable: bool) -> None:
    if unreadable:
        counts.unreadable += 1
    else:
        counts.read += 1
