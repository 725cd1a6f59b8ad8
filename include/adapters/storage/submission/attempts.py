"""Attempts and the keys that an invoice holds while one of them may have reached the platform.

Source: docs/reference/exactly-once.md 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.tables import AnyRow, attempts, invoices, reserved_keys
from include.adapters.storage.core.task_runs import task_run_id
from include.application.ports.ledger import AttemptRecord, SendWork
from include.domain.errors import AlreadySentError, StaleError
from include.domain.submission import HOLDS_KEYS, SUBMISSION, AttemptState, Submission, number_key
from include.domain.transitions.change import AttemptChange
from include.domain.transitions.sent_invoice import SentInvoice

_CLOSED = frozenset({AttemptState.TAKEN, AttemptState.REFUSED, AttemptState.NOT_SENT})

# statements of every invoice, built once
_HOLDER = sa.select(reserved_keys.c.invoice_id).where(
    reserved_keys.c.environment == sa.bindparam("of_environment"),
    reserved_keys.c.kind == sa.bindparam("of_kind"),
    reserved_keys.c.value == sa.bindparam("of_value"),
)
_OPEN_STILL = attempts.c.state != AttemptState.TAKEN
_THIS_ONE = attempts.update().where(
    attempts.c.id == sa.bindparam("attempt"), attempts.c.invoice_id == sa.bindparam("of_invoice")
)
_CLOSE = _THIS_ONE.where(_OPEN_STILL)
_CLOSE_TAKEN = _THIS_ONE.where(sa.or_(_OPEN_STILL, attempts.c.answer.is_(None)))
_HOLDING = sa.union_all(
    sa.select(attempts.c.id).where(attempts.c.invoice_id == sa.bindparam("invoice"), attempts.c.state.in_(HOLDS_KEYS)),
    # the platform is known to hold it, though no attempt of ours explains it
    sa.select(invoices.c.id).where(invoices.c.id == sa.bindparam("invoice"), invoices.c.chorus_id.is_not(None)),
).limit(1)
_KEYS_OF = sa.select(
    invoices.c.environment, invoices.c.content_sha256, invoices.c.number_key, invoices.c.supplier_siret
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
        "invoice_id": work.row_version.invoice_id,
        "kind": SUBMISSION,
        "state": AttemptState.OPEN,
        "environment": work.environment,
        "provider_key": work.provider_key,
        "owner": owner,
        "submission": dump(Submission, submission),
        "body": body,
        "claimed_at": now,
        "task_run_id": task_run_id(connection),
    }
    return attempt_record(connection.execute(attempts.insert().returning(attempts), row).one())


def close_attempt(connection: Connection, invoice_id: int, closed: AttemptChange, *, now: dt.datetime) -> None:
    """What became of an attempt; a taken one never becomes anything else, but the answer that proves it is added.

    Once no attempt of the invoice may have reached the platform, its keys are free.
    """
    query = _CLOSE_TAKEN if closed.state is AttemptState.TAKEN else _CLOSE
    closed_at = now if closed.state in _CLOSED else None
    row = {
        "attempt": closed.attempt_id,
        "of_invoice": invoice_id,
        "state": closed.state,
        "closed_at": closed_at,
        **closed.values,
    }
    connection.execute(query, row)
    if connection.execute(_HOLDING, {"invoice": invoice_id}).first() is None:
        connection.execute(reserved_keys.delete().where(reserved_keys.c.invoice_id == invoice_id))


def close_correction(connection: Connection, closed: AttemptChange, *, now: dt.datetime) -> None:
    """What became of an attempt to correct; what is proved or refused stays so."""
    final = (AttemptState.TAKEN, AttemptState.REFUSED)
    closed_at = None if closed.state is AttemptState.UNRESOLVED else now
    mine = attempts.update().where(attempts.c.id == closed.attempt_id, attempts.c.state.not_in(final))
    connection.execute(mine.values(state=closed.state, closed_at=closed_at, **closed.values))


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
            mine = {"environment": work.environment, "kind": kind, "value": value}
            if not insert_new(connection, reserved_keys, {**mine, "invoice_id": work.row_version.invoice_id}):
                holder = _holder(connection, work.environment, kind, value)
                if holder is None:
                    raise StaleError("key_given_back", kind=kind, invoice_id=work.row_version.invoice_id)
        if holder is not None and holder != work.row_version.invoice_id:
            raise AlreadySentError(
                "already_sent",
                invoice_id=work.row_version.invoice_id,
                kind=kind,
                holder=holder,
                holder_id=holder,
                key_kind=kind,
            )


def hold_keys(connection: Connection, invoice: SentInvoice, supplier_siret: str | None) -> None:
    """What the platform holds keeps its number and content for itself; where an attempt took them, they are there.

    One that another invoice holds stays with it: that one is being sent, and meets this number by itself.
    """
    mine = invoice.row_version.invoice_id
    row = connection.execute(_KEYS_OF.where(invoices.c.id == mine)).one()
    sent = invoice.attempts[-1].submission if invoice.attempts else None
    supplier, number = (sent.supplier_siret, number_key(sent.number)) if sent else (supplier_siret, row.number_key)
    keys = {"number": f"{supplier or row.supplier_siret}:{number}", "content": row.content_sha256}
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(reserved_keys)
    rows = [
        {"environment": row.environment, "kind": kind, "value": value, "invoice_id": mine}
        for kind, value in keys.items()
        if value is not None
    ]
    connection.execute(insert.on_conflict_do_nothing(), rows)


def _holder(connection: Connection, environment: str, kind: str, value: str) -> int | None:
    holder: int | None = connection.scalar(_HOLDER, {"of_environment": environment, "of_kind": kind, "of_value": value})
    return holder
