"""Reads one document of the portal in full: what it tells of it, and its bytes where their digest is not told."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection
from dataclasses import dataclass

from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError
from include.adapters.portal.http.calls import Calls
from include.adapters.portal.http.facts import Facts, Metadatum, UnclearError, metadata_of, values_by_name
from include.adapters.portal.http.listing import Listed
from include.adapters.portal.http.settings import PortalSettings
from include.application.ports.clock import Clock
from include.domain.document import PortalDocument
from include.texts import Text

logger = logging.getLogger(__name__)

NO_ANSWER = "portal_no_answer"
STILL_CHANGING = "portal_still_changing"
UNREADABLE = "portal_file_unreadable"
UNCLEAR = "portal_answer_unclear"
OTHER_CHECKSUM = "portal_checksum"

UNCHANGED = object()
"""A document that was looked at again and is as it was."""

Outcome = PortalDocument | str | object | None


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What `document/{id}` tells."""

    facts: Facts
    metadata: tuple[Metadatum, ...]


class Taking:
    """Takes documents one by one; the metadata in `own` are ours and tell nothing."""

    def __init__(self, calls: Calls, settings: PortalSettings, own: Collection[str], clock: Clock) -> None:
        self._calls = calls
        self._settings = settings
        self._own = own
        self._clock = clock

    def take(self, item: Listed, known: str | None = None, *, again: bool = False) -> Outcome:
        """The document, the code of the reason why not now, None where it went away, or UNCHANGED.

        With `again` its listing told nothing new: it is read in full only where what is told of it differs from
        `known`, its signature.
        """
        try:
            return self._take(item, known if again else None)
        except GoneError:
            return None
        except NoAnswerError as error:
            return _postponed(item, NO_ANSWER, error)
        except RefusedError as error:
            return _postponed(item, UNREADABLE, error)
        except UnclearError as error:
            return _postponed(item, UNCLEAR, error)

    def detail(self, portal_id: str) -> Detail:
        """What the portal tells of one document."""
        body = self._calls.get_json(f"/ws/v2/document/{portal_id}")
        told = body.get("document")
        if not isinstance(told, dict):
            raise UnclearError(Text("portal.no_document"))
        return Detail(facts=Facts(told, self._settings), metadata=tuple(metadata_of(body)))

    def _take(self, item: Listed, known: str | None) -> Outcome:
        detail = self.detail(item.portal_id)
        if known is not None and detail.facts.tells_changes and self._signature(item, detail, None) == known:
            return UNCHANGED
        digest, size = detail.facts.checksum, detail.facts.size
        if digest is None or size is None:
            outcome = self._download(item, detail)
            if isinstance(outcome, str):
                return outcome
            digest, size = outcome
        signature = self._signature(item, detail, digest)
        if signature == known:
            return UNCHANGED
        return PortalDocument(
            portal_id=item.portal_id,
            name=detail.facts.file_name or item.facts.file_name or item.portal_id,
            folder=item.folder,
            signature=signature,
            size=size,
            arrived_at=self._arrival(item, detail),
            content_sha256=digest,
            classification_rule=detail.facts.rule or item.facts.rule,
            metadata=values_by_name(detail.metadata, self._own),
        )

    def _download(self, item: Listed, detail: Detail) -> tuple[str, int] | str:
        """Digest and size of the bytes; what is told afterwards must be what was told before, or the two do not match.

        A file that is missing while its document is there counts as unreadable.
        """
        try:
            _, digest, size, promised, whole = self._calls.get_file(f"/ws/v2/file/{item.portal_id}")
            known = promised or detail.facts.checksum or detail.facts.size
            if not whole and known is None and self._calls.get_file(f"/ws/v2/file/{item.portal_id}").digest != digest:
                return NO_ANSWER
        except GoneError as error:
            raise RefusedError(error.cause) from error
        if {digest} != {digest, promised or digest, detail.facts.checksum or digest}:
            return OTHER_CHECKSUM
        if detail.facts.size not in (None, size):
            return STILL_CHANGING
        after = self._signature(item, self.detail(item.portal_id), digest)
        return (digest, size) if after == self._signature(item, detail, digest) else STILL_CHANGING

    def _signature(self, item: Listed, detail: Detail, digest: str | None) -> str:
        """Where it lies, what the listing tells, what the portal tells of it alone without what is ours.

        The digest of the bytes is part of it where nothing else would tell of other bytes.
        """
        metadata = values_by_name(detail.metadata, self._own)
        told = detail.facts.digest(metadata, None if detail.facts.tells_changes else digest)
        return f"{item.chain}|{item.token}|{told}"

    def _arrival(self, item: Listed, detail: Detail) -> dt.datetime:
        """When it was filed; now, where the portal does not tell."""
        return detail.facts.arrived_at or item.facts.arrived_at or self._clock.now()


def _postponed(item: Listed, code: str, why: Exception) -> str:
    logger.info("Document %s is postponed: %s (%s)", item.portal_id, code, why)
    return code
