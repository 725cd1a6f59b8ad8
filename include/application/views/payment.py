"""The payment clock of one invoice, step by step: when its term began, its last day, what is owed for being late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from include.application.ports.invoice_views import ExportRow, InvoiceDetail, InvoiceRow
from include.domain.configuration import Configuration
from include.domain.late_payment import LateDebt, late_debt
from include.domain.payment_terms import PUBLIC_BODY_DAYS, StatusSince, Step, days_late, steps, with_newest
from include.domain.tracking import LAST_WITHOUT_PAYMENT, EntryKind


@dataclass(frozen=True, kw_only=True)
class PaymentClock:
    """How the time to pay runs; `last_day`: None while none does.

    `term`: the body's days. `days_late`: None while no term runs. `perhaps_paid`: the body never tells of a payment,
    and what it tells last was told, so the invoice may long be paid.
    """

    term: int
    steps: Sequence[Step]
    last_day: dt.date | None
    days_late: int | None
    debt: LateDebt | None
    perhaps_paid: bool


def clock_of(detail: InvoiceDetail, configuration: Configuration, today: dt.date) -> PaymentClock | None:
    """The clock as it stands today (in Paris); None for a credit note, which nobody has to pay."""
    row = detail.row
    if row.credit_note:
        return None
    told = [
        StatusSince(status=one.code, at=one.at)
        for one in detail.history
        if one.kind == EntryKind.STATUS and one.at is not None
    ]
    term = term_of(configuration, row.recipient_siret)
    return PaymentClock(
        term=term,
        steps=steps(with_newest(told, row.status, row.status_at), term),
        last_day=row.pay_by,
        days_late=days_late(row.pay_by, row.status, today),
        debt=debt_of(row, detail.values, configuration, today),
        perhaps_paid=detail.reports_payment is False and row.status in LAST_WITHOUT_PAYMENT,
    )


def term_of(configuration: Configuration, siret: str | None) -> int:
    """Days that a body has to pay."""
    body = next((one for one in configuration.recipients if one.siret == siret), None)
    return (body.term if body is not None else None) or PUBLIC_BODY_DAYS


def debt_of(row: InvoiceRow, values: ExportRow, configuration: Configuration, today: dt.date) -> LateDebt | None:
    """What is owed for paying this invoice late; of what is to be paid, else of its total."""
    if row.credit_note:
        return None
    named = (values.amount_due, row.total_incl_tax, values.total_incl_tax)
    due = next((amount for amount in named if amount is not None), None)
    return late_debt(
        row.pay_by,
        status=row.status,
        status_at=row.status_at,
        amount=None if due is None else abs(due),
        rates=configuration.late_payment,
        today=today,
    )
