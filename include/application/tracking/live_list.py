"""The tracking list as the platform tells it just now: present statuses laid over stored rows, and what is new.

The list itself comes from our store, which alone can sort, search and page it; a live answer says only of the newest
invoices of one provider how they stand.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from include.application.ports.chorus import RemoteQuery
from include.application.ports.invoice_views import InvoiceFilter, InvoiceRow, InvoiceViews, LiveRow
from include.application.tracking.live_invoices import LiveAnswer
from include.domain.configuration.base import PARIS
from include.domain.rights import Viewer
from include.domain.tracking import RETURNED
from include.domain.values import compact, fold


def question_of(wanted: InvoiceFilter) -> RemoteQuery:
    """The part of a filter that the platform can be asked for."""
    return RemoteQuery(
        status=wanted.statuses[0] if len(wanted.statuses) == 1 else None,
        deposited_from=wanted.deposited_from,
        deposited_to=wanted.deposited_to,
    )


def laid_over(rows: Sequence[InvoiceRow], answers: Iterable[LiveAnswer]) -> tuple[InvoiceRow, ...]:
    """The rows, with status, comment and moment as they are now where an answer names them.

    A last day to pay that is stored stays until the invoice was given back; of one that was not yet stored as made
    available nothing is said before the history tells.
    """
    now = {row.id: row for answer in answers if answer.available for row in answer.rows if row.id is not None}
    return tuple(_as_told(row, now.get(row.id)) for row in rows)


def _as_told(row: InvoiceRow, told: LiveRow | None) -> InvoiceRow:
    if told is None or told.status is None or (told.status, told.status_at) == (row.status, row.status_at):
        return row
    return dataclasses.replace(
        row,
        status=told.status,
        status_at=told.status_at,
        comment=told.comment,
        pay_by=None if told.status in RETURNED else row.pay_by,
    )


def beside_the_list(
    views: InvoiceViews, viewer: Viewer, wanted: InvoiceFilter, answer: LiveAnswer
) -> tuple[LiveRow, ...]:
    """What fits the filter by what the platform says now, and is not in the stored list: new, or changed since."""
    if not answer.available:
        return ()
    fitting = [row for row in answer.rows if fits(row, wanted)]
    known = tuple(row.id for row in fitting if row.id is not None)
    stored = set(views.in_order(viewer, dataclasses.replace(wanted, ids=known)))
    return tuple(row for row in fitting if row.id is None or row.id not in stored)


def fits(row: LiveRow, wanted: InvoiceFilter) -> bool:
    """Whether a filter takes this row by its values; one about late payment takes none, for it needs the history."""
    total = row.total_incl_tax or Decimal()
    return (
        wanted.overdue_on is None
        and (not wanted.statuses or row.status in wanted.statuses)
        and _between(row.deposited_at, wanted.deposited_from, wanted.deposited_to)
        and _between(row.status_at, wanted.status_from, wanted.status_to)
        and (wanted.total_min is None or total >= abs(wanted.total_min))
        and (wanted.total_max is None or total <= abs(wanted.total_max))
        and _contains(wanted.text, row.invoice_number, row.recipient_name, row.recipient_siret, row.chorus_id)
        and _contains(wanted.recipient, row.recipient_name, row.recipient_siret)
    )


def _between(moment: dt.datetime | None, first: dt.date | None, last: dt.date | None) -> bool:
    if first is None and last is None:
        return True
    if moment is None:
        return False
    day = moment.astimezone(PARIS).date()
    return (first is None or day >= first) and (last is None or day <= last)


def _contains(text: str | None, *values: str | int | None) -> bool:
    if text is None:
        return True
    there = "\n".join(fold(str(value)) for value in values if value)
    return fold(text) in there or (compact(text).isdecimal() and compact(text) in there)
