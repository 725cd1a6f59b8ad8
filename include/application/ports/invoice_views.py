"""Invoices that were sent, or stand on the platform, as people see them; the viewer's rights are in every question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from include.application.ports.document_views import AttemptRow, MoveRow
from include.application.ports.paging import Page, PageRequest, Totals
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.tracking import Agent

SORTS = ("deposited", "status_at", "number", "recipient", "total", "pay_by")

RETURNED_TABS = {"suspended": "SUSPENDUE", "to_recycle": "A_RECYCLER", "rejected": "REJETEE"}
"""Returned invoices by what they wait for, with the platform's status."""


class Origin(StrEnum):
    """Who sent an invoice."""

    CONNECTOR = "connector"
    FOREIGN = "foreign"


@dataclass(frozen=True, kw_only=True)
class InvoiceFilter:
    """All invoices of a filter: shared by list and export.

    `text` and `recipient` as of documents; `statuses`: of the platform, empty: any; days are those of Paris, both
    included; amounts in euros, without sign. `overdue_on`: not paid although its last day to be paid is before this
    one. `returned`: waits for a correction. `ids`: None, any.
    """

    text: str | None = None
    statuses: tuple[str, ...] = ()
    provider_key: str | None = None
    recipient: str | None = None
    deposited_from: dt.date | None = None
    deposited_to: dt.date | None = None
    status_from: dt.date | None = None
    status_to: dt.date | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None
    overdue_on: dt.date | None = None
    returned: bool = False
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ListedInvoice:
    """One invoice; `status` is None while the platform does not know it, `comment` what came with its status.

    `id`, `document_id` and `version` are None for one that our store does not know. `deposited_at`: when we sent it,
    or the day that the platform names; None where it does not say. `pay_by`: None before it was made available.
    `total_incl_tax` has no sign, `credit_note` says whether it is one.
    """

    id: int | None
    document_id: int | None
    version: int | None
    chorus_id: int | None
    provider_key: str | None
    invoice_number: str | None
    state: State
    status: str | None
    status_at: dt.datetime | None
    deposited_at: dt.datetime | None
    recipient_siret: str | None
    recipient_name: str | None
    total_incl_tax: Decimal | None
    reasons: tuple[Reason, ...]
    comment: str | None
    pay_by: dt.date | None
    origin: Origin
    issue_date: dt.date | None
    credit_note: bool


@dataclass(frozen=True, kw_only=True)
class InvoiceRow(ListedInvoice):
    """An invoice of our store."""

    id: int
    version: int
    deposited_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class LiveRow(ListedInvoice):
    """An invoice as the platform tells it just now."""


@dataclass(frozen=True, kw_only=True)
class RemoteRow:
    """What the platform says of an invoice, as it was last retrieved."""

    number: str
    code: str
    status_at: dt.datetime | None
    status_comment: str | None
    credit_note: bool
    supplier_siret: str | None
    recipient_siret: str | None
    recipient_name: str | None
    service_code: str | None
    engagement_number: str | None
    total_excl_tax: Decimal | None
    total_incl_tax: Decimal | None
    amount_due: Decimal | None
    issue_date: dt.date | None
    deposited_on: dt.date | None
    rejection_handled: bool
    first_seen_at: dt.datetime
    changed_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One entry of the platform's history; `agent`: the person at the public body, where one is named."""

    at: dt.datetime | None
    kind: str
    code: str
    comment: str | None
    agent: Agent | None


@dataclass(frozen=True, kw_only=True)
class InvoiceDetail:
    """One invoice with its moves and attempts, and what the platform told.

    `values`: what the platform says of it, and where it says nothing, what its document says. `reports_payment`:
    whether its recipient ever tells of a payment; None: the directory was never asked.
    """

    row: InvoiceRow
    values: ExportRow
    moves: tuple[MoveRow, ...]
    attempts: tuple[AttemptRow, ...]
    remote: RemoteRow | None
    history: tuple[HistoryRow, ...]
    reports_payment: bool | None


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """What an export adds to a row: what the platform says, and where it says nothing, what the document says."""

    portal_id: str | None
    recipient_siret: str | None
    recipient_name: str | None
    service_code: str | None
    engagement_number: str | None
    total_excl_tax: Decimal | None
    total_incl_tax: Decimal | None
    amount_due: Decimal | None
    issue_date: dt.date | None
    deposited_on: dt.date | None
    status_comment: str | None
    credit_note: bool


class InvoiceViews(Protocol):
    """Invoices as people see them: everything ever attempted, and what others sent."""

    def page(self, viewer: Viewer, wanted: InvoiceFilter, request: PageRequest) -> Page[InvoiceRow]:
        """One page; sorts are SORTS, and `deadline` for returned ones. InputError for another sort or a torn cursor."""

    def totals(self, viewer: Viewer, wanted: InvoiceFilter) -> Totals:
        """How many there are, and by status whatever `statuses` says."""

    def rows(self, viewer: Viewer, wanted: InvoiceFilter) -> Sequence[InvoiceRow]:
        """All of them, in the order of our ids."""

    def in_order(self, viewer: Viewer, wanted: InvoiceFilter, sort: str | None = None) -> Sequence[int]:
        """Our ids of all of them; the order is that of `page`, without a sort that of the ids themselves."""

    def exported(self, viewer: Viewer, ids: Sequence[int]) -> Sequence[tuple[InvoiceRow, ExportRow]]:
        """These with what an export adds, in their order; those that this person does not see are left out."""

    def detail(self, viewer: Viewer, reference: str) -> InvoiceDetail | None:
        """One invoice by our id or `cpro:<number>`; None when there is none, or this person does not see it."""

    def ids(self, references: Sequence[str]) -> Sequence[int]:
        """Our ids of these references, seen or not; unknown ones are left out."""
