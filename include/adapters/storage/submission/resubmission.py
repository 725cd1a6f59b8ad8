"""What there is to send again (port `Candidates`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import AnyRow, attempts, documents, invoices
from include.application.ports.resubmission import STATES, Resendable
from include.domain.tracking import amount_from

_PARIS = ZoneInfo("Europe/Paris")


class SqlResubmission:
    """`Candidates` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(
        self,
        *,
        states: Sequence[str] = STATES,
        provider_key: str | None = None,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        document_ids: Sequence[int] = (),
        invoice_ids: Sequence[int] | None = None,
    ) -> list[Resendable]:
        """See `Candidates`."""
        sent = sa.select(sa.func.count()).where(attempts.c.invoice_id == invoices.c.id).scalar_subquery()
        query = (
            sa.select(
                invoices.c.id.label("invoice_id"),
                invoices.c.document_id,
                invoices.c.version,
                sent.label("attempts"),
                invoices.c.state,
                invoices.c.provider_key,
                invoices.c.invoice_number.label("number"),
                invoices.c.recipient_siret,
                invoices.c.total_incl_tax,
            )
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(invoices.c.state.in_(states), invoices.c.provider_key.is_not(None))
            .order_by(invoices.c.id)
        )
        if provider_key is not None:
            query = query.where(invoices.c.provider_key == provider_key)
        if from_date is not None:
            query = query.where(documents.c.arrived_at >= _midnight(from_date))
        if to_date is not None:
            query = query.where(documents.c.arrived_at < _midnight(to_date + dt.timedelta(days=1)))
        if document_ids:
            query = query.where(documents.c.id.in_(document_ids))
        with self._database.read() as connection:
            if invoice_ids is None:
                return [_resendable(row) for row in connection.execute(query)]
            found: list[Resendable] = []
            for start in range(0, len(invoice_ids), 500):  # SQLite bounds the number of parameters
                some = query.where(invoices.c.id.in_(invoice_ids[start : start + 500]))
                found += [_resendable(row) for row in connection.execute(some)]
            return found


def _resendable(row: AnyRow) -> Resendable:
    return Resendable(**{**row._mapping, "total_incl_tax": amount_from(row.total_incl_tax)})


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=_PARIS)
