"""Attempts and the keys that an invoice holds while one of them may have reached the platform (exactly-once 1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.codec import dump, load
from include.adapters.storage.tables import AnyRow, attempts, reserved_keys
from include.application.storage_ports import AttemptRecord, SendWork
from include.domain.errors import AlreadySentError, StaleError
from include.domain.submission import HOLDS_KEYS, SUBMISSION, AttemptState, Submission, number_key

_CLOSED = frozenset({AttemptState.TAKEN, AttemptState.REFUSED, AttemptState.NOT_SENT})

# statements of every invoice, built once
_HOLDER = sa.select(reserved_keys.c.invoice_id).where(
    reserved_keys.c.environment == sa.bindparam("of_environment"),
    reserved_keys.c.kind == sa.bindparam("of_kind"),
    reserved_keys.c.value == sa.bindparam("of_value"),
)
_OPEN_STILL = attempts.c.state != AttemptState.TAKEN
_THIS_ONE = attempts.update().where(attempts.c.id == sa.bindparam("attempt"))
_CLOSE = _THIS_ONE.where(_OPEN_STILL)
_CLOSE_TAKEN = _THIS_ONE.where(sa.or_(_OPEN_STILL, attempts.c.answer.is_(None)))
_HOLDING = (
    sa.select(attempts.c.id)
    .where(attempts.c.invoice_id == sa.bindparam("invoice"), attempts.c.state.in_(HOLDS_KEYS))
    .limit(1)
)


def attempt_record(row: AnyRow) -> AttemptRecord:
    """An attempt from its row."""
    return AttemptRecord(
        id=row.id,
        invoice_id=row.invoice_id,
        state=AttemptState(row.state),
        submission=load(Submission, row.submission),
        body=row.body,
        owner=row.owner,
        claimed_at=row.claimed_at,
    )


def attempts_of(connection: Connection, invoice_ids: Sequence[int]) -> dict[int, list[AttemptRecord]]:
    """All attempts to send these invoices, oldest first; corrections are none."""
    found: dict[int, list[AttemptRecord]] = {}
    for start in range(0, len(invoice_ids), 500):
        mine = attempts.c.invoice_id.in_(invoice_ids[start : start + 500]), attempts.c.kind == SUBMISSION
        query = sa.select(attempts).where(*mine)
        for row in connection.execute(query.order_by(attempts.c.id)):
            found.setdefault(row.invoice_id, []).append(attempt_record(row))
    return found


def open_attempt(
    connection: Connection, work: SendWork, submission: Submission, body: str, *, owner: str, now: dt.datetime
) -> AttemptRecord:
    """Stores the attempt with everything that it will send."""
    row = {
        "invoice_id": work.ticket.invoice_id,
        "kind": SUBMISSION,
        "state": AttemptState.OPEN,
        "environment": work.environment,
        "provider_key": work.provider_key,
        "owner": owner,
        "submission": dump(Submission, submission),
        "body": body,
        "claimed_at": now,
    }
    return attempt_record(connection.execute(attempts.insert().returning(attempts), row).one())


def close_attempt(
    connection: Connection, invoice_id: int, attempt_id: int, state: AttemptState, *, now: dt.datetime, **values: Any
) -> None:
    """What became of an attempt; a taken one never becomes anything else, but the answer that proves it is added.

    Once no attempt of the invoice may have reached the platform, its keys are free.
    """
    query = _CLOSE_TAKEN if state is AttemptState.TAKEN else _CLOSE
    row = {"attempt": attempt_id, "state": state, "closed_at": now if state in _CLOSED else None, **values}
    connection.execute(query, row)
    if connection.execute(_HOLDING, {"invoice": invoice_id}).first() is None:
        connection.execute(reserved_keys.delete().where(reserved_keys.c.invoice_id == invoice_id))


def reserve_keys(connection: Connection, work: SendWork, submission: Submission) -> None:
    """Takes number and content for this invoice; AlreadySentError when another one holds either.

    The primary key of the table decides between two transactions at once; StaleError when the other one gave the key
    back in that moment.
    """
    keys = {
        "number": f"{submission.supplier_siret}:{number_key(submission.number)}",
        "content": work.content_sha256,
    }
    for kind, value in keys.items():
        holder = _holder(connection, work.environment, kind, value)
        if holder is None:
            try:
                with connection.begin_nested():
                    connection.execute(
                        reserved_keys.insert(),
                        {
                            "environment": work.environment,
                            "kind": kind,
                            "value": value,
                            "invoice_id": work.ticket.invoice_id,
                        },
                    )
            except sa.exc.IntegrityError:
                holder = _holder(connection, work.environment, kind, value)
                if holder is None:
                    raise StaleError(f"The {kind} of invoice {work.ticket.invoice_id} was just given back.") from None
        if holder is not None and holder != work.ticket.invoice_id:
            raise AlreadySentError(
                f"Invoice {work.ticket.invoice_id} has the {kind} of invoice {holder}.", holder_id=holder, key_kind=kind
            )


def _holder(connection: Connection, environment: str, kind: str, value: str) -> int | None:
    holder: int | None = connection.scalar(_HOLDER, {"of_environment": environment, "of_kind": kind, "of_value": value})
    return holder
