"""The moves that an answer or a search decided, each inside the caller's transaction (exactly-once 3 and 4)."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.attempts import attempt_record, close_attempt
from include.adapters.storage.codec import Reasons, dump, load
from include.adapters.storage.invoice_rows import announce_invoice, log_move, move, ticket, touch
from include.adapters.storage.layouts import note_accepted
from include.adapters.storage.recipients import learn
from include.adapters.storage.tables import AnyRow, attempts, invoices
from include.application.storage_ports import Ticket
from include.domain.lifecycle import State
from include.domain.mapping import Draft, sent_digest
from include.domain.messages import refusal
from include.domain.notification import EventKind
from include.domain.reasons import Reason
from include.domain.submission import SUBMISSION, AttemptState, SearchOutcome, Verdict

logger = logging.getLogger(__name__)

NO_OWNER: dict[str, Any] = {"owner": None, "lease_until": None}

_FIRST_STATUS = "DEPOSEE"


def to_unknown(
    connection: Connection, held: Ticket, cause: str, *, search_after_seconds: int, now: dt.datetime
) -> bool:
    """Nobody knows what became of the attempt: only the search may tell."""
    values = {
        **NO_OWNER,
        "ever_unknown": True,
        "empty_searches": 0,
        "search_after": now + dt.timedelta(seconds=search_after_seconds),
    }
    return move(connection, held, State.UNKNOWN, cause=cause, now=now, values=values)


def to_submitted(
    connection: Connection, row: AnyRow, chorus_id: int, status: str, *, cause: str, now: dt.datetime
) -> bool:
    """The platform holds it; the wordings that it was sent by are learned in the same transaction."""
    _take_number_of(connection, row, chorus_id, now)
    values = {
        **NO_OWNER,
        "chorus_id": chorus_id,
        "status": status,
        "status_at": now,
        "reasons": None,
        "shelved_from": None,
        "shelved_reason": None,
        "shelved_by": None,
    }
    moved = move(connection, ticket(row), State.SUBMITTED, cause=cause, now=now, values=values, proof=True)
    if moved:
        announce_row(connection, row, EventKind.SUBMITTED, now=now, chorus_id=chorus_id, status=status)
        _learn(connection, row, now)
    return moved


def _learn(connection: Connection, row: AnyRow, now: dt.datetime) -> None:
    """A lesson that cannot be stored never costs the proof that the platform holds the invoice."""
    for lesson in (learn, note_accepted):
        try:
            with connection.begin_nested():
                lesson(connection, row, now=now)
        except Exception:
            logger.exception("Nothing could be learned from invoice %s", row.invoice_id)


def settle(
    connection: Connection, row: AnyRow, outcome: SearchOutcome, *, search_after_seconds: int, now: dt.datetime
) -> State | None:
    """Makes the move that a search decided; the state after, None when the row changed meanwhile."""
    held = ticket(row)
    match outcome.verdict:
        case Verdict.SUBMITTED:
            chorus_id, status = _taken_as(connection, row.invoice_id, outcome, now)
            moved = to_submitted(connection, row, chorus_id, status, cause=outcome.cause, now=now)
            return State.SUBMITTED if moved else None
        case Verdict.UNKNOWN if row.state == State.UNKNOWN:
            counted = touch(connection, held, {"empty_searches": row.empty_searches + 1}, now=now)
            return State.UNKNOWN if counted else None
        case Verdict.UNKNOWN:
            moved = to_unknown(connection, held, outcome.cause, search_after_seconds=search_after_seconds, now=now)
            return State.UNKNOWN if moved else None
        case Verdict.READY:
            # judged again first: what was frozen meanwhile counts now
            moved = move(connection, held, State.READY, cause=outcome.cause, now=now, values={"judged_revision": None})
            return State.READY if moved else None
        case Verdict.REFUSED:
            return _to_refused(connection, row, outcome, now)


def announce_row(connection: Connection, row: AnyRow, kind: EventKind, *, now: dt.datetime, **rest: Any) -> None:
    """An event about the invoice of this row."""
    draft = load(Draft, row.draft)
    announce_invoice(
        connection,
        kind,
        invoice_id=row.invoice_id,
        document=row.name,
        provider_key=row.provider_key,
        draft=draft,
        now=now,
        **rest,
    )


def _take_number_of(connection: Connection, row: AnyRow, chorus_id: int, now: dt.datetime) -> None:
    """A number of the platform means one invoice: the newest proof wins over a row that had it before.

    That happens when a test platform was emptied and counts anew; without this the answer could never be stored.
    """
    before = sa.select(invoices.c.id, invoices.c.state).where(
        invoices.c.environment == row.environment,
        invoices.c.chorus_id == chorus_id,
        invoices.c.id != row.invoice_id,
    )
    for other in connection.execute(before).all():
        logger.error("Chorus Pro's number %s of invoice %s is now that of %s", chorus_id, other.id, row.invoice_id)
        loses = {"chorus_id": None, "version": invoices.c.version + 1, "changed_at": now}
        connection.execute(invoices.update().where(invoices.c.id == other.id).values(**loses))
        state = State(other.state)
        cause = f"the platform gave its number {chorus_id} to invoice {row.invoice_id}"
        log_move(connection, other.id, state, state, cause=cause, now=now)


def _to_refused(connection: Connection, row: AnyRow, outcome: SearchOutcome, now: dt.datetime) -> State | None:
    """Refused, with the platform's own words, or naming the invoice that stands there in its place."""
    reason = _refusal_reason(connection, row.invoice_id, outcome)
    values = {**NO_OWNER, "reasons": dump(Reasons, (reason,))}
    after = State.TO_COMPLETE  # looked before a resend of a `ready` one
    if row.state != State.READY:
        after = State.REFUSED
        values["refused_values"] = sent_digest(
            load(Draft, row.draft), row.provider_key, row.attachments or (), row.attachment_types or {}
        )
    if not move(connection, ticket(row), after, cause=outcome.cause, now=now, values=values):
        return None
    announce_row(connection, row, EventKind.AWAITING_SUBMISSION, now=now, state=after, reasons=(reason,))
    return after


def _refusal_reason(connection: Connection, invoice_id: int, outcome: SearchOutcome) -> Reason:
    if outcome.chorus_id is not None:
        params = {"chorus_id": str(outcome.chorus_id), "status": outcome.status or "?"}
        return Reason(code="found_with_other_values", field="invoice_number", params=params)
    last = connection.execute(
        sa.select(attempts.c.refusal_number, attempts.c.refusal_label)
        .where(*_sendings(invoice_id), attempts.c.state == AttemptState.REFUSED)
        .order_by(attempts.c.id.desc())
    ).first()
    number, label = (last.refusal_number, last.refusal_label) if last else (0, "?")
    return refusal(number, label)


def _sendings(invoice_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return attempts.c.invoice_id == invoice_id, attempts.c.kind == SUBMISSION


def _taken_as(connection: Connection, invoice_id: int, outcome: SearchOutcome, now: dt.datetime) -> tuple[int, str]:
    """Number and status on the platform; the attempt that the search recognised is closed as taken."""
    if outcome.chorus_id is None:  # an earlier attempt is known as taken
        taken = attempts.c.state == AttemptState.TAKEN
        query = sa.select(attempts.c.chorus_id).where(*_sendings(invoice_id), taken)
        return connection.scalars(query.order_by(attempts.c.id).limit(1)).one(), _FIRST_STATUS
    unresolved = attempts.c.state.in_((AttemptState.OPEN, AttemptState.UNRESOLVED))
    for row in connection.execute(sa.select(attempts).where(*_sendings(invoice_id), unresolved)):
        if attempt_record(row).submission == outcome.recognised:
            note = "found by a search"
            close_attempt(
                connection, invoice_id, row.id, AttemptState.TAKEN, now=now, chorus_id=outcome.chorus_id, note=note
            )
            break
    return outcome.chorus_id, outcome.status or _FIRST_STATUS
