"""What linking asks of the store: keys of documents, and the links made from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.document import PortalDocument
from include.domain.links import LinkKey


@dataclass(frozen=True, kw_only=True)
class LinkWork:
    """A document that is new, changed, gone, or was linked under other rules; `here`: it is in the portal now.

    `seen_as`: the digest that the store holds of its metadata, by which it knows whether they changed meanwhile.
    """

    document_id: int
    document: PortalDocument
    here: bool
    seen_as: str


@dataclass(frozen=True, kw_only=True)
class PossibleLink:
    """Two documents whose metadata agree under a rule, whenever they arrived.

    `backfilled`: they are linked by an explicit back-fill; `sent`: the invoice is on the platform, or may be.
    """

    invoice_document_id: int
    attachment_document_id: int
    rule: str
    invoice_portal_id: str
    attachment_portal_id: str
    invoice_arrived_at: dt.datetime
    attachment_arrived_at: dt.datetime
    backfilled: bool
    sent: bool


@dataclass(frozen=True, kw_only=True)
class LinkCounts:
    """What recording changed: links made and taken away, invoices to be assessed again, sent ones that were flagged."""

    made: int = 0
    removed: int = 0
    recalled: int = 0
    flagged: int = 0


class Links(Protocol):
    """Links between documents by rules; those that the portal itself knows stand with its documents.

    Whoever holds an older revision of the configuration changes nothing here: the newer one's own pass links.
    """

    def due(self, rules: str, revision: int, *, limit: int) -> list[LinkWork]:
        """Documents whose links were not made under these rules (their digest); none for an older revision."""

    def store_keys(self, works: Sequence[LinkWork], keys: Mapping[int, Sequence[LinkKey]]) -> None:
        """Puts these keys in the place of those that the documents had; one that changed meanwhile is left out."""

    def record(
        self,
        works: Sequence[LinkWork],
        wanted: Callable[[PossibleLink], bool],
        *,
        rules: str,
        revision: int,
        now: dt.datetime,
    ) -> LinkCounts:
        """Makes the wanted ones among the possible links of these documents their links.

        An invoice whose links changed, or whose attachment did, is matched and assessed again while it is not sent; a
        sent one that got a link is flagged.
        """

    def unlinked(
        self, rules: Collection[str], *, sent: bool, after: PossibleLink | None = None, limit: int
    ) -> list[PossibleLink]:
        """Possible links under these rules that are none yet, of invoices that are sent or of those that are not.

        By invoice and attachment in the order in which they came: those after one, and no more than so many.
        """

    def backfill(self, links: Sequence[PossibleLink], *, actor: str, now: dt.datetime) -> int:
        """Makes these links whatever the `since` of their rules, and keeps them; how many. Not for sent invoices."""

    def forget(self, revision: int, *, now: dt.datetime) -> None:
        """There are no rules any more: no keys, no links; the invoices concerned are matched and assessed again."""
