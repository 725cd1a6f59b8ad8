"""Differences between our invoices and the platform's list (port `Findings`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.tables import AnyRow, attempts, findings, invoices, remote_invoices, retrievals
from include.application.ports.reconciliation import Compared, StandingDifference
from include.domain.lifecycle import State
from include.domain.notification import PARIS, NewEvent
from include.domain.reconciliation import Difference, FindingKind, Horizon, Pair, There
from include.domain.submission import SUBMISSION, AttemptState

_BATCH = 1000
_CHUNK = 500


class SqlFindings:
    """`Findings` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def horizon(self, provider_key: str) -> Horizon:
        """See `Findings`."""
        first = sa.select(sa.func.min(attempts.c.claimed_at)).where(
            attempts.c.provider_key == provider_key,
            attempts.c.kind == SUBMISSION,
            attempts.c.state == AttemptState.TAKEN,
        )
        record = sa.select(retrievals.c.full_at, retrievals.c.watermark)
        with self._database.read() as connection:
            sent: dt.datetime | None = connection.scalar(first)
            row = connection.execute(record.where(retrievals.c.provider_key == provider_key)).one_or_none()
        complete = row is not None and row.full_at is not None
        return Horizon(
            first_sent_on=None if sent is None else sent.astimezone(PARIS).date(),
            retrieved_at=row.watermark if row is not None and complete else None,
        )

    def pairs(self, provider_key: str) -> Iterator[Pair]:
        """See `Findings`."""
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(_pairs(provider_key, last)).all()
            yield from (_pair(row) for row in rows)
            if len(rows) < _BATCH:
                return
            last = rows[-1].id

    def store(self, provider_key: str, found: Iterable[Difference], *, now: dt.datetime) -> Compared:
        """See `Findings`."""
        wanted = {(one.invoice_id, str(one.kind)): one for one in found}
        with self._database.write() as connection:
            query = sa.select(findings).where(findings.c.provider_key == provider_key).with_for_update()
            known = {(row.invoice_id, row.kind): row for row in connection.execute(query)}
            fresh = [one for key, one in wanted.items() if key not in known or _news(known[key], one)]
            for key, one in wanted.items():
                values = {"ours": one.ours, "theirs": one.theirs, "last_seen_at": now, "closed_at": None}
                if key not in known:
                    new = {"invoice_id": one.invoice_id, "kind": one.kind, "provider_key": provider_key}
                    insert_new(connection, findings, {**new, "first_seen_at": now, **values})
                    continue
                if _news(known[key], one):
                    values["first_seen_at"] = now
                connection.execute(findings.update().where(findings.c.id == known[key].id).values(**values))
            gone = [row.id for key, row in known.items() if key not in wanted and row.closed_at is None]
            for start in range(0, len(gone), _CHUNK):
                mine = findings.c.id.in_(gone[start : start + _CHUNK])
                connection.execute(findings.update().where(mine).values(closed_at=now))
        return Compared(open=len(wanted), fresh=tuple(fresh), closed=len(gone))

    def tell(self, alert: NewEvent) -> None:
        """See `Findings`."""
        with self._database.write() as connection:
            announce(connection, alert)

    def standing(self, provider_keys: Sequence[str]) -> list[StandingDifference]:
        """See `Findings`."""
        query = (
            sa.select(
                findings.c.provider_key,
                findings.c.kind,
                findings.c.invoice_id,
                invoices.c.chorus_id,
                invoices.c.invoice_number,
                findings.c.ours,
                findings.c.theirs,
                findings.c.first_seen_at,
            )
            .join(invoices, invoices.c.id == findings.c.invoice_id)
            .where(findings.c.provider_key.in_(provider_keys), findings.c.closed_at.is_(None))
            .order_by(findings.c.provider_key, findings.c.kind, findings.c.invoice_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [StandingDifference(**{**row._mapping, "kind": FindingKind(row.kind)}) for row in rows]


def _pairs(provider_key: str, after: int) -> sa.Select[Any]:
    """The sending that the platform took, the last one where there are several, beside the row of its list."""
    tried = attempts.alias("tried")
    mine = tried.c.invoice_id == invoices.c.id, tried.c.kind == SUBMISSION, tried.c.state == AttemptState.TAKEN
    newest = sa.select(sa.func.max(tried.c.id)).where(*mine).correlate(invoices).scalar_subquery()
    return (
        sa.select(
            invoices.c.id,
            invoices.c.document_id,
            invoices.c.state,
            invoices.c.status,
            attempts.c.claimed_at,
            attempts.c.submission["total_incl_tax"].as_string().label("total"),
            remote_invoices.c.invoice_id.label("remote_id"),
            remote_invoices.c.code,
            remote_invoices.c.total_incl_tax.label("remote_total"),
            remote_invoices.c.rejection_handled,
            remote_invoices.c.deposited_on,
        )
        .select_from(invoices)
        .join(attempts, attempts.c.id == newest, isouter=True)
        .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
        .where(invoices.c.provider_key == provider_key, invoices.c.id > after)
        .where(sa.or_(attempts.c.id.is_not(None), remote_invoices.c.invoice_id.is_not(None)))
        # an archived one was settled, and what was sent lies in its pack
        .where(~sa.select(archived.c.invoice_id).where(archived.c.invoice_id == invoices.c.id).exists())
        .order_by(invoices.c.id)
        .limit(_BATCH)
    )


def _pair(row: AnyRow) -> Pair:
    there = None
    if row.remote_id is not None:
        there = There(
            status=row.code,
            total=None if row.remote_total is None else Decimal(row.remote_total),
            rejection_handled=row.rejection_handled,
            deposited_on=row.deposited_on,
        )
    return Pair(
        invoice_id=row.id,
        state=State(row.state),
        status=row.status,
        sent_at=row.claimed_at,
        total=None if row.total is None else Decimal(row.total),
        there=there,
        adopted=row.claimed_at is None and row.document_id is not None,
    )


def _news(known: AnyRow, found: Difference) -> bool:
    """Whether it was closed meanwhile, or is another difference now."""
    return known.closed_at is not None or (known.ours, known.theirs) != (found.ours, found.theirs)
