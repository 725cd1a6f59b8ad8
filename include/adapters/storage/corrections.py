"""Attempts and claims of corrections: each method is a transaction of its own (port `Corrections`, exactly-once 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.codec import Reasons, dump, load
from include.adapters.storage.database import Database, database_clock
from include.adapters.storage.invoice_rows import SYSTEM, TICKET_COLUMNS, announce, log_move, move, ticket, touch
from include.adapters.storage.remote_rows import RowWriter
from include.adapters.storage.settlement import NO_OWNER
from include.adapters.storage.tables import AnyRow, attempts, documents, invoices, remote_invoices
from include.adapters.storage.tracking import own_record
from include.application.corrections_port import CorrectionAttempt, CorrectionWork, ReturnedInvoice, Successor
from include.application.storage_ports import Ticket
from include.application.tracking_port import Account
from include.domain.codes import remote_status
from include.domain.correction import Correction, CorrectionKind, Finding, Proof, Routing, consulted
from include.domain.errors import NotThereError, StaleError
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.messages import correction_refusal
from include.domain.notification import EventKind, NewEvent, invoice_facts
from include.domain.reasons import Reason
from include.domain.submission import AttemptState, RemoteInvoice
from include.domain.tracking import RemoteDetail

_UNDER_WAY = (State.CORRECTING, State.CORRECTION_UNKNOWN)

_COLUMNS = (
    *TICKET_COLUMNS,
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

_SETTLED = {
    Proof.TAKEN: AttemptState.TAKEN,
    Proof.MOVED_ON: AttemptState.NOT_SENT,
    Proof.NOT_TAKEN: AttemptState.NOT_SENT,
}
_NOTES = {
    Proof.TAKEN: "seen on the platform",
    Proof.MOVED_ON: "the platform's status moved on without it",
    Proof.NOT_TAKEN: "the platform still shows the invoice as before",
}


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
            raise NotThereError(f"There is no invoice {invoice_id}.", todo="`chorus invoices list` shows the ids.")
        return CorrectionWork(
            ticket=ticket(row),
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
            held = connection.execute(_invoice(work.ticket.invoice_id).with_for_update(of=invoices)).one()
            if ticket(held) != work.ticket:
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
            lease = {"owner": owner, "lease_until": database_clock(connection) + lease_seconds, "reasons": None}
            cause = f"correction: {correction.kind}"
            claimed = move(
                connection, work.ticket, State.CORRECTING, cause=cause, actor=correction.actor, now=now, values=lease
            )
            if not claimed:
                raise _stale(work)
            row = attempts.insert().values(
                invoice_id=work.ticket.invoice_id,
                kind=correction.kind,
                state=AttemptState.OPEN,
                environment=work.environment,
                provider_key=work.provider_key,
                owner=owner,
                submission=dump(Correction, correction),
                body=body,
                chorus_id=correction.chorus_id,
                claimed_at=now,
            )
            return _attempt(connection.execute(row.returning(attempts)).one())

    # -- answers ---------------------------------------------------------------------------------------------------

    def not_sent(self, attempt: CorrectionAttempt, why: str, *, now: dt.datetime) -> bool:
        """See `Corrections`."""
        with self._database.write() as connection:
            row = _owned(connection, attempt)
            _close(connection, attempt.id, AttemptState.NOT_SENT, now, note=why)
            if row is None:
                return False
            cause = f"not sent: {why}"
            return move(connection, ticket(row), State.TO_PROCESS, cause=cause, now=now, values=NO_OWNER)

    def answered(self, attempt: CorrectionAttempt, raw: str, *, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            _close(connection, attempt.id, AttemptState.UNRESOLVED, now, note="answered, not verified yet")
            late = attempts.c.id == attempt.id, attempts.c.answer.is_(None)
            connection.execute(attempts.update().where(*late).values(answer=raw))

    def refused(self, attempt: CorrectionAttempt, number: int, label: str, raw: str, *, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            said = {"answer": raw, "refusal_number": number, "refusal_label": label}
            _close(connection, attempt.id, AttemptState.REFUSED, now, **said)

    def unresolved(
        self, attempt: CorrectionAttempt, why: str, *, check_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """See `Corrections`."""
        with self._database.write() as connection:
            row = _owned(connection, attempt)
            if row is None:
                return None
            still_open = attempts.c.id == attempt.id, attempts.c.state == AttemptState.OPEN
            connection.execute(attempts.update().where(*still_open).values(state=AttemptState.UNRESOLVED, note=why))
            moved = _to_unknown(connection, ticket(row), why, check_after_seconds=check_after_seconds, now=now)
            return State.CORRECTION_UNKNOWN if moved else None

    def expire_leases(self, *, check_after_seconds: int, now: dt.datetime) -> int:
        """See `Corrections`."""
        with self._database.write() as connection:
            return expire_corrections(connection, check_after_seconds=check_after_seconds, now=now)

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

    def settle(self, attempt: CorrectionAttempt, shown: RemoteDetail | None, *, now: dt.datetime) -> State | None:
        """See `Corrections`."""
        with self._database.write() as connection:
            row = connection.execute(_invoice(attempt.invoice_id).with_for_update(of=invoices)).one()
            told = connection.execute(sa.select(attempts).where(attempts.c.id == attempt.id)).one()
            if not _current(connection, row, attempt):
                return None
            waited = row.search_after is not None and row.search_after <= now
            final = told.state == AttemptState.REFUSED or (row.state == State.CORRECTION_UNKNOWN and waited)
            found = consulted(attempt.correction, shown, final=final)
            if found.proof is Proof.UNKNOWN:
                return _still_unknown(connection, row)
            return _settled(connection, row, told, attempt, found, shown, now)

    # -- successors ------------------------------------------------------------------------------------------------

    def successor(self, document_id: int) -> Successor:
        """See `Corrections`."""
        query = sa.select(invoices.c.id, invoices.c.invoice_number, invoices.c.state)
        with self._database.read() as connection:
            row = connection.execute(query.where(invoices.c.document_id == document_id)).one_or_none()
        if row is None:
            raise NotThereError(f"There is no document {document_id}.", todo="`chorus documents list` shows the ids.")
        return Successor(invoice_id=row.id, number=row.invoice_number, state=State(row.state))

    def link_successor(self, invoice_id: int, successor_id: int, *, actor: str, now: dt.datetime) -> None:
        """See `Corrections`."""
        with self._database.write() as connection:
            row = connection.execute(_invoice(invoice_id).with_for_update(of=invoices)).one()
            if touch(connection, ticket(row), {"successor_id": successor_id}, now=now):
                state = State(row.state)
                cause = f"followed by invoice {successor_id}"
                log_move(connection, invoice_id, state, state, cause=cause, actor=actor, now=now)

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
    return StaleError(
        f"Invoice {work.ticket.invoice_id} changed before its correction was claimed.",
        why="Somebody else corrects it, or the platform's status moved on; nothing was sent.",
        todo="Look at it again: `chorus invoices show`.",
    )


def correction_due(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Corrections whose outcome is to be looked at: never looked at since, or the delay is over."""
    never = invoices.c.empty_searches == 0
    waited = sa.or_(invoices.c.search_after.is_(None), invoices.c.search_after <= now)
    return sa.and_(invoices.c.state == State.CORRECTION_UNKNOWN, sa.or_(never, waited))


def expire_corrections(connection: Connection, *, check_after_seconds: int, now: dt.datetime) -> int:
    """`correcting` whose lease ran out becomes `correction_unknown`; what is stored of the attempt stays."""
    query = sa.select(*TICKET_COLUMNS).where(
        invoices.c.state == State.CORRECTING, invoices.c.lease_until < database_clock(connection)
    )
    lapsed = connection.execute(query.order_by(invoices.c.id).with_for_update()).all()
    for row in lapsed:
        still_open = attempts.c.invoice_id == row.invoice_id, attempts.c.state == AttemptState.OPEN
        connection.execute(
            attempts.update().where(*still_open).values(state=AttemptState.UNRESOLVED, note="lease ran out")
        )
        cause = "the lease of the correction ran out"
        _to_unknown(connection, ticket(row), cause, check_after_seconds=check_after_seconds, now=now)
    return len(lapsed)


def _to_unknown(
    connection: Connection, held: Ticket, cause: str, *, check_after_seconds: int, now: dt.datetime
) -> bool:
    after = now + dt.timedelta(seconds=check_after_seconds)
    values = {**NO_OWNER, "empty_searches": 0, "search_after": after}
    return move(connection, held, State.CORRECTION_UNKNOWN, cause=cause, now=now, values=values)


def _still_unknown(connection: Connection, row: AnyRow) -> State:
    """Looked and saw nothing: the row of a correction under way is written without taking its version."""
    looked = invoices.update().where(invoices.c.id == row.invoice_id, invoices.c.state == State.CORRECTION_UNKNOWN)
    connection.execute(looked.values(empty_searches=invoices.c.empty_searches + 1))
    return State(row.state)


def _settled(
    connection: Connection,
    row: AnyRow,
    told: AnyRow,
    attempt: CorrectionAttempt,
    found: Finding,
    shown: RemoteDetail | None,
    now: dt.datetime,
) -> State | None:
    correction, proof = attempt.correction, found.proof
    if proof is Proof.MOVED_ON and told.answer is not None and told.state != AttemptState.REFUSED:
        proof = Proof.TAKEN  # the platform said so, and shows other values than we sent
    values = {**NO_OWNER, **_values_after(correction, proof, told, shown, now)}
    held, actor = ticket(row), correction.actor if row.state == State.CORRECTING else SYSTEM
    cause = f"{correction.kind}: {'refused' if told.state == AttemptState.REFUSED else _NOTES[proof]}"
    for after in found.moves_from(held.state):
        if not move(connection, held, after, cause=cause, actor=actor, now=now, values=values):
            return None
        held = Ticket(invoice_id=held.invoice_id, state=after, version=held.version + 1)
    if told.state != AttemptState.REFUSED:
        _close(connection, attempt.id, _SETTLED[proof], now, note=_NOTES[proof])
    if shown is not None and proof in (Proof.TAKEN, Proof.MOVED_ON):
        _show(connection, row, shown, now)
        _tell(connection, row, attempt, shown, found.state, now)
    return found.state


def _values_after(
    correction: Correction, proof: Proof, told: AnyRow, shown: RemoteDetail | None, now: dt.datetime
) -> dict[str, Any]:
    if proof is Proof.NOT_TAKEN:
        reason = Reason(code="correction_not_taken")
        if told.state == AttemptState.REFUSED:
            reason = correction_refusal(told.refusal_number or 0, told.refusal_label or "")
        return {"reasons": dump(Reasons, (reason,))}
    assert shown is not None, "only what was seen proves anything"
    values: dict[str, Any] = {"reasons": None, "status": remote_status(shown.invoice.status), "status_at": now}
    if proof is not Proof.TAKEN:
        return values
    if correction.kind is CorrectionKind.RECYCLE:
        values |= {"recipient_siret": correction.routing.recipient_siret}
        values |= {"rerouted": True} if correction.reroutes else {}
    if correction.kind is CorrectionKind.REJECT_HANDLED:
        del values["status"], values["status_at"]  # dealing with a rejection changes neither
        values |= {"successor_id": correction.successor_id} if correction.successor_id else {}
    return values


def _show(connection: Connection, row: AnyRow, shown: RemoteDetail, now: dt.datetime) -> None:
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
    if invoice.status != row.status:
        values |= {"code": invoice.status, "status_comment": None}
    connection.execute(remote_invoices.update().where(remote_invoices.c.invoice_id == row.invoice_id).values(**values))


def _tell(
    connection: Connection,
    row: AnyRow,
    attempt: CorrectionAttempt,
    shown: RemoteDetail,
    state: State,
    now: dt.datetime,
) -> None:
    """The status changed by what we did; the retrieval, which finds it known, does not tell it again."""
    status = remote_status(shown.invoice.status)
    if status == row.status and state is not State.CLOSED:
        return
    draft: Draft = load(Draft, row.draft) if row.draft else Draft()
    facts = invoice_facts(
        document=row.name,
        number=draft.text("invoice_number") or row.invoice_number,
        recipient_name=shown.invoice.recipient_name or row.recipient_name or draft.text("recipient_name"),
        recipient_siret=shown.invoice.recipient_siret or row.recipient_siret,
        total_incl_tax=row.total_incl_tax,
        user_label=draft.text("user_label"),
        state=state,
        chorus_id=row.chorus_id,
        status=status,
        status_before=None if status == row.status else row.status,
    )
    event = NewEvent(
        kind=EventKind.STATUS_CHANGED,
        at=now,
        provider_key=row.provider_key,
        invoice_id=row.invoice_id,
        facts=facts,
        once=f"status_changed:{row.invoice_id}:correction:{attempt.id}",
    )
    announce(connection, event)


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


def _owned(connection: Connection, attempt: CorrectionAttempt) -> AnyRow | None:
    """The row if this attempt's sender still holds it."""
    row = connection.execute(_invoice(attempt.invoice_id).with_for_update(of=invoices)).one()
    return row if row.state == State.CORRECTING and _current(connection, row, attempt) else None


def _current(connection: Connection, row: AnyRow, attempt: CorrectionAttempt) -> bool:
    """Whether this attempt is what the invoice waits for: no newer one, nothing settled meanwhile."""
    newest = connection.scalar(sa.select(sa.func.max(attempts.c.id)).where(attempts.c.invoice_id == row.invoice_id))
    return row.state in _UNDER_WAY and newest == attempt.id


def _close(connection: Connection, attempt_id: int, state: AttemptState, now: dt.datetime, **values: Any) -> None:
    """What became of an attempt; what is proved or refused stays so."""
    final = (AttemptState.TAKEN, AttemptState.REFUSED)
    closed_at = None if state is AttemptState.UNRESOLVED else now
    mine = attempts.update().where(attempts.c.id == attempt_id, attempts.c.state.not_in(final))
    connection.execute(mine.values(state=state, closed_at=closed_at, **values))
