"""Invoices as people see them (port `InvoiceViews`): ids from the listed rows, then what one page shows of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Reasons, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.listed import NO_DAY
from include.adapters.storage.core.tables import invoices, remote_invoices
from include.adapters.storage.tracking.platform_view import export_rows, platform_view
from include.adapters.storage.views.conditions import between, common
from include.adapters.storage.views.history import attempts_of, moves_of
from include.adapters.storage.views.paging import SortColumns, grouped, id_page, order_of, rows_of, totals
from include.application.ports.invoice_views import ExportRow, InvoiceDetail, InvoiceFilter, InvoiceRow, Origin
from include.application.ports.paging import Page, PageRequest, Totals
from include.domain.codes import Environment
from include.domain.lifecycle import State
from include.domain.payment_terms import NOT_OVERDUE
from include.domain.rights import Viewer
from include.domain.tracking import amount_from

_SORTS: SortColumns = {
    "deposited": listed.c.deposited_at,
    "status_at": listed.c.status_at,
    "number": listed.c.number,
    "recipient": listed.c.recipient,
    "total": listed.c.total_cents,
    "pay_by": listed.c.pay_by,
    # so many days after the status, whatever it is
    "deadline": listed.c.status_at,
}

_ROW = (
    sa.select(
        invoices.c.id,
        invoices.c.document_id,
        invoices.c.version,
        invoices.c.chorus_id,
        invoices.c.provider_key,
        invoices.c.invoice_number,
        invoices.c.state,
        listed.c.status,
        invoices.c.status_at,
        listed.c.deposited_at,
        invoices.c.recipient_siret,
        listed.c.recipient_name,
        invoices.c.total_incl_tax,
        invoices.c.reasons,
        remote_invoices.c.status_comment.label("comment"),
        listed.c.pay_by,
        listed.c.issue_date,
        listed.c.credit_note,
    )
    .join(listed, listed.c.invoice_id == invoices.c.id)
    .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
)

_AT_ONCE = 500


class SqlInvoiceViews:
    """`InvoiceViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, viewer: Viewer, wanted: InvoiceFilter, request: PageRequest) -> Page[InvoiceRow]:
        """See `InvoiceViews`."""
        with self._database.read() as connection:
            page = id_page(connection, _conditions(viewer, wanted), request, _SORTS)
            return page.filled(rows_of(connection, _ROW, page.invoice_ids, _row))

    def totals(self, viewer: Viewer, wanted: InvoiceFilter) -> Totals:
        """See `InvoiceViews`."""
        conditions = _conditions(viewer, dataclasses.replace(wanted, statuses=()))
        with self._database.read() as connection:
            found = grouped(connection, listed.c.status, conditions)
        counts = {status: group.rows for status, group in found.items() if status is not None}
        return totals((g for status, g in found.items() if not wanted.statuses or status in wanted.statuses), counts)

    def rows(self, viewer: Viewer, wanted: InvoiceFilter) -> Sequence[InvoiceRow]:
        """See `InvoiceViews`."""
        with self._database.read() as connection:
            return rows_of(connection, _ROW, _in_order(connection, viewer, wanted), _row)

    def in_order(self, viewer: Viewer, wanted: InvoiceFilter, sort: str | None = None) -> Sequence[int]:
        """See `InvoiceViews`."""
        with self._database.read() as connection:
            return _in_order(connection, viewer, wanted, sort)

    def exported(self, viewer: Viewer, ids: Sequence[int]) -> Sequence[tuple[InvoiceRow, ExportRow]]:
        """See `InvoiceViews`."""
        found: list[tuple[InvoiceRow, ExportRow]] = []
        with self._database.read() as connection:
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                seen = set(_in_order(connection, viewer, InvoiceFilter(ids=tuple(some))))
                mine = [one for one in some if one in seen]
                more = export_rows(connection, mine)
                found += [(row, more[row.id]) for row in rows_of(connection, _ROW, mine, _row)]
        return found

    def detail(self, viewer: Viewer, reference: str) -> InvoiceDetail | None:
        """See `InvoiceViews`."""
        with self._database.read() as connection:
            wanted = InvoiceFilter(ids=tuple(_ids(connection, [reference])))
            rows = rows_of(connection, _ROW, _in_order(connection, viewer, wanted), _row)
            if not rows:
                return None
            remote, history, reports_payment = platform_view(connection, rows[0].id)
            return InvoiceDetail(
                row=rows[0],
                values=export_rows(connection, [rows[0].id])[rows[0].id],
                moves=moves_of(connection, rows[0].id),
                attempts=attempts_of(connection, rows[0].id),
                remote=remote,
                history=history,
                reports_payment=reports_payment,
            )

    def ids(self, references: Sequence[str]) -> Sequence[int]:
        """See `InvoiceViews`."""
        with self._database.read() as connection:
            return _ids(connection, references)


def _in_order(connection: Connection, viewer: Viewer, wanted: InvoiceFilter, sort: str | None = None) -> Sequence[int]:
    query = sa.select(listed.c.invoice_id).where(*_conditions(viewer, wanted))
    order = [listed.c.invoice_id] if sort is None else order_of(sort, _SORTS, listed.c.invoice_id)
    return connection.scalars(query.order_by(*order)).all()


def _ids(connection: Connection, references: Sequence[str]) -> Sequence[int]:
    ours = [number for text in references if (number := _number(text)) is not None]
    theirs = [number for text in references if text.startswith("cpro:") and (number := _number(text[5:])) is not None]
    # every environment by name: the index of the platform's numbers begins with it
    known = sa.and_(invoices.c.environment.in_(list(Environment)), invoices.c.chorus_id.in_(theirs))
    query = sa.select(invoices.c.id).where(sa.or_(invoices.c.id.in_(ours), known))
    return connection.scalars(query.order_by(invoices.c.id)).all()


def _number(text: str) -> int | None:
    """No more than a column holds."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _conditions(viewer: Viewer, wanted: InvoiceFilter) -> list[sa.ColumnElement[bool]]:
    # nothing goes out without a provider; asked for those too, a provider's part of the index could not be used
    found = [listed.c.deposited_at.is_not(None), *common(dataclasses.replace(viewer, without_provider=False), wanted)]
    if wanted.statuses:
        found.append(listed.c.status.in_(sorted(wanted.statuses)))
    if wanted.ids is not None:
        found.append(listed.c.invoice_id.in_(wanted.ids))
    if wanted.returned:
        found.append(listed.c.state == State.TO_PROCESS)
    if wanted.overdue_on is not None:
        found += _overdue(wanted.overdue_on)
    return [
        *found,
        *_amounts(wanted.total_min, wanted.total_max),
        *between(listed.c.deposited_at, wanted.deposited_from, wanted.deposited_to),
        *between(listed.c.status_at, wanted.status_from, wanted.status_to),
    ]


def _overdue(day: dt.date) -> list[sa.ColumnElement[bool]]:
    return [listed.c.pay_by < day, listed.c.status.not_in(sorted(NOT_OVERDUE))]


def _amounts(least: Decimal | None, most: Decimal | None) -> list[sa.ColumnElement[bool]]:
    found = []
    if least is not None:
        found.append(listed.c.total_cents >= sa.literal(_cents(least), sa.BigInteger))
    if most is not None:
        found.append(listed.c.total_cents <= sa.literal(_cents(most), sa.BigInteger))
    return found


def _cents(amount: Decimal) -> int:
    return min(int(abs(amount) * 100), 2**62)


def _row(values: dict[str, Any]) -> InvoiceRow:
    last_day = values["pay_by"]
    values["state"] = State(values["state"])
    values["total_incl_tax"] = amount_from(values["total_incl_tax"])
    values["reasons"] = load(Reasons, values["reasons"] or ())
    values["pay_by"] = None if last_day == NO_DAY else last_day
    values["origin"] = Origin.FOREIGN if values["document_id"] is None else Origin.CONNECTOR
    return InvoiceRow(**values)
