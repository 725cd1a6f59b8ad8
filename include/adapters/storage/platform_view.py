"""What the platform says of one invoice, for whoever may see that invoice."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.tables import AnyRow, directory_entries, invoices, remote_invoices, tracked_statuses
from include.domain.tracking import Agent

_INTERNAL = frozenset({"invoice_id", "history_due", "history_at"})


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
