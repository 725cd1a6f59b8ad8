"""Portal documents in our store, from detection to reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.document import PortalDocument, PortalListing
from include.domain.lifecycle import RowVersion, State
from include.domain.reading import Reading
from include.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What one look at the portal changed in our store."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    vanished: int = 0
    returned: int = 0


@dataclass(frozen=True, kw_only=True)
class MatchWork:
    """A document to hold against the criteria; `stored_sha256` is the content already copied, if any.

    `linked` are the documents that go along, by the portal's links and by link rules: at a match their bytes are copied
    too. `backfilled` names the criteria that took it by an explicit back-fill.
    """

    row_version: RowVersion
    document_id: int
    document: PortalDocument
    stored_sha256: str | None
    linked: tuple[PortalDocument, ...] = ()
    backfilled: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadWork:
    """An invoice whose content is to be read; rule and provider names (empty: all) say whose layouts it may have."""

    row_version: RowVersion
    document_id: int
    content_sha256: str
    classification_rule: str | None = None
    provider_scope: tuple[str, ...] = ()


class Documents(Protocol):
    """Portal documents, from detection to reading."""

    def known_signatures(self) -> dict[str, str]:
        """Portal id -> signature of the last look, for every document that has not vanished for good."""

    def record_scan(self, listing: PortalListing, *, now: dt.datetime) -> ScanResult:
        """Stores one look: new ones as `detected`, changes, moves, vanished and returned ones.

        PortalUnavailableError, and nothing is marked, when everything is gone at once.
        """

    def try_scan(self, listing: PortalListing, *, now: dt.datetime) -> None:
        """The same, and takes it back: whether everything that the listing holds can be stored."""

    def to_match(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[MatchWork]:
        """Documents never matched, changed since, or matched under an older revision."""

    def count_to_match(self, revision: int, *, document_ids: Sequence[int] = ()) -> int:
        """How many `to_match` has in all."""

    def record_match(
        self,
        work: MatchWork,
        *,
        matched: bool,
        stored_sha256: str | None,
        criteria: Sequence[str],
        provider_scope: Sequence[str],
        reasons: Sequence[Reason],
        backfilled: Sequence[str] = (),
        revision: int,
        now: dt.datetime,
    ) -> State | None:
        """Stores the verdict and makes the move; the new state, or None when it did not move or was not ours."""

    def to_read(self, *, limit: int, document_ids: Sequence[int] = ()) -> list[ReadWork]:
        """Invoices in `matched`."""

    def reading(self, content_sha256: str) -> Reading | Reason | None:
        """What an earlier reading of the same bytes found."""

    def record_reading(self, work: ReadWork, result: Reading | Reason, *, now: dt.datetime) -> bool:
        """Stores the reading under its content and moves to `read` or `unreadable`."""
