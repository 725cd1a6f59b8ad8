"""Mapping and completeness, and what a person does on the form (port `Judgements`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.codec import Edits, Reasons, dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.documents import load_reading
from include.adapters.storage.invoice_rows import (
    DOCUMENT_COLUMNS,
    TICKET_COLUMNS,
    announce_invoice,
    move,
    portal_document,
    ticket,
    touch,
)
from include.adapters.storage.links import Linked, linked_to
from include.adapters.storage.tables import AnyRow, attempts, documents, invoices, readings
from include.application.storage_ports import Edit, Judgement, JudgeWork, Ticket
from include.domain.errors import MoveForbiddenError, NotThereError, StaleError
from include.domain.lifecycle import SHELVABLE, State, allowed
from include.domain.mapping import Draft, sent_digest
from include.domain.notification import EventKind
from include.domain.submission import SUBMISSION, AttemptState
from include.domain.values import fold

_JUDGED = (State.READ, State.TO_COMPLETE, State.READY, State.REFUSED)


class SqlJudgements:
    """`Judgements` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to_judge(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[JudgeWork]:
        """See `Judgements`."""
        due = sa.or_(invoices.c.judged_revision.is_(None), invoices.c.judged_revision < revision)
        typed = sa.and_(invoices.c.state == State.UNREADABLE, invoices.c.edits.is_not(None))
        query = (
            sa.select(
                *TICKET_COLUMNS,
                *DOCUMENT_COLUMNS,
                invoices.c.edits,
                invoices.c.provider_scope,
                invoices.c.content_sha256.label("stored_sha256"),
                invoices.c.refused_values,
                readings.c.reading,
                readings.c.unreadable,
            )
            .join(documents, documents.c.id == invoices.c.document_id)
            .join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
            .where(sa.or_(invoices.c.state.in_(_JUDGED), typed), due, invoices.c.criteria_revision.is_not(None))
            .order_by(invoices.c.id)
            .limit(limit)
        )
        if document_ids:
            query = query.where(documents.c.id.in_(document_ids))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            linked = linked_to(connection, rows)
            frozen = _frozen(connection, [row.invoice_id for row in rows])
        return [_judge_work(row, linked[row.document_id], frozen.get(row.invoice_id, (None, None))) for row in rows]

    def record_judgement(
        self, work: JudgeWork, judgement: Judgement, *, revision: int, now: dt.datetime
    ) -> State | None:
        """See `Judgements`."""
        after = State.TO_COMPLETE if judgement.reasons else State.READY
        values = _judged_values(judgement, revision)
        held = work.ticket
        with self._database.write(durable=False) as connection:
            if held.state is State.REFUSED:
                digest = sent_digest(
                    judgement.draft, judgement.provider_key, judgement.attachments, judgement.attachment_types
                )
                if digest == work.refused_values:
                    # the same values were refused before: it waits for a person, its refusal stays in sight
                    return State.REFUSED if touch(connection, held, {"judged_revision": revision}, now=now) else None
            if held.state is after:
                return after if touch(connection, held, values, now=now) else None
            if held.state in (State.REFUSED, State.UNREADABLE) and after is State.READY:
                if not move(connection, held, State.TO_COMPLETE, cause="values changed", now=now, values=values):
                    return None
                held = Ticket(invoice_id=held.invoice_id, state=State.TO_COMPLETE, version=held.version + 1)
            cause = (
                "complete" if after is State.READY else "incomplete: " + ", ".join(r.code for r in judgement.reasons)
            )
            if not move(connection, held, after, cause=cause, now=now, values=values):
                return None
            if after is State.TO_COMPLETE or judgement.announce:
                announce_invoice(
                    connection,
                    EventKind.AWAITING_SUBMISSION,
                    invoice_id=held.invoice_id,
                    document=work.document.name,
                    provider_key=judgement.provider_key,
                    draft=judgement.draft,
                    now=now,
                    state=after,
                    reasons=judgement.reasons,
                )
        return after

    def edit(self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime) -> None:
        """See `Judgements`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id)
            if row.state not in (*_JUDGED, State.UNREADABLE):
                raise MoveForbiddenError(
                    f"Invoice {invoice_id} is {row.state}: its values cannot be changed now.",
                    todo="Submitted invoices are corrected through the platform; others once they were read.",
                )
            edits: dict[str, Edit] = load(Edits, row.edits) if row.edits else {}
            for name, value in values.items():
                if value is None:
                    edits.pop(name, None)
                else:
                    edits[name] = Edit(value=value, actor=actor, at=now)
            changed = {"edits": dump(Edits, edits), "judged_revision": None}
            if not touch(connection, ticket(row), changed, now=now):
                raise StaleError(f"Invoice {invoice_id} changed meanwhile.", todo="Look at it again.")

    def shelve(self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime) -> None:
        """See `Judgements`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id)
            if not allowed(State(row.state), state):
                raise MoveForbiddenError(f"Invoice {invoice_id} is {row.state}: it cannot be {state}.")
            values = {"shelved_from": row.state, "shelved_reason": reason, "shelved_by": "person"}
            move(connection, ticket(row), state, cause=reason, actor=actor, now=now, values=values)

    def unshelve(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> State:
        """See `Judgements`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id)
            if row.state not in (State.HELD, State.DISCARDED):
                raise MoveForbiddenError(f"Invoice {invoice_id} is {row.state}: there is nothing to release.")
            before = State(row.shelved_from)
            values = {
                "shelved_from": None,
                "shelved_reason": None,
                "shelved_by": None,
                "criteria_revision": None,
                "judged_revision": None,
            }
            move(
                connection, ticket(row), before, shelved_from=before, cause=reason, actor=actor, now=now, values=values
            )
            return before

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        """See `Judgements`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id)
            values = {"judged_revision": None, "refused_values": None}
            move(connection, ticket(row), State.TO_COMPLETE, cause="opened again", actor=actor, now=now, values=values)

    def reread(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> None:
        """See `Judgements`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id)
            if row.state not in SHELVABLE or not allowed(State(row.state), State.MATCHED):
                raise MoveForbiddenError(f"Invoice {invoice_id} is {row.state}: it cannot be read again.")
            again = readings.update().where(readings.c.content_sha256 == row.content_sha256).values(stale=True)
            connection.execute(again)
            values = {"judged_revision": None}
            move(connection, ticket(row), State.MATCHED, cause=reason, actor=actor, now=now, values=values)


def _row(connection: Connection, invoice_id: int) -> AnyRow:
    query = sa.select(*TICKET_COLUMNS, invoices.c.edits, invoices.c.shelved_from, invoices.c.content_sha256)
    row = connection.execute(query.where(invoices.c.id == invoice_id)).one_or_none()
    if row is None:
        raise NotThereError(f"There is no invoice {invoice_id}.", todo="`chorus documents list` shows the ids.")
    return row


def _frozen(connection: Connection, invoice_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Number, as it was sent, and supplier of the last unresolved attempt of each of these invoices."""
    if not invoice_ids:
        return {}
    query = (
        sa.select(attempts.c.invoice_id, attempts.c.submission)
        .where(attempts.c.state == AttemptState.UNRESOLVED, attempts.c.kind == SUBMISSION)
        .where(attempts.c.invoice_id.between(min(invoice_ids), max(invoice_ids)))
        .order_by(attempts.c.id)
    )
    return {
        row.invoice_id: (row.submission["number"], row.submission["supplier_siret"])
        for row in connection.execute(query)
    }


def _judge_work(row: AnyRow, linked: Linked, frozen: tuple[str | None, str | None]) -> JudgeWork:
    return JudgeWork(
        ticket=ticket(row),
        document_id=row.document_id,
        document=portal_document(row),
        reading=load_reading(row),
        edits=load(Edits, row.edits) if row.edits else {},
        provider_scope=tuple(row.provider_scope or ()),
        content_sha256=row.stored_sha256,
        frozen_number=frozen[0],
        frozen_supplier=frozen[1],
        refused_values=row.refused_values,
        linked=linked.documents,
        linked_by=linked.rules,
        missing_links=linked.missing,
    )


def _judged_values(judgement: Judgement, revision: int) -> dict[str, Any]:
    draft = judgement.draft
    labels = [fold(label) for label in (draft.text("user_label") or "").split(";") if label.strip()]
    return {
        "judged_revision": None if judgement.again else revision,
        "draft": dump(Draft, draft),
        "reasons": dump(Reasons, judgement.reasons),
        "warnings": dump(Reasons, judgement.warnings),
        "attachments": list(judgement.attachments),
        "attachment_types": dict(judgement.attachment_types),
        "provider_key": judgement.provider_key,
        "environment": judgement.environment,
        "invoice_number": draft.text("invoice_number"),
        "supplier_siret": draft.text("supplier_siret"),
        "recipient_siret": draft.text("recipient_siret"),
        "total_incl_tax": draft.text("total_incl_tax"),
        # between bars, so that one label is found whole by LIKE
        "labels": "|" + "|".join(labels) + "|" if labels else None,
    }
