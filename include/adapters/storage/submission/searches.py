"""What the platform answered to searches for an invoice: kept as proof beside its attempts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Found, dump
from include.adapters.storage.core.tables import searches
from include.domain.causes import CauseCode
from include.domain.submission import RemoteInvoice


def keep_search(
    connection: Connection,
    invoice_id: int,
    asked: Sequence[tuple[str, str]],
    found: Sequence[RemoteInvoice],
    decided: CauseCode,
    *,
    now: dt.datetime,
) -> None:
    """An unknown invoice is searched every half hour: the same answer once more only moves time and count.

    Comments of the body are left out: they may name people, and prove nothing about the sending.
    """
    answer = {
        "asked": [{"supplier_siret": siret, "number": number} for siret, number in asked],
        "found": dump(Found, tuple(dataclasses.replace(row, status_comment=None) for row in found)),
        "decided": decided,
    }
    last = connection.execute(
        sa.select(searches).where(searches.c.invoice_id == invoice_id).order_by(searches.c.id.desc()).limit(1)
    ).one_or_none()
    if last is not None and all(last._mapping[name] == value for name, value in answer.items()):
        again = searches.update().where(searches.c.id == last.id)
        connection.execute(again.values(last_at=now, times=last.times + 1))
        return
    connection.execute(searches.insert().values(invoice_id=invoice_id, first_at=now, last_at=now, times=1, **answer))
