"""All documents of the portal, and explicit back-fills (port `PortalStock`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import (
    DOCUMENT_COLUMNS,
    ROW_VERSION_COLUMNS,
    apply,
    portal_document,
    row_version,
)
from include.adapters.storage.core.tables import AnyRow, documents, invoices
from include.application.ports.portal_documents import DocumentGroup, PortalGroups, PortalRule, StoredDocument
from include.domain.transitions.intake import backfilled

_PAGE = 1000

_THERE = (
    sa.select(documents.c.id)
    .join(invoices, invoices.c.document_id == documents.c.id)
    .where(documents.c.latest, documents.c.missing_passes == 0)
)
_WHOLE = _THERE.with_only_columns(
    *ROW_VERSION_COLUMNS, *DOCUMENT_COLUMNS, invoices.c.supplier_siret, invoices.c.backfilled
)


class SqlPortalStock:
    """`PortalStock` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def documents(self) -> Iterator[StoredDocument]:
        """See `PortalStock`; page by page, so that no transaction stays open while somebody looks."""
        query = _WHOLE.order_by(documents.c.id).limit(_PAGE)
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query.where(documents.c.id > last)).all()
            yield from map(_stored, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1].document_id

    def groups(self, moments: Sequence[dt.datetime], *, largest: int, most: int) -> PortalGroups:
        """See `PortalStock`; the database groups, so that only two documents of each group are read."""
        after = [sa.case((documents.c.arrived_at >= moment, 1), else_=0) for moment in moments]
        alike = (
            documents.c.classification_rule,
            documents.c.folder,
            sa.func.lower(documents.c.name).like("%.pdf"),
            documents.c.size > largest,
            invoices.c.state,
            invoices.c.supplier_siret,
            sa.cast(invoices.c.backfilled, sa.Text),
            *after,
        )
        number = sa.func.count()
        ends = sa.func.min(documents.c.id).label("oldest"), sa.func.max(documents.c.id).label("newest")
        grouped = _THERE.with_only_columns(number.label("number"), *ends).group_by(*alike)
        query = grouped.order_by(number.desc(), ends[0]).limit(most)
        with self._database.read() as connection:
            total = connection.scalar(_THERE.with_only_columns(number)) or 0
            rows = connection.execute(query).all()
            known = _by_id(connection, {found for row in rows for found in (row.oldest, row.newest)})
        return PortalGroups(
            documents=total,
            groups=tuple(
                DocumentGroup(documents=row.number, oldest=known[row.oldest], newest=known[row.newest])
                for row in rows
                if row.oldest in known and row.newest in known
            ),
        )

    def rules(self) -> list[PortalRule]:
        """See `PortalStock`."""
        rule, number = documents.c.classification_rule, sa.func.count()
        query = _THERE.with_only_columns(rule, number.label("number")).where(rule.is_not(None), rule != "")
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(rule).order_by(rule)).all()
        return [PortalRule(rule=row.classification_rule, documents=row.number) for row in rows]

    def newest_of(self, rules: Sequence[str], *, most: int) -> list[StoredDocument]:
        """See `PortalStock`."""
        mine = documents.c.classification_rule.in_(rules)
        query = _WHOLE.where(mine).order_by(documents.c.id.desc()).limit(most)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [_stored(row) for row in reversed(rows)]

    def backfill(self, documents: Sequence[StoredDocument], criterion: str, *, actor: str, now: dt.datetime) -> int:
        """See `PortalStock`."""
        marked = 0
        with self._database.write() as connection:
            for stored in documents:
                change = backfilled(stored.row_version, stored.backfilled, criterion, actor=actor)
                marked += apply(connection, change, now=now)
        return marked


def _stored(row: AnyRow) -> StoredDocument:
    return StoredDocument(
        row_version=row_version(row),
        document_id=row.document_id,
        document=portal_document(row),
        supplier_siret=row.supplier_siret,
        backfilled=tuple(row.backfilled or ()),
    )


def _by_id(connection: Connection, ids: Collection[int]) -> dict[int, StoredDocument]:
    wanted, found = sorted(ids), []
    for start in range(0, len(wanted), _PAGE):
        query = _WHOLE.where(documents.c.id.in_(wanted[start : start + _PAGE]))
        found += [_stored(row) for row in connection.execute(query)]
    return {stored.document_id: stored for stored in found}
