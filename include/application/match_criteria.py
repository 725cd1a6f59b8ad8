"""Second station: holds documents against the criteria and, at a match, copies their bytes into the content store.

From here on reading, screens, submission and evidence use that copy only: what is sent is what was judged (design 2).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from include.application.ports import Clock, DocumentPortal, Files
from include.application.storage_ports import Documents, MatchWork
from include.domain.configuration import Configuration, Criterion
from include.domain.criteria import CriteriaVerdict, judge
from include.domain.document import PortalDocument
from include.domain.errors import ContentMissingError, PortalUnavailableError
from include.domain.lifecycle import State
from include.domain.reasons import Reason

logger = logging.getLogger(__name__)

BATCH = 500

MAX_BYTES = 200_000_000
"""No invoice is that large; loading such a file would cost the whole pass."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """How many documents entered which state; `postponed` are those whose bytes could not be copied this time."""

    matched: int = 0
    ignored: int = 0
    postponed: tuple[str, ...] = ()


class MatchCriteria:
    """The use case; one document that cannot be copied never costs the others."""

    def __init__(self, portal: DocumentPortal, documents: Documents, files: Files, clock: Clock) -> None:
        self._portal = portal
        self._documents = documents
        self._files = files
        self._clock = clock

    def __call__(
        self,
        configuration: Configuration,
        revision: int,
        *,
        document_ids: Sequence[int] = (),
    ) -> Matched:
        """Everything that was never matched, changed since, or was matched under an older revision.

        Only `document_ids`, if given.
        """
        states: list[State | None] = []
        postponed: list[str] = []
        done: set[int] = set()
        returning: set[int] = set()
        while True:
            # what was postponed comes again at the head of every batch: it must not keep out those behind it
            batch = self._documents.to_match(revision, limit=BATCH + len(returning), document_ids=document_ids)
            fresh = [work for work in batch if work.document_id not in done]
            again = {work.document_id for work in batch} & done
            if not fresh and again <= returning:
                break
            returning |= again
            for work in fresh:
                done.add(work.document_id)
                try:
                    states.append(self._match(work, configuration, revision))
                except (PortalUnavailableError, _ChangedError) as error:
                    logger.warning("Document %d is postponed: %s", work.document_id, error)
                    postponed.append(work.document.portal_id)
        matched, ignored = states.count(State.MATCHED), states.count(State.IGNORED)
        logger.info("Criteria: %d matched, %d ignored, %d postponed", matched, ignored, len(postponed))
        return Matched(matched=matched, ignored=ignored, postponed=tuple(postponed))

    def _match(self, work: MatchWork, configuration: Configuration, revision: int) -> State | None:
        verdict = verdict_on(work.document, configuration.criteria, work.backfilled)
        stored = work.stored_sha256
        if verdict.matched:
            stored = self._copy(work.document, stored)
            for linked in work.linked:
                if linked.size <= MAX_BYTES:
                    self._copy(linked, self._stored(linked))
        return self._documents.record_match(
            work,
            matched=verdict.matched,
            stored_sha256=stored,
            criteria=verdict.criteria,
            provider_scope=verdict.providers,
            reasons=verdict.reasons,
            # remembered for as long as there is a criterion of that name: one that comes back later begins anew
            backfilled=[criterion.name for criterion in configuration.criteria if criterion.name in work.backfilled],
            revision=revision,
            now=self._clock.now(),
        )

    def _copy(self, document: PortalDocument, stored: str | None) -> str:
        """Copies the bytes unless this very content is stored; they must be those that the scan saw."""
        if stored == document.content_sha256:
            return stored
        content = self._portal.read(document.portal_id)
        if hashlib.sha256(content).hexdigest() != document.content_sha256:
            raise _ChangedError(f"{document.portal_id} changed after it was seen")
        return self._files.put(content)

    def _stored(self, document: PortalDocument) -> str | None:
        """The digest of a linked document, if an earlier match copied it."""
        try:
            self._files.get(document.content_sha256)
        except ContentMissingError:
            return None
        return document.content_sha256


def verdict_on(document: PortalDocument, criteria: Sequence[Criterion], backfilled: Collection[str]) -> CriteriaVerdict:
    """What the station makes of a document: the criteria's verdict, unless it is larger than any invoice."""
    verdict = judge(document, criteria, backfilled=backfilled)
    if verdict.matched and document.size > MAX_BYTES:
        return CriteriaVerdict(matched=False, reasons=(_too_large(document.size),))
    return verdict


def _too_large(size: int) -> Reason:
    return Reason(code="too_large", params={"megabytes": f"{size / 1e6:.0f}", "limit": f"{MAX_BYTES / 1e6:.0f}"})


class _ChangedError(Exception):
    """The portal's bytes are no longer those that the scan digested; the next scan sees them."""
