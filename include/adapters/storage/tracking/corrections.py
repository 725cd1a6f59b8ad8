"""Attempts and claims of corrections: each method is a transaction of its own (port `Corrections`).

Source: docs/reference/exactly-once.md 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Reasons, dump, load
from include.adapters.storage.core.database import Database, database_clock
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, announce, apply, apply_locked, row_version
from include.adapters.storage.core.tables import AnyRow, attempts, documents, invoices, remote_invoices
from include.adapters.storage.core.task_runs import task_run_id
from include.adapters.storage.platform.retrieval_records import own_record
from include.adapters.storage.submission.attempts import close_correction
from include.adapters.storage.submission.correction_leases import apply_correction, correction_due, expire_corrections
from include.adapters.storage.tracking.remote_rows import RowWriter
from include.application.ports.corrections import CorrectionAttempt, CorrectionWork, ReturnedInvoice, Successor
from include.domain.causes import Cause
from include.domain.correction import Correction, Routing
from include.domain.errors import NotThereError, StaleError
from include.domain.internal_errors import Item
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.notification import NewEvent
from include.domain.submission import AttemptState, RemoteInvoice
from include.domain.tracking import Account, RemoteDetail, amount_from
from include.domain.transitions import correction as rules

_COLUMNS = (
    *ROW_VERSION_COLUMNS,
    documents.c.name,
    invoices.c.provider_key,
    invoices.c.environment,
    invoices.c.chorus_id,
    invoices.c.invoice_number,
    invoices.c.recipient_siret,
    invoices.c.total_incl_tax,
    invoices.c.draft,
    invoices.c.reasons,
    invoices.c.status,
    invoices.c.status_at,
    invoices.c.empty_searches,
    invoices.c.search_after,
    remote_invoices.c.status_comment,
    remote_invoices.c.recipient_siret.label("remote_siret"),
    remote_invoices.c.recipient_name,
    remote_invoices.c.service_code,
    remote_invoices.c.engagement_number,
)


class SqlCorrections:
    """`Corrections` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- the claim -------------------------------------------------------------------------------------------------

    def work(self, invoice_id: int) -> CorrectionWork:
        """See `Corrections`."""
        with self._database.read() as connection:
            row = connection.execute(_invoice(invoice_id)).one_or_none()
        if row is None:
            raise NotThereError("no_such_invoice", reference=invoice_id)
        return CorrectionWork(
            row_version=row_version(row),
            provider_key=row.provider_key or "",
            environment=row.environment or "",
            chorus_id=row.chorus_id,
            number=row.invoice_number or "",
            document_name=row.name or "",
            status=row.status,
            status_at=row.status_at,
            status_comment=row.status_comment,
            routing=Routing(
                recipient_siret=row.remote_siret or row.recipient_siret,
                service_code=row.service_code,
                engagement_number=row.engagement_number,
            ),
            reasons=load(Reasons, row.reasons) if row.reasons else (),
        )

    def observe(self, work: CorrectionWork, account: Account, row: RemoteInvoice, *, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            own_record(connection, account.provider_key)  # as a retrieval: they take turns
            held = connection.execute(_invoice(work.row_version.invoice_id).with_for_update(of=invoices)).one()
            if row_version(held) != work.row_version:
                raise _stale(work)
            RowWriter(connection, account, None, now).write([row])

    def claim(
        self,
        work: CorrectionWork,
        correction: Correction,
        body: str,
        *,
        owner: str,
        lease_seconds: int,
        now: dt.datetime,
    ) -> CorrectionAttempt:
        """See `Corrections`."""
        with self._database.write() as connection:
            claimed = apply(
                connection,
                rules.claimed(work.row_version, correction, owner=owner),
                now=now,
                computed={"lease_until": database_clock(connection) + lease_seconds},
            )
            if not claimed:
                raise _stale(work)
            row = attempts.insert().values(
                invoice_id=work.row_version.invoice_id,
                kind=correction.kind,
                state=AttemptState.OPEN,
                environment=work.environment,
                provider_key=work.provider_key,
                owner=owner,
                submission=dump(Correction, correction),
                body=body,
                chorus_id=correction.chorus_id,
                claimed_at=now,
                task_run_id=task_run_id(connection),
            )
            return _attempt(connection.execute(row.returning(attempts)).one())

    # -- answers ---------------------------------------------------------------------------------------------------

    def not_sent(self, attempt: CorrectionAttempt, why: Cause, *, now: dt.datetime) -> bool:
        """See `Corrections`."""
        with self._database.write() as connection:
            change = rules.not_sent(_corrected(connection, attempt), why)
            return apply_correction(connection, change, now=now) and change.touches_row

    def answered(self, attempt: CorrectionAttempt, raw: str, *, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            close_correction(connection, rules.answered(attempt.id), now=now)
            late = attempts.c.id == attempt.id, attempts.c.answer.is_(None)
            connection.execute(attempts.update().where(*late).values(answer=raw))

    def refused(self, attempt: CorrectionAttempt, number: int, label: str, raw: str, *, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            close_correction(connection, rules.refused(attempt.id, number, label, raw), now=now)

    def unresolved(
        self, attempt: CorrectionAttempt, why: Cause, *, check_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """See `Corrections`."""
        with self._database.write() as connection:
            invoice = _corrected(connection, attempt)
            change = rules.unresolved(invoice, why, check_after_seconds=check_after_seconds, now=now)
            moved = apply_correction(connection, change, now=now) and change.touches_row
            return change.after if moved else None

    def expire_leases(
        self, *, check_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        """See `Corrections`."""
        with self._database.write() as connection:
            return expire_corrections(connection, check_after_seconds=check_after_seconds, now=now, errors=errors)

    def due(
        self, provider_key: str, *, now: dt.datetime, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[CorrectionAttempt]:
        """See `Corrections`."""
        which = correction_due(now)
        if invoice_ids is not None:
            which = sa.and_(invoices.c.state == State.CORRECTION_UNKNOWN, invoices.c.id.in_(invoice_ids))
        newest = sa.select(sa.func.max(attempts.c.id)).group_by(attempts.c.invoice_id)
        query = (
            sa.select(attempts)
            .join(invoices, invoices.c.id == attempts.c.invoice_id)
            .where(invoices.c.provider_key == provider_key, which, attempts.c.id.in_(newest))
            .order_by(attempts.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_attempt(row) for row in connection.execute(query)]

    def apply_outcome(
        self, attempt: CorrectionAttempt, shown: RemoteDetail | None, *, now: dt.datetime
    ) -> State | None:
        """See `Corrections`."""
        with self._database.write() as connection:
            invoice = _corrected(connection, attempt)
            looked = rules.looked(invoice, shown, now=now)
            if looked is None:
                return None
            if looked.change is None:
                _count_look(connection, attempt.invoice_id)
                return looked.state
            if not apply_correction(connection, looked.change, now=now):
                return None
            if looked.shows and shown is not None:
                _show(connection, invoice, shown, now)
            return looked.state

    # -- successors ------------------------------------------------------------------------------------------------

    def successor(self, document_id: int) -> Successor:
        """See `Corrections`."""
        query = sa.select(invoices.c.id, invoices.c.invoice_number, invoices.c.state)
        with self._database.read() as connection:
            row = connection.execute(query.where(invoices.c.document_id == document_id)).one_or_none()
        if row is None:
            raise NotThereError("no_such_document", documents=document_id)
        return Successor(invoice_id=row.id, number=row.invoice_number, state=State(row.state))

    def link_successor(self, invoice_id: int, successor_id: int, *, actor: str, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            row = connection.execute(_invoice(invoice_id).with_for_update(of=invoices)).one()
            apply_locked(connection, rules.linked(row_version(row), successor_id, actor=actor), now=now)

    # -- what waits ------------------------------------------------------------------------------------------------

    def returned(self, provider_key: str) -> list[ReturnedInvoice]:
        """See `Corrections`."""
        query = (
            sa.select(
                invoices.c.id.label("invoice_id"),
                invoices.c.provider_key,
                invoices.c.invoice_number.label("number"),
                invoices.c.status,
                invoices.c.status_at,
            )
            .where(invoices.c.provider_key == provider_key, invoices.c.state == State.TO_PROCESS)
            .where(invoices.c.status.is_not(None), invoices.c.status_at.is_not(None))
            .order_by(invoices.c.id)
        )
        with self._database.read() as connection:
            return [
                ReturnedInvoice(**{**row._mapping, "number": row.number or "?"}) for row in connection.execute(query)
            ]

    def tell(self, alerts: Sequence[NewEvent]) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            for alert in alerts:
                announce(connection, alert)


def _stale(work: CorrectionWork) -> StaleError:
    return StaleError("changed_before_correction", invoice_id=work.row_version.invoice_id)


def _count_look(connection: Connection, invoice_id: int) -> None:
    """Looked and saw nothing: the row of a correction under way is written without taking its version."""
    looked = invoices.update().where(invoices.c.id == invoice_id, invoices.c.state == State.CORRECTION_UNKNOWN)
    connection.execute(looked.values(empty_searches=invoices.c.empty_searches + 1))


def _show(connection: Connection, before: rules.CorrectedInvoice, shown: RemoteDetail, now: dt.datetime) -> None:
    """What the platform shows now, as far as an invoice by its id says it; the next retrieval brings the rest."""
    invoice = shown.invoice
    values: dict[str, Any] = {
        "recipient_siret": invoice.recipient_siret,
        "service_code": invoice.service_code,
        "engagement_number": invoice.engagement_number,
        "rejection_handled": invoice.rejection_handled,
        "changed_at": now,
        "history_due": now,
    }
    if invoice.status != before.status:
        values |= {"code": invoice.status, "status_comment": None}
    mine = remote_invoices.c.invoice_id == before.row_version.invoice_id
    connection.execute(remote_invoices.update().where(mine).values(**values))


def _attempt(row: AnyRow) -> CorrectionAttempt:
    return CorrectionAttempt(
        id=row.id,
        invoice_id=row.invoice_id,
        correction=load(Correction, row.submission),
        body=row.body,
        owner=row.owner,
        refused=row.state == AttemptState.REFUSED,
    )


def _invoice(invoice_id: int) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS)
        .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
        .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
        .where(invoices.c.id == invoice_id)
    )


def _corrected(connection: Connection, attempt: CorrectionAttempt) -> rules.CorrectedInvoice:
    """The invoice, locked where the database locks rows, with this attempt as it is stored."""
    row = connection.execute(_invoice(attempt.invoice_id).with_for_update(of=invoices)).one()
    told = connection.execute(sa.select(attempts).where(attempts.c.id == attempt.id)).one()
    newest = connection.scalar(sa.select(sa.func.max(attempts.c.id)).where(attempts.c.invoice_id == row.invoice_id))
    return rules.CorrectedInvoice(
        row_version=row_version(row),
        document=row.name,
        draft=load(Draft, row.draft) if row.draft else Draft(),
        provider_key=row.provider_key,
        number=row.invoice_number,
        recipient_siret=row.recipient_siret,
        recipient_name=row.recipient_name,
        total_incl_tax=amount_from(row.total_incl_tax),
        chorus_id=row.chorus_id,
        status=row.status,
        search_after=row.search_after,
        empty_searches=row.empty_searches,
        attempt_id=attempt.id,
        attempt_state=AttemptState(told.state),
        correction=attempt.correction,
        answered=told.answer is not None,
        refusal_number=told.refusal_number,
        refusal_label=told.refusal_label,
        newest=newest == attempt.id,
    )
