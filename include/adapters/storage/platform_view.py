"""What the platform said, as it is shown; who may see it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.codec import load
from include.adapters.storage.tables import (
    AnyRow,
    directory_entries,
    documents,
    invoices,
    remote_invoices,
    tracked_statuses,
)
from include.application.ports import RemoteQuery
from include.domain.codes import InvoiceType
from include.domain.mapping import Draft
from include.domain.tracking import Agent

_INTERNAL = frozenset({"invoice_id", "history_due", "history_at"})

_TOLD = (
    "recipient_siret",
    "recipient_name",
    "service_code",
    "engagement_number",
    "total_excl_tax",
    "total_incl_tax",
    "amount_due",
    "issue_date",
)
_ONLY_TOLD = ("deposited_on", "status_comment", "credit_note")


def platform_view(connection: Connection, invoice_id: int) -> dict[str, Any]:
    """What the platform says of an invoice, with its history; empty where it was never asked."""
    row = connection.execute(sa.select(remote_invoices).where(remote_invoices.c.invoice_id == invoice_id)).one_or_none()
    entries = sa.select(tracked_statuses).where(tracked_statuses.c.invoice_id == invoice_id)
    history = [
        _shown_entry(entry)
        for entry in connection.execute(entries.order_by(tracked_statuses.c.at, tracked_statuses.c.id))
    ]
    reports = connection.scalar(
        sa.select(directory_entries.c.entry["reports_payment"].as_boolean())
        .join(
            invoices,
            sa.and_(
                invoices.c.environment == directory_entries.c.environment,
                invoices.c.recipient_siret == directory_entries.c.siret,
            ),
        )
        .where(invoices.c.id == invoice_id)
    )
    remote = None
    if row is not None:
        remote = {name: value for name, value in row._mapping.items() if name not in _INTERNAL}
    return {"remote": remote, "history": history, "reports_payment": reports}


def _shown_entry(row: AnyRow) -> dict[str, Any]:
    agent = Agent(
        first_name=row.agent_first_name, last_name=row.agent_last_name, mail=row.agent_mail, phone=row.agent_phone
    )
    known = {name: value for name, value in vars(agent).items() if value}
    return {"at": row.at, "kind": row.kind, "code": row.code, "comment": row.comment, "agent": known or None}


def invoice_details(
    connection: Connection, seen: sa.ColumnElement[bool], ids: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """What the platform says of each invoice, and where it says nothing, what its document says."""
    remote = [remote_invoices.c[name].label(f"told_{name}") for name in (*_TOLD, *_ONLY_TOLD)]
    query = (
        sa.select(invoices.c.id, invoices.c.draft, documents.c.portal_id, *remote)
        .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
        .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
        .where(seen)
    )
    for start in range(0, len(ids), 500):
        for row in connection.execute(query.where(invoices.c.id.in_(ids[start : start + 500]))):
            told = row._mapping
            draft = load(Draft, row.draft) if row.draft else Draft()
            found = {name: draft.text(name) if told[f"told_{name}"] is None else told[f"told_{name}"] for name in _TOLD}
            found.update((name, told[f"told_{name}"]) for name in _ONLY_TOLD)
            if found["credit_note"] is None:
                found["credit_note"] = draft.text("type") == InvoiceType.CREDIT_NOTE
            yield row.id, {**found, "portal_id": row.portal_id}


def stored_rows(connection: Connection, provider_key: str, query: RemoteQuery, *, limit: int) -> list[dict[str, Any]]:
    """Rows in the shape of a listing, newest deposit first: what is shown while the platform does not answer."""
    deposited = remote_invoices.c.deposited_on
    found = (
        sa.select(
            invoices.c.id,
            invoices.c.document_id,
            invoices.c.chorus_id,
            invoices.c.invoice_number,
            invoices.c.state,
            invoices.c.status,
            invoices.c.status_at,
            invoices.c.recipient_siret,
            invoices.c.total_incl_tax,
        )
        .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
        .where(invoices.c.provider_key == provider_key, invoices.c.chorus_id.is_not(None))
        .order_by(invoices.c.chorus_id.desc())
        .limit(limit)
    )
    if query.number is not None:
        found = found.where(invoices.c.invoice_number == query.number)
    if query.status is not None:
        found = found.where(invoices.c.status == query.status)
    if query.deposited_from is not None:
        found = found.where(deposited >= query.deposited_from)
    if query.deposited_to is not None:
        found = found.where(deposited <= query.deposited_to)
    rows = [dict(row._mapping) for row in connection.execute(found)]
    return [{**row, "reasons": [], "origin": "foreign" if row["document_id"] is None else "connector"} for row in rows]
