"""What the platform said, as it is shown; who may see it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import load
from include.adapters.storage.core.tables import (
    AnyRow,
    directory_entries,
    documents,
    invoices,
    remote_invoices,
    tracked_statuses,
)
from include.application.ports.invoice_views import ExportRow, HistoryRow, RemoteRow
from include.domain.codes import InvoiceType
from include.domain.mapping import Draft
from include.domain.tracking import Agent, amount_from

_AMOUNTS = ("total_excl_tax", "total_incl_tax", "amount_due")
_TOLD = ("recipient_siret", "recipient_name", "service_code", "engagement_number", *_AMOUNTS, "issue_date")
_ONLY_TOLD = ("deposited_on", "status_comment", "credit_note")


def platform_view(
    connection: Connection, invoice_id: int
) -> tuple[RemoteRow | None, tuple[HistoryRow, ...], bool | None]:
    """What the platform says of an invoice, its history, and whether its recipient reports payments."""
    told = sa.select(*(remote_invoices.c[name] for name in RemoteRow.__dataclass_fields__))
    row = connection.execute(told.where(remote_invoices.c.invoice_id == invoice_id)).one_or_none()
    entries = sa.select(tracked_statuses).where(tracked_statuses.c.invoice_id == invoice_id)
    history = tuple(
        _history_row(entry)
        for entry in connection.execute(entries.order_by(tracked_statuses.c.at, tracked_statuses.c.id))
    )
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
    return None if row is None else _remote_row(row), history, reports


def _remote_row(row: AnyRow) -> RemoteRow:
    told = row._mapping
    return RemoteRow(**{**told, **{name: amount_from(told[name]) for name in _AMOUNTS}})


def _history_row(row: AnyRow) -> HistoryRow:
    agent = Agent(
        first_name=row.agent_first_name, last_name=row.agent_last_name, mail=row.agent_mail, phone=row.agent_phone
    )
    named = agent if agent != Agent() else None
    return HistoryRow(at=row.at, kind=row.kind, code=row.code, comment=row.comment, agent=named)


def export_rows(connection: Connection, ids: Sequence[int]) -> dict[int, ExportRow]:
    """What the platform says of each invoice, and where it says nothing, what its document says."""
    remote = [remote_invoices.c[name].label(f"told_{name}") for name in (*_TOLD, *_ONLY_TOLD)]
    query = (
        sa.select(invoices.c.id, invoices.c.draft, documents.c.portal_id, *remote)
        .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
        .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
    )
    found: dict[int, ExportRow] = {}
    for start in range(0, len(ids), 500):
        for row in connection.execute(query.where(invoices.c.id.in_(ids[start : start + 500]))):
            found[row.id] = _export_row(row)
    return found


def _export_row(row: AnyRow) -> ExportRow:
    told = {name: row._mapping[f"told_{name}"] for name in (*_TOLD, *_ONLY_TOLD)}
    draft = load(Draft, row.draft) if row.draft else Draft()
    values = told | {name: amount_from(told[name]) for name in _AMOUNTS}
    values |= {name: draft.value(name) for name in _TOLD if told[name] is None}
    if values["credit_note"] is None:
        values["credit_note"] = draft.text("type") == InvoiceType.CREDIT_NOTE
    return ExportRow(portal_id=row.portal_id, **values)
