"""The documents of the portal as we stored them, for looks at all of them and for explicit back-fills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from include.application.storage_ports import Ticket
from include.domain.document import PortalDocument


@dataclass(frozen=True, kw_only=True)
class StoredDocument:
    """A document that is in the portal now, with where its invoice stands.

    `supplier_siret` is what was read of the invoice, if it was read; `backfilled` names the criteria that took it by an
    explicit back-fill.
    """

    ticket: Ticket
    document_id: int
    document: PortalDocument
    supplier_siret: str | None
    backfilled: tuple[str, ...]


class PortalStock(Protocol):
    """All documents, as the last look at the portal left them."""

    def documents(self) -> Iterator[StoredDocument]:
        """The newest version of every document that is there, in the order in which they came."""

    def backfill(self, documents: Sequence[StoredDocument], criterion: str, *, actor: str, now: dt.datetime) -> int:
        """Has the criterion take these whatever its `since`, from the next match on; audited.

        How many: those that changed meanwhile are left out.
        """
