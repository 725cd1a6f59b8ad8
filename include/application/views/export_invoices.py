"""The tracking list as a table for files: the rows of the list in its order, with the columns people ask for.

The list decides which rows there are, so filters and the viewer's rights are those of the list. Credit notes are
negative, so that a column sums up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from include.application.ports.invoice_views import ExportRow, InvoiceFilter, InvoiceRow, InvoiceViews
from include.application.ports.spreadsheets import Column, Kind
from include.application.views.filters import provider_name
from include.application.views.payment import debt_of
from include.domain.configuration import Configuration
from include.domain.payment_terms import days_late
from include.domain.rights import Viewer
from include.texts import Language, label, translate

BATCH = 1000

COLUMNS = (
    "provider",
    "invoice_number",
    "issue_date",
    "deposited_on",
    "recipient_name",
    "recipient_siret",
    "service_code",
    "engagement_number",
    "total_excl_tax",
    "total_incl_tax",
    "amount_due",
    "status",
    "status_at",
    "status_comment",
    "chorus_id",
    "portal_id",
    "pay_by",
    "days_late",
    "late_interest",
    "late_lump_sum",
)
"""In the order in which people read them; their headings stand in the catalogues.

Source: docs/reference/connector-functions.md 4.11; the last four: docs/reference/payment-terms.md.
"""

Cell = str | int | Decimal | dt.date | dt.datetime | None
Record = dict[str, Cell]
"""One line of a file by the names of its columns."""

_KINDS = {
    "issue_date": Kind.DATE,
    "deposited_on": Kind.DATE,
    "total_excl_tax": Kind.AMOUNT,
    "total_incl_tax": Kind.AMOUNT,
    "amount_due": Kind.AMOUNT,
    "status_at": Kind.TIME,
    "chorus_id": Kind.ID,
    "pay_by": Kind.DATE,
    "days_late": Kind.COUNT,
    "late_interest": Kind.AMOUNT,
    "late_lump_sum": Kind.AMOUNT,
}


def columns(language: Language) -> list[Column]:
    """Every column, with its heading in this language."""
    return [
        Column(name=name, heading=translate(f"export.{name}", language), kind=_KINDS.get(name, Kind.TEXT))
        for name in COLUMNS
    ]


def export_invoices(
    views: InvoiceViews,
    configuration: Configuration,
    viewer: Viewer,
    wanted: InvoiceFilter,
    language: Language | None,
    *,
    today: dt.date,
    sort: str | None = None,
) -> Iterator[list[Record]]:
    """The rows, batch by batch, keyed as COLUMNS; statuses in words, or as codes where no language is given.

    Which rows and in which order is asked at once, before the first batch: one that changes meanwhile is neither left
    out nor written twice. `today` is that of Paris.
    """
    ids = views.in_order(viewer, wanted, sort)
    return (
        [_exported(row, more, configuration, language, today) for row, more in views.exported(viewer, some)]
        for some in (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    )


def _exported(
    row: InvoiceRow, more: ExportRow, configuration: Configuration, language: Language | None, today: dt.date
) -> Record:
    words = label("status", row.status, language) if row.status and language is not None else row.status
    debt = debt_of(row, more, configuration, today)
    total = more.total_incl_tax if row.total_incl_tax is None else row.total_incl_tax
    return {
        "provider": provider_name(configuration, row.provider_key),
        "invoice_number": row.invoice_number,
        "issue_date": more.issue_date,
        "deposited_on": more.deposited_on,
        "recipient_name": more.recipient_name,
        "recipient_siret": row.recipient_siret or more.recipient_siret,
        "service_code": more.service_code,
        "engagement_number": more.engagement_number,
        "total_excl_tax": _signed(more.total_excl_tax, credit_note=more.credit_note),
        "total_incl_tax": _signed(total, credit_note=more.credit_note),
        "amount_due": _signed(more.amount_due, credit_note=more.credit_note),
        "status": words,
        "status_at": row.status_at,
        "status_comment": more.status_comment,
        "chorus_id": row.chorus_id,
        "portal_id": more.portal_id,
        "pay_by": row.pay_by,
        "days_late": days_late(row.pay_by, row.status, today),
        "late_interest": None if debt is None else debt.interest,
        "late_lump_sum": None if debt is None else debt.lump_sum,
    }


def _signed(amount: Decimal | None, *, credit_note: bool) -> Decimal | None:
    if amount is None:
        return None
    return -abs(amount) if credit_note else abs(amount)
