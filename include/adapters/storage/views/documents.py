"""Documents as people see them (port `DocumentViews`): ids from the listed rows, then what one page shows of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Edits, Reasons, load, load_attachment_edits
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.tables import documents, invoices, readings
from include.adapters.storage.views.attachments import attachments_of
from include.adapters.storage.views.conditions import among, between, common
from include.adapters.storage.views.history import attempts_of, moves_of
from include.adapters.storage.views.paging import SortColumns, grouped, id_page, rows_of, totals
from include.application.ports.document_views import (
    IGNORED_TAB,
    TABS,
    DocumentDetail,
    DocumentFilter,
    DocumentRow,
)
from include.application.ports.paging import Page, PageRequest, Totals
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.reading import DocumentKind
from include.domain.rights import Viewer
from include.domain.tracking import amount_from
from include.domain.transitions.change import why_shelved

_SORTS: SortColumns = {
    "arrived": listed.c.arrived_at,
    "changed": listed.c.changed_at,
    "number": listed.c.number,
    "recipient": listed.c.recipient,
    "total": listed.c.total_cents,
    "due_date": listed.c.due_date,
}
_IN_TABS = frozenset({State.IGNORED, *(state for states in TABS.values() for state in states)})

_KIND = (
    sa.select(readings.c.kind)
    .where(readings.c.content_sha256 == invoices.c.content_sha256, ~readings.c.unreadable)
    .scalar_subquery()
    .label("kind")
)
_ROW = sa.select(
    documents.c.id,
    invoices.c.id.label("invoice_id"),
    invoices.c.version,
    documents.c.portal_id,
    documents.c.name,
    documents.c.folder,
    documents.c.version.label("content_version"),
    documents.c.arrived_at,
    invoices.c.changed_at,
    invoices.c.state,
    invoices.c.provider_key,
    invoices.c.invoice_number,
    invoices.c.recipient_siret,
    listed.c.recipient_name,
    invoices.c.total_incl_tax,
    invoices.c.chorus_id,
    invoices.c.status,
    invoices.c.reasons,
    invoices.c.warnings,
    invoices.c.flag,
    invoices.c.shelved_reason.label("held_reason"),
    invoices.c.shelved_by,
    _KIND,
    invoices.c.attachments,
).select_from(
    documents.join(invoices, invoices.c.document_id == documents.c.id).join(
        listed, listed.c.invoice_id == invoices.c.id
    )
)


class SqlDocumentViews:
    """`DocumentViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, viewer: Viewer, wanted: DocumentFilter, request: PageRequest) -> Page[DocumentRow]:
        """See `DocumentViews`."""
        with self._database.read() as connection:
            page = id_page(connection, _few(viewer, wanted), request, _SORTS)
            return page.filled(rows_of(connection, _ROW, page.invoice_ids, _row))

    def totals(self, viewer: Viewer, wanted: DocumentFilter) -> Totals:
        """See `DocumentViews`."""
        states = _IN_TABS.union(wanted.states) if wanted.states else ()
        conditions = _conditions(viewer, dataclasses.replace(wanted, states=tuple(states)))
        with self._database.read() as connection:
            found = grouped(connection, listed.c.state, conditions)
        counts = {tab: sum(found[state].rows for state in of if state in found) for tab, of in TABS.items()}
        counts |= {"all": sum(counts.values()), IGNORED_TAB: found[State.IGNORED].rows if State.IGNORED in found else 0}
        return totals((g for state, g in found.items() if not wanted.states or state in wanted.states), counts)

    def ids(self, viewer: Viewer, wanted: DocumentFilter, *, limit: int) -> Sequence[int]:
        """See `DocumentViews`."""
        query = sa.select(listed.c.document_id).where(*_conditions(viewer, wanted))
        with self._database.read() as connection:
            return connection.scalars(query.order_by(listed.c.document_id).limit(limit)).all()

    def rows(self, viewer: Viewer, wanted: DocumentFilter) -> Sequence[DocumentRow]:
        """See `DocumentViews`."""
        query = sa.select(listed.c.invoice_id).where(*_conditions(viewer, wanted)).order_by(listed.c.document_id)
        with self._database.read() as connection:
            return rows_of(connection, _ROW, connection.scalars(query).all(), _row)

    def invoice_id(self, viewer: Viewer, document_id: int) -> int | None:
        """See `DocumentViews`."""
        with self._database.read() as connection:
            return _invoice_id(connection, viewer, document_id)

    def detail(self, viewer: Viewer, document_id: int) -> DocumentDetail | None:
        """See `DocumentViews`."""
        copy = sa.select(readings.c.searchable_copy).where(
            readings.c.content_sha256 == invoices.c.content_sha256, ~readings.c.unreadable
        )
        more = sa.select(
            invoices.c.draft,
            invoices.c.edits,
            invoices.c.criteria,
            invoices.c.content_sha256,
            invoices.c.attachments,
            invoices.c.attachment_types,
            invoices.c.attachment_edits,
            copy.scalar_subquery().label("searchable_copy"),
        )
        with self._database.read() as connection:
            invoice_id = _invoice_id(connection, viewer, document_id)
            if invoice_id is None:
                return None
            [row] = rows_of(connection, _ROW, [invoice_id], _row)
            found = connection.execute(more.where(invoices.c.id == invoice_id)).one()
            return DocumentDetail(
                row=row,
                draft=load(Draft, found.draft) if found.draft else Draft(),
                edits=load(Edits, found.edits) if found.edits else {},
                criteria=tuple(found.criteria or ()),
                attached=attachments_of(
                    connection,
                    document_id,
                    found.attachments or (),
                    found.attachment_types or {},
                    edits := load_attachment_edits(found.attachment_edits),
                ),
                attachment_edits=edits,
                searchable_copy=found.searchable_copy,
                content_sha256=found.content_sha256,
                moves=moves_of(connection, invoice_id),
                attempts=attempts_of(connection, invoice_id),
            )


def _invoice_id(connection: Connection, viewer: Viewer, document_id: int) -> int | None:
    seen = _conditions(viewer, DocumentFilter(ids=(document_id,)))
    found: int | None = connection.scalar(sa.select(listed.c.invoice_id).where(*seen))
    return found


def _few(viewer: Viewer, wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    """What somebody sees of a few states is little beside all that was ever sent."""
    conditions = _conditions(viewer, wanted)
    return conditions if viewer.everything or not wanted.states else [among(conditions)]


def _conditions(viewer: Viewer, wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    found = common(viewer, dataclasses.replace(wanted, provider_key=None) if wanted.without_provider else wanted)
    if not wanted.states or not _IN_TABS.issuperset(wanted.states):
        found.append(listed.c.document_id.is_not(None))  # in the others there is nothing but documents
    if wanted.states:
        found.append(listed.c.state.in_(sorted(wanted.states)))
    if wanted.ids is not None:
        mine = sa.select(invoices.c.id).where(invoices.c.document_id.in_(wanted.ids))
        found.append(listed.c.invoice_id.in_(mine))  # by a key: the listed rows have no index of documents
    if wanted.without_provider:
        found.append(listed.c.provider_key.is_(None))
    if wanted.reasons:
        coded = (listed.c.reason_codes.contains(f"|{code}|", autoescape=True) for code in wanted.reasons)
        found.append(sa.or_(*coded))
    return found + between(listed.c.arrived_at, wanted.arrived_from, wanted.arrived_to)


def _row(values: dict[str, Any]) -> DocumentRow:
    kind = values["kind"]
    values["state"] = State(values["state"])
    values["total_incl_tax"] = amount_from(values["total_incl_tax"])
    values["held_reason"] = why_shelved(values["held_reason"], values.pop("shelved_by"))
    values["kind"] = DocumentKind(kind) if kind else None
    values["attachments"] = len(values["attachments"] or ())
    for part in ("reasons", "warnings"):
        values[part] = load(Reasons, values[part] or ())
    return DocumentRow(**values)
