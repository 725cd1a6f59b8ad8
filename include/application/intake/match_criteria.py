"""Second stage: holds documents against the criteria and, at a match, copies their bytes into the content store.

From here on reading, screens, submission and evidence use that copy only: what is sent is what was assessed
(docs/architecture.md).
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.documents import Documents, MatchWork
from include.application.ports.files import Files
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.portal import MAX_BYTES, DocumentPortal
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.providers.setup_hints import untouched
from include.domain.configuration import Configuration, Criterion
from include.domain.criteria import CriteriaVerdict, evaluate
from include.domain.document import PortalDocument
from include.domain.errors import ConnectorError, ContentMissingError, PortalUnavailableError
from include.domain.internal_errors import Item
from include.domain.lifecycle import State
from include.domain.reasons import Reason

logger = logging.getLogger(__name__)

BATCH = 500

COPIES = 16
"""So many copies into the content store are under way at once: an object store answers each after a while."""

COPIED_BYTES = 64_000_000
"""So many bytes at most wait in memory for that, or one document if it is larger."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """How many documents entered which state; `postponed` are those whose bytes could not be copied this time."""

    matched: int = 0
    ignored: int = 0
    postponed: tuple[str, ...] = ()
    failures: list[ConnectorError] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Match:
    """The stage over one revision of the configuration; one document that cannot be copied never costs the others.

    `link` links documents by rules before they are held against the criteria, and tells what it could not link.
    """

    open_portal: Callable[[], DocumentPortal]
    documents: Documents
    files: Files
    link: Callable[[], list[ConnectorError]]
    internal_errors: InternalErrors
    configuration: Configuration
    revision: int
    clock: Clock

    def has_work(self) -> bool:
        """Whether a document waits to be held against the criteria."""
        return bool(self.documents.to_match(self.revision, limit=1))

    def __call__(self, document_ids: Sequence[int] = (), *, watch: Watch = unwatched) -> Matched:
        """Everything that was never matched, changed since, or was matched under an older revision.

        Only `document_ids`, if given.
        """
        if untouched(self.configuration):
            return Matched()
        isolation = Isolation("match", self.internal_errors, self.clock)
        failures = self.link()
        portal = self.open_portal()
        due = self.documents.count_to_match(self.revision, document_ids=document_ids)
        progress = Progress(Step.MATCH, self.clock, watch, total=due)
        states: list[State | None] = []
        postponed: list[str] = []
        done: set[int] = set()
        returning: set[int] = set()
        while True:
            # what was postponed comes again at the head of every batch: it must not keep out those behind it
            batch = self.documents.to_match(self.revision, limit=BATCH + len(returning), document_ids=document_ids)
            fresh = [work for work in batch if work.document_id not in done]
            again = {work.document_id for work in batch} & done
            if not fresh and again <= returning:
                break
            returning |= again
            done |= {work.document_id for work in fresh}
            for work, matching in self._copied(portal, fresh):
                item = Item("document", f"{work.document_id} {work.document.portal_id}")
                with isolation.confined(item, work.row_version):
                    try:
                        states.append(self._record(work, matching))
                    except (PortalUnavailableError, _ChangedError) as error:
                        logger.warning("Document %d is postponed: %s", work.document_id, error)
                        postponed.append(work.document.portal_id)
                progress.advance()
        matched, ignored = states.count(State.MATCHED), states.count(State.IGNORED)
        logger.info("Criteria: %d matched, %d ignored, %d postponed", matched, ignored, len(postponed))
        return Matched(
            matched=matched,
            ignored=ignored,
            postponed=tuple(postponed),
            failures=[*failures, *isolation.failures],
        )

    def _copied(
        self, portal: DocumentPortal, works: Sequence[MatchWork]
    ) -> Iterator[tuple[MatchWork, Callable[[], _Matched]]]:
        """In their order, each with what waits for its copies; the next ones are copied meanwhile."""
        waiting: deque[tuple[MatchWork, Callable[[], _Matched]]] = deque()
        with ThreadPoolExecutor(COPIES, thread_name_prefix="copy") as pool:
            for work in works:
                while waiting and _are_many([work, *(one for one, _ in waiting)]):
                    yield waiting.popleft()
                waiting.append((work, self._match(portal, work, pool)))
            yield from waiting

    def _match(self, portal: DocumentPortal, work: MatchWork, pool: ThreadPoolExecutor) -> Callable[[], _Matched]:
        """What waits for the copies of this document; they are read from the portal here, one at a time.

        Whatever goes wrong is raised where the document is recorded, so that it is this document's alone.
        """
        try:
            verdict = verdict_on(work.document, self.configuration.criteria, work.backfilled)
            if not verdict.matched:
                return lambda: _Matched(verdict=verdict, stored_sha256=work.stored_sha256)
            main = self._copy(portal, work.document, work.stored_sha256, pool)
            linked = [one for one in work.linked if one.size <= MAX_BYTES]
            others = [self._copy(portal, one, self._stored(one), pool) for one in linked]
        except Exception as error:  # raised where this document is stored, which confines it
            return functools.partial(_raise, error)
        return lambda: _Matched(verdict=verdict, stored_sha256=[one.result() for one in (*others, main)].pop())

    def _record(self, work: MatchWork, matching: Callable[[], _Matched]) -> State | None:
        found = matching()
        return self.documents.record_match(
            work,
            matched=found.verdict.matched,
            stored_sha256=found.stored_sha256,
            criteria=found.verdict.criteria,
            provider_scope=found.verdict.providers,
            reasons=found.verdict.reasons,
            # remembered for as long as there is a criterion of that name: one that comes back later begins anew
            backfilled=[one.name for one in self.configuration.criteria if one.name in work.backfilled],
            revision=self.revision,
            now=self.clock.now(),
        )

    def _copy(
        self, portal: DocumentPortal, document: PortalDocument, stored: str | None, pool: ThreadPoolExecutor
    ) -> Future[str]:
        """Copies the bytes unless this very content is stored; they must be those that the scan saw."""
        if stored == document.content_sha256:
            there: Future[str] = Future()
            there.set_result(stored)
            return there
        content = portal.read(document.portal_id)
        if hashlib.sha256(content).hexdigest() != document.content_sha256:
            raise _ChangedError(f"{document.portal_id} changed after it was seen")
        return pool.submit(self.files.put, content)

    def _stored(self, document: PortalDocument) -> str | None:
        """The digest of a linked document, if an earlier match copied it."""
        try:
            self.files.get(document.content_sha256)
        except ContentMissingError:
            return None
        return document.content_sha256


def verdict_on(document: PortalDocument, criteria: Sequence[Criterion], backfilled: Collection[str]) -> CriteriaVerdict:
    """What the stage makes of a document: the criteria's verdict, unless it is larger than any invoice."""
    verdict = evaluate(document, criteria, backfilled=backfilled)
    if verdict.matched and document.size > MAX_BYTES:
        return CriteriaVerdict(matched=False, reasons=(_too_large(document.size),))
    return verdict


def _too_large(size: int) -> Reason:
    return Reason(code="too_large", params={"megabytes": f"{size / 1e6:.0f}", "limit": f"{MAX_BYTES / 1e6:.0f}"})


@dataclass(frozen=True, kw_only=True)
class _Matched:
    """The verdict on a document, and the digest of its stored copy."""

    verdict: CriteriaVerdict
    stored_sha256: str | None


def _are_many(works: Sequence[MatchWork]) -> bool:
    """Whether these are too many documents, or too large ones, to be copied at once."""
    size = sum(one.size for work in works for one in (work.document, *work.linked))
    return len(works) > COPIES or size > COPIED_BYTES


def _raise(error: Exception) -> _Matched:
    raise error


class _ChangedError(Exception):
    """The portal's bytes are no longer those that the scan digested; the next scan sees them."""
