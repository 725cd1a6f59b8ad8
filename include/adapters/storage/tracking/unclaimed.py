"""What the platform has and we do not know as ours, without changing anything."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.tables import invoices
from include.adapters.storage.submission.candidates import candidates
from include.adapters.storage.submission.sent_invoices import sent_invoice
from include.application.ports.tracking import Unclaimed
from include.domain.submission import RemoteInvoice, number_key
from include.domain.tracking import Account
from include.domain.transitions.adoption import Fate, fate_of

_CHUNK = 500


def unclaimed(connection: Connection, account: Account, rows: Sequence[RemoteInvoice]) -> list[Unclaimed]:
    """See `Tracking.unclaimed`."""
    known = _known(connection, account, rows)
    theirs = [row for row in rows if not known.get((row.chorus_id, number_key(row.number)), False)]
    ours = {row.chorus_id: ids for row, ids in candidates(connection, account, theirs)}
    found: list[Unclaimed] = []
    for row in theirs:
        met = _met(connection, row, ours.get(row.chorus_id, ()))
        if met is not None:
            found.append(met)
        elif (row.chorus_id, number_key(row.number)) not in known:
            found.append(Unclaimed(row=row, fate=Fate.FOREIGN))
    return found


def _met(connection: Connection, row: RemoteInvoice, invoice_ids: Sequence[int]) -> Unclaimed | None:
    """The first of ours that it would become; else the first whose number it has with other values."""
    waits: Unclaimed | None = None
    for invoice_id in invoice_ids:
        invoice = sent_invoice(connection, invoice_id, lock=False)
        fate = None if invoice is None else fate_of(invoice, row)
        if fate is Fate.ADOPT:
            return Unclaimed(row=row, fate=fate, invoice_id=invoice_id)
        if fate is not None and waits is None:
            waits = Unclaimed(row=row, fate=fate, invoice_id=invoice_id)
    return waits


def _known(
    connection: Connection, account: Account, rows: Sequence[RemoteInvoice]
) -> dict[tuple[int, str | None], bool]:
    """By number of the platform and folded number: whether a document of ours stands behind it."""
    ids = sorted({row.chorus_id for row in rows})
    found: dict[tuple[int, str | None], bool] = {}
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(invoices.c.chorus_id, invoices.c.number_key, invoices.c.document_id).where(
            invoices.c.environment == account.environment, invoices.c.chorus_id.in_(ids[start : start + _CHUNK])
        )
        found |= {(row.chorus_id, row.number_key): row.document_id is not None for row in connection.execute(query)}
    return found
