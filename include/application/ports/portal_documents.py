"""The documents of the portal as we stored them, for looks at all of them and for explicit inclusion of older ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.document import PortalDocument
from include.domain.lifecycle import RowVersion


@dataclass(frozen=True, kw_only=True)
class StoredDocument:
    """A document that is in the portal now, with where its invoice stands.

    `supplier_siret` is what was read of the invoice, if it was read; `backfilled` names the criteria that took it by an
    explicit back-fill.
    """

    row_version: RowVersion
    document_id: int
    document: PortalDocument
    supplier_siret: str | None
    backfilled: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DocumentGroup:
    """Documents that no criterion can tell apart: how many, the oldest and the newest of them."""

    documents: int
    oldest: StoredDocument
    newest: StoredDocument


@dataclass(frozen=True, kw_only=True)
class PortalGroups:
    """The documents of the portal by what criteria look at; `documents` counts those outside the groups too."""

    documents: int
    groups: tuple[DocumentGroup, ...]


@dataclass(frozen=True, kw_only=True)
class PortalRule:
    """A classification rule as documents spell it, and how many they are."""

    rule: str
    documents: int


class PortalStock(Protocol):
    """All documents, as the last look at the portal left them."""

    def documents(self) -> Iterator[StoredDocument]:
        """The newest version of every document that is there, in the order in which they came."""

    def groups(self, moments: Sequence[dt.datetime], *, largest: int, most: int) -> PortalGroups:
        """The largest groups, `most` at most, whatever the number of documents.

        Documents of a group arrived between the same two of `moments`, have one rule, folder, supplier, state and
        back-fill, and are alike in being a PDF by name and in being larger than `largest` bytes.
        """

    def rules(self) -> list[PortalRule]:
        """Every spelling of a rule that documents have."""

    def newest_of(self, rules: Sequence[str], *, most: int) -> list[StoredDocument]:
        """The newest documents of these spellings, the newest last."""

    def backfill(self, documents: Sequence[StoredDocument], criterion: str, *, actor: str, now: dt.datetime) -> int:
        """Has the criterion take these whatever its `since`, from the next match on; audited.

        How many: those that changed meanwhile are left out.
        """
