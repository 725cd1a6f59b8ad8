"""What people see (port `Listings`); the viewer's rights are one condition that every query here carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.codec import Edits, load
from include.adapters.storage.database import Database
from include.adapters.storage.platform_view import invoice_details, platform_view
from include.adapters.storage.tables import AnyRow, attempts, documents, invoices, moves, readings
from include.domain.mapping import Draft
from include.domain.rights import Viewer

_PARIS = ZoneInfo("Europe/Paris")

_ROW = (
    documents.c.id,
    invoices.c.id.label("invoice_id"),
    documents.c.portal_id,
    documents.c.name,
    documents.c.folder,
    documents.c.version,
    invoices.c.state,
    invoices.c.provider_key,
    invoices.c.invoice_number,
    invoices.c.recipient_siret,
    invoices.c.total_incl_tax,
    invoices.c.chorus_id,
    invoices.c.status,
    invoices.c.reasons,
    invoices.c.warnings,
    invoices.c.flag,
    invoices.c.shelved_reason,
    invoices.c.content_sha256,
    invoices.c.changed_at,
)

_TRACKED = (
    invoices.c.id,
    invoices.c.document_id,
    invoices.c.chorus_id,
    invoices.c.provider_key,
    invoices.c.invoice_number,
    invoices.c.state,
    invoices.c.status,
    invoices.c.status_at,
    invoices.c.recipient_siret,
    invoices.c.total_incl_tax,
    invoices.c.reasons,
    invoices.c.created_at,
)


class SqlListings:
    """`Listings` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def documents(
        self, viewer: Viewer, *, state: str | None = None, provider_key: str | None = None, ids: Sequence[int] = ()
    ) -> list[dict[str, Any]]:
        """See `Listings`."""
        query = (
            sa.select(*_ROW)
            .join(invoices, invoices.c.document_id == documents.c.id)
            .where(visible(viewer))
            .order_by(documents.c.id)
        )
        if state is not None:
            query = query.where(invoices.c.state == state)
        if provider_key is not None:
            query = query.where(invoices.c.provider_key == provider_key)
        if ids:
            query = query.where(documents.c.id.in_(ids))
        with self._database.read() as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]
            kinds = _kinds(connection, [row["content_sha256"] for row in rows])
        for row in rows:
            row["kind"] = kinds.get(row.pop("content_sha256"))
        return rows

    def document(self, viewer: Viewer, document_id: int) -> dict[str, Any] | None:
        """See `Listings`."""
        rows = self.documents(viewer, ids=(document_id,))
        if not rows:
            return None
        query = sa.select(
            invoices.c.id, invoices.c.draft, invoices.c.edits, invoices.c.criteria, invoices.c.attachments
        )
        copy = sa.select(readings.c.reading["searchable_copy"].as_string()).where(
            readings.c.content_sha256 == invoices.c.content_sha256, ~readings.c.unreadable
        )
        query = query.add_columns(copy.scalar_subquery().label("searchable_copy"))
        with self._database.read() as connection:
            invoice = connection.execute(query.where(invoices.c.document_id == document_id)).one()
            history, tries = _history(connection, invoice.id)
        return {
            **rows[0],
            "searchable_copy": invoice.searchable_copy,
            "criteria": invoice.criteria or [],
            "attachments": invoice.attachments or [],
            "draft": load(Draft, invoice.draft) if invoice.draft else Draft(),
            "edits": load(Edits, invoice.edits) if invoice.edits else {},
            "moves": history,
            "attempts": tries,
        }

    def invoices(
        self,
        viewer: Viewer,
        *,
        status: str | None = None,
        provider_key: str | None = None,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        ids: Sequence[int] = (),
        after: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """See `Listings`."""
        attempted = sa.select(attempts.c.id).where(attempts.c.invoice_id == invoices.c.id).exists()
        query = sa.select(*_TRACKED).where(sa.or_(attempted, invoices.c.document_id.is_(None)), visible(viewer))
        if status is not None:
            query = query.where(invoices.c.status == status)
        if provider_key is not None:
            query = query.where(invoices.c.provider_key == provider_key)
        if from_date is not None:
            query = query.where(invoices.c.created_at >= _midnight(from_date))
        if to_date is not None:
            query = query.where(invoices.c.created_at < _midnight(to_date + dt.timedelta(days=1)))
        if ids:
            query = query.where(invoices.c.id.in_(ids))
        if after:
            query = query.where(invoices.c.id > after)
        with self._database.read() as connection:
            return [_tracked(row) for row in connection.execute(query.order_by(invoices.c.id).limit(limit))]

    def invoice_details(self, viewer: Viewer, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """See `Listings`."""
        with self._database.read() as connection:
            return dict(invoice_details(connection, visible(viewer), ids))

    def invoice(self, viewer: Viewer, reference: str) -> dict[str, Any] | None:
        """See `Listings`."""
        found = self.invoice_ids([reference])
        rows = self.invoices(viewer, ids=found) if found else []
        if not rows:
            return None
        with self._database.read() as connection:
            history, tries = _history(connection, rows[0]["id"])
            told = platform_view(connection, rows[0]["id"])
        return {**rows[0], "moves": history, "attempts": tries, **told}

    def invoice_ids(self, references: Sequence[str]) -> list[int]:
        """Our ids of these references: a number of ours, or `cpro:` and the platform's; unknown ones are left out."""
        ours = [int(text) for text in references if text.isdigit()]
        theirs = [int(text[5:]) for text in references if text.startswith("cpro:") and text[5:].isdigit()]
        query = sa.select(invoices.c.id).where(sa.or_(invoices.c.id.in_(ours), invoices.c.chorus_id.in_(theirs)))
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(invoices.c.id)))

    def counts(self, viewer: Viewer) -> dict[str, int]:
        """See `Listings`."""
        query = sa.select(invoices.c.state, sa.func.count()).where(visible(viewer)).group_by(invoices.c.state)
        with self._database.read() as connection:
            return {state: count for state, count in connection.execute(query)}


def visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Which invoices this person sees."""
    if viewer.everything:
        return sa.true()
    mine = invoices.c.provider_key.in_(sorted(viewer.provider_keys))
    if viewer.labels is None:
        return mine
    labelled = [invoices.c.labels.contains(f"|{label}|", autoescape=True) for label in sorted(viewer.labels)]
    return sa.and_(mine, sa.or_(invoices.c.provider_key.in_(sorted(viewer.unfiltered)), *labelled))


def _kinds(connection: Connection, sha256s: Sequence[str | None]) -> dict[str, str]:
    """How each content was read."""
    wanted = sorted({sha256 for sha256 in sha256s if sha256})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        query = sa.select(readings.c.content_sha256, readings.c.reading["kind"].as_string()).where(
            readings.c.content_sha256.in_(wanted[start : start + 500]), ~readings.c.unreadable
        )
        found.update({sha256: kind for sha256, kind in connection.execute(query)})
    return found


def _history(connection: Connection, invoice_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    history = [
        {"at": row.at, "from": row.before, "to": row.after, "cause": row.cause, "actor": row.actor}
        for row in connection.execute(sa.select(moves).where(moves.c.invoice_id == invoice_id).order_by(moves.c.id))
    ]
    tries = [
        {
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "claimed_at": row.claimed_at,
            "closed_at": row.closed_at,
            "owner": row.owner,
            "refusal_number": row.refusal_number,
            "refusal_label": row.refusal_label,
            "chorus_id": row.chorus_id,
            "note": row.note,
            "answer": row.answer,
        }
        for row in connection.execute(
            sa.select(attempts).where(attempts.c.invoice_id == invoice_id).order_by(attempts.c.id)
        )
    ]
    return history, tries


def _tracked(row: AnyRow) -> dict[str, Any]:
    data = dict(row._mapping)
    del data["created_at"]
    data["origin"] = "foreign" if row.document_id is None else "connector"
    data["status"] = row.status if row.chorus_id is not None else None
    return data


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=_PARIS)
