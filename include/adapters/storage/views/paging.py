"""One page of rows by keys, in either direction, and how many listed invoices there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.tables import AnyRow, invoices
from include.application.ports.paging import (
    EXACT_TOTAL,
    Cursor,
    Key,
    Page,
    PageRequest,
    Row,
    Totals,
    check_sort,
    cursor,
)

Conditions = Sequence[sa.ColumnElement[bool]]
SortColumns = Mapping[str, sa.Column[Any]]

_AT_ONCE = 500
_KEY = "key_of_invoice"


@dataclass(frozen=True, kw_only=True)
class IdPage:
    """The invoices of one page, and the cursors beside it."""

    invoice_ids: tuple[int, ...]
    after: str | None
    before: str | None

    def filled(self, rows: Sequence[Row]) -> Page[Row]:
        """With the rows of its invoices."""
        return Page(items=tuple(rows), after=self.after, before=self.before)


def id_page(connection: Connection, conditions: Conditions, request: PageRequest, sorts: SortColumns) -> IdPage:
    """The listed invoices of one page."""
    query = sa.select(listed.c.invoice_id).where(*conditions)
    page = key_page(connection, query, request, sorts, listed.c.invoice_id)
    return IdPage(invoice_ids=tuple(row.invoice_id for row in page.items), after=page.after, before=page.before)


def rows_of(
    connection: Connection,
    query: sa.Select[Any],
    invoice_ids: Sequence[int],
    made: Callable[[dict[str, Any]], Row],
) -> list[Row]:
    """What a list shows of these invoices, in their order; one that vanished meanwhile is left out.

    `query` selects from `invoices`; `made` makes a row of its columns by name.
    """
    keyed = query.add_columns(invoices.c.id.label(_KEY))
    found: dict[int, Row] = {}
    for start in range(0, len(invoice_ids), _AT_ONCE):
        for row in connection.execute(keyed.where(invoices.c.id.in_(invoice_ids[start : start + _AT_ONCE]))):
            values = dict(row._mapping)
            invoice_id = values.pop(_KEY)
            found[invoice_id] = made(values)
    return [found[invoice_id] for invoice_id in invoice_ids if invoice_id in found]


def key_page(
    connection: Connection,
    query: sa.Select[Any],
    request: PageRequest,
    sorts: SortColumns,
    row_id: sa.Column[Any],
) -> Page[AnyRow]:
    """One page of any rows; `row_id` settles the order of those whose values are the same.

    One row more than the page tells whether another one follows; backwards is the same in the other order.
    """
    check_sort(request.sort, tuple(sorts))
    column = sorts[request.column]
    text = request.before if request.after is None else request.after
    backwards = request.before is not None
    descending = request.descending != backwards
    query = query.add_columns(column.label("sort_value"), row_id.label("sort_id"))
    if text is not None:
        place = cursor(text, request.sort, _kind(column))
        keys, there = sa.tuple_(column, row_id), (_bound(column, place.value), sa.literal(place.id))
        query = query.where(keys < sa.tuple_(*there) if descending else keys > sa.tuple_(*there))
    order: Callable[[sa.Column[Any]], sa.UnaryExpression[Any]] = sa.desc if descending else sa.asc
    rows = list(connection.execute(query.order_by(order(column), order(row_id)).limit(request.limit + 1)))
    more, rows = len(rows) > request.limit, rows[: request.limit]
    if backwards:
        rows.reverse()
    follows, precedes = (bool(rows), more) if backwards else (more, text is not None and bool(rows))
    return Page(
        items=tuple(rows),
        after=_cursor(request.sort, rows[-1]) if follows else None,
        before=_cursor(request.sort, rows[0]) if precedes else None,
    )


def order_of(sort: str, sorts: SortColumns, row_id: sa.Column[Any]) -> list[sa.UnaryExpression[Any]]:
    """The order in which pages of this sort follow each other; InputError for a sort that there is not."""
    check_sort(sort, tuple(sorts))
    column = sorts[sort.removeprefix("-")]
    return [each.desc() if sort.startswith("-") else each.asc() for each in (column, row_id)]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows with the same state or status: how many, and their total in cents, credit notes subtracted."""

    rows: int
    cents: int


def grouped(
    connection: Connection, column: sa.Column[str] | sa.Column[str | None], conditions: Conditions
) -> dict[str | None, Group]:
    """All rows by the value of a column, in one look."""
    signed = sa.case((listed.c.credit_note, -listed.c.total_cents), else_=listed.c.total_cents)
    query = sa.select(column, sa.func.count(), sa.func.sum(signed)).where(*conditions).group_by(column)
    return {value: Group(rows=rows, cents=int(cents)) for value, rows, cents in connection.execute(query)}


def totals(groups: Iterable[Group], counts: Mapping[str, int]) -> Totals:
    """The totals of these groups, beside the counts of all tabs."""
    wanted = list(groups)
    rows, cents = sum(group.rows for group in wanted), sum(group.cents for group in wanted)
    at_least = rows > EXACT_TOTAL
    total = EXACT_TOTAL if at_least else rows
    return Totals(total=total, at_least=at_least, amount=Decimal(cents) / 100, counts=counts)


def _kind(column: sa.Column[Any]) -> type[Key]:
    kind: type[Key] = column.type.python_type
    return kind


def _bound(column: sa.Column[Any], value: Key) -> sa.ColumnElement[Any]:
    return sa.literal(value, column.type)


def _cursor(sort: str, row: AnyRow) -> str:
    value: str | int | dt.date = row.sort_value
    return str(Cursor(sort=sort, value=value, id=row.sort_id))
