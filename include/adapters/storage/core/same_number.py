"""Unsent invoices that bear one number with different totals: a person chooses which of them goes.

Source: docs/reference/exactly-once.md 1.1.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.tables import documents, invoices
from include.application.ports.ledger import SameNumber
from include.domain.lifecycle import TO_BE_SENT, State
from include.domain.reasons import NUMBER_USED_TWICE

_OTHERS = invoices.alias("others")
_RIVAL = sa.and_(
    _OTHERS.c.id != invoices.c.id,
    _OTHERS.c.number_key == invoices.c.number_key,
    _OTHERS.c.supplier_siret == invoices.c.supplier_siret,
    _OTHERS.c.environment == invoices.c.environment,
    _OTHERS.c.total_incl_tax != invoices.c.total_incl_tax,
    _OTHERS.c.state.in_(TO_BE_SENT),
)
_FIRST = (
    sa.select(_OTHERS.c.id, _OTHERS.c.total_incl_tax.label("total"), documents.c.name)
    .select_from(invoices.join(_OTHERS, _RIVAL).join(documents, documents.c.id == _OTHERS.c.document_id))
    .where(invoices.c.id == sa.bindparam("invoice_id"))
    .order_by(_OTHERS.c.id)
    .limit(1)
)
ALONE = ~sa.exists().where(_RIVAL).correlate(invoices)
"""No other one of its number may go with another total: for the WHERE of the claim too, since files were uploaded
between the look and the claim."""

_FREED = (
    sa.select(invoices.c.id)
    .join(listed, listed.c.invoice_id == invoices.c.id)
    .where(listed.c.state == State.TO_COMPLETE)
    .where(listed.c.reason_codes.contains(f"|{NUMBER_USED_TWICE}|", autoescape=True))
    .where(ALONE)
)


def rival_of(connection: Connection, invoice_id: int) -> SameNumber | None:
    """The oldest other one of its number that may go too, with another total."""
    row = connection.execute(_FIRST, {"invoice_id": invoice_id}).one_or_none()
    return None if row is None else SameNumber(invoice_id=row.id, document=row.name, total=row.total)


def freed_of_rivals(connection: Connection) -> list[int]:
    """What waited for a choice that was made since: the other one was put aside, or has another number or total now."""
    return list(connection.scalars(_FREED))
