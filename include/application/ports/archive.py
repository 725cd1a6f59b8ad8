"""Finished invoices, moved out of our tables into packs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.domain.lifecycle import State
from include.domain.rights import Viewer


@dataclass(frozen=True, kw_only=True)
class PackedInvoices:
    """Some invoices as they were read, and the pack made of them."""

    invoice_ids: Sequence[int]
    content: bytes


@dataclass(frozen=True, kw_only=True)
class ArchivedInvoice:
    """An archived invoice in the index; `pack_sha256` is the content that holds it."""

    id: int
    document_id: int | None
    chorus_id: int | None
    provider_key: str | None
    invoice_number: str | None
    state: State
    status: str | None
    recipient_siret: str | None
    recipient_name: str | None
    total_incl_tax: Decimal | None
    deposited_at: dt.datetime | None
    archived_at: dt.datetime
    pack_sha256: str


class ArchiveStore(Protocol):
    """What archiving asks of our database. Keys of what was sent, documents and invoices themselves always stay."""

    def finished(self, *, before: dt.datetime, after: int, limit: int) -> Sequence[int]:
        """Invoices with which nothing will happen any more and nothing happened since, by id, from after this one."""

    def finished_by_year(self, *, before: dt.datetime) -> Mapping[int, int]:
        """How many of them, by the year in which something last happened."""

    def pack(self, invoice_ids: Sequence[int]) -> PackedInvoices:
        """Everything known of these as one pack, read back and compared; nothing is changed."""

    def leave(self, packed: PackedInvoices, pack_sha256: str, *, now: dt.datetime) -> int:
        """Removes exactly what is in the pack, of those invoices that are still as they were packed; how many.

        In one transaction with the entries of the index.
        """

    def search(self, viewer: Viewer, text: str, *, limit: int) -> Sequence[ArchivedInvoice]:
        """Archived invoices with this in number, file, recipient or Chorus Pro's number, newest first."""

    def bring_back(self, reference: str) -> int | None:
        """Puts an archived invoice (our id, or cpro:<number>) back into the tables; None when there is none."""
