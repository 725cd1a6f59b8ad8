"""The rows that lists are made of, kept beside the invoices (tables `listed_invoices`, `invoice_labels`).

They are derived; nothing is decided by them. Whoever writes something that a list shows, sorts by or searches says so
with `list_again`; at the end of the transaction each such row is made anew from what is stored. A row that cannot be
made never takes the transaction with it, which may hold the proof of a sending.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.inserting import insert_new, put
from include.adapters.storage.core.list_tables import invoice_labels, listed, payment_terms
from include.adapters.storage.core.tables import (
    AnyRow,
    attempts,
    documents,
    invoices,
    remote_invoices,
    tracked_statuses,
)
from include.domain.codes import InvoiceType
from include.domain.configuration.base import PARIS
from include.domain.payment_terms import PUBLIC_BODY_DAYS, StatusSince, pay_by, with_newest
from include.domain.submission import SUBMISSION
from include.domain.tracking import EntryKind
from include.domain.values import fold

logger = logging.getLogger(__name__)

NO_DAY = dt.date.max
"""Value for a day that is not known, in columns that rows are sorted by."""

_LONGEST_NAME = 300
"""Characters of a name that a list shows; PostgreSQL takes no text of any length into an index."""

_CHANGED = "chorus_changed_invoices"
_AT_ONCE = 500
_MOST = Decimal(10**15)
"""Largest amount in cents; more is no amount, and would not fit into the column."""


def list_again(connection: Connection, invoice_ids: Iterable[int]) -> None:
    """These invoices, or their documents, or what the platform says of them changed in this transaction."""
    connection.info.setdefault(_CHANGED, set()).update(invoice_ids)


def forget_changes(connection: Connection) -> None:
    """At the beginning of a transaction: what an earlier one left behind, which was rolled back."""
    connection.info.pop(_CHANGED, None)


def list_changed(connection: Connection) -> None:
    """At the end of a transaction: makes the rows of all that changed in it."""
    ids = sorted(connection.info.pop(_CHANGED, ()))
    if not ids:
        return
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        if not _made(connection, some):  # one that cannot be made does not keep the others back
            stale = [one for one in some if not _made(connection, [one])]
            logger.error("Lists may show invoices %s as they were before", stale)


def _made(connection: Connection, invoice_ids: Sequence[int]) -> bool:
    """Makes these rows, or none of them; what hinders it may be anything that is stored, and goes into the log."""
    try:
        with connection.begin_nested():
            _list(connection, invoice_ids)
    except Exception:  # the invoice itself is stored and right: a row of a list never undoes that
        logger.exception("Rows of lists could not be made for %d invoices", len(invoice_ids))
        return False
    return True


def list_missing(connection: Connection) -> None:
    """After a migration: makes the rows of all invoices that have none; archived ones have left the lists."""
    query = (
        sa.select(invoices.c.id)
        .join(listed, listed.c.invoice_id == invoices.c.id, isouter=True)
        .join(archived, archived.c.invoice_id == invoices.c.id, isouter=True)
        .where(listed.c.invoice_id.is_(None), archived.c.invoice_id.is_(None))
        .order_by(invoices.c.id)
        .limit(_AT_ONCE)
    )
    while ids := connection.scalars(query).all():
        _list(connection, ids)


def _drafted(name: str) -> sa.ColumnElement[str]:
    """The value of a field that is a text, straight from the stored draft."""
    value: sa.ColumnElement[str] = invoices.c.draft["fields"][name]["value"].as_string()
    return value.label(f"drafted_{name}")


_FIRST_SENT = (
    sa.select(sa.func.min(attempts.c.claimed_at))
    .where(attempts.c.invoice_id == invoices.c.id, attempts.c.kind == SUBMISSION)
    .scalar_subquery()
    .label("first_sent_at")
)
_STATUSES = (
    sa.select(tracked_statuses.c.invoice_id, tracked_statuses.c.code, tracked_statuses.c.at)
    .where(tracked_statuses.c.kind == EntryKind.STATUS, tracked_statuses.c.at.is_not(None))
    .order_by(tracked_statuses.c.at, tracked_statuses.c.id)
)
_FACTS = (
    sa.select(
        invoices.c.id,
        invoices.c.document_id,
        invoices.c.state,
        invoices.c.provider_key,
        invoices.c.status,
        invoices.c.status_at,
        invoices.c.reasons,
        invoices.c.labels,
        invoices.c.invoice_number,
        invoices.c.recipient_siret,
        invoices.c.total_incl_tax,
        invoices.c.chorus_id,
        invoices.c.created_at,
        invoices.c.changed_at,
        *(_drafted(name) for name in ("recipient_name", "issue_date", "due_date", "type")),
        documents.c.name,
        documents.c.arrived_at,
        remote_invoices.c.recipient_name.label("told_recipient_name"),
        remote_invoices.c.issue_date.label("told_issue_date"),
        remote_invoices.c.credit_note,
        remote_invoices.c.deposited_on,
        _FIRST_SENT,
        payment_terms.c.days.label("payment_days"),
        listed.c.labels.label("listed_labels"),
        # of an archived one that moved again: its attempts lie in a pack
        archived.c.deposited_at.label("packed_deposited_at"),
    )
    .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
    .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
    .join(listed, listed.c.invoice_id == invoices.c.id, isouter=True)
    .join(archived, archived.c.invoice_id == invoices.c.id, isouter=True)
    .join(payment_terms, payment_terms.c.recipient_siret == invoices.c.recipient_siret, isouter=True)
)


def _list(connection: Connection, invoice_ids: Sequence[int]) -> None:
    facts = connection.execute(_FACTS.where(invoices.c.id.in_(invoice_ids)).order_by(invoices.c.id)).all()
    if not facts:
        return
    put(connection, listed, *_rows(connection, facts))
    _label(connection, [fact for fact in facts if fact.labels != fact.listed_labels])


def _label(connection: Connection, facts: Sequence[AnyRow]) -> None:
    if not facts:
        return
    connection.execute(invoice_labels.delete().where(invoice_labels.c.invoice_id.in_([fact.id for fact in facts])))
    rows = [
        {"label": label, "invoice_id": fact.id}
        for fact in facts
        for label in sorted(set((fact.labels or "").strip("|").split("|")) - {""})
    ]
    insert_new(connection, invoice_labels, *rows)


def _rows(connection: Connection, facts: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """The listed rows of these invoices as they are to be now."""
    statuses: dict[int, list[StatusSince]] = {}
    mine = tracked_statuses.c.invoice_id.in_([fact.id for fact in facts])
    for entry in connection.execute(_STATUSES.where(mine)):
        statuses.setdefault(entry.invoice_id, []).append(StatusSince(status=entry.code, at=entry.at))
    return [_row(fact, statuses.get(fact.id, [])) for fact in facts]


def _row(fact: AnyRow, statuses: list[StatusSince]) -> dict[str, Any]:
    deposited_at = _deposited_at(fact)
    name = (fact.told_recipient_name or fact.drafted_recipient_name or "")[:_LONGEST_NAME] or None
    codes = [reason["code"] for reason in fact.reasons or ()]
    return {
        "invoice_id": fact.id,
        "document_id": fact.document_id,
        "state": fact.state,
        "provider_key": fact.provider_key,
        "status": fact.status if fact.chorus_id is not None else None,
        "reason_codes": f"|{'|'.join(codes)}|" if codes else None,
        "labels": fact.labels,
        "recipient_siret": fact.recipient_siret,
        "recipient_name": name,
        "credit_note": _credit_note(fact),
        "issue_date": fact.told_issue_date or _day(fact.drafted_issue_date),
        "number": fold(fact.invoice_number or ""),
        "recipient": fold(name or fact.recipient_siret or ""),
        "total_cents": cents(fact.total_incl_tax),
        "due_date": _day(fact.drafted_due_date) or NO_DAY,
        "pay_by": _pay_by(fact, statuses) or NO_DAY,
        "arrived_at": fact.arrived_at or fact.created_at,
        "changed_at": fact.changed_at,
        "status_at": fact.status_at or deposited_at or fact.created_at,
        "deposited_at": deposited_at,
        "search_text": search_text(
            fact.invoice_number, fact.name, name, fact.recipient_siret, str(fact.chorus_id or "")
        ),
    }


def _pay_by(fact: AnyRow, statuses: list[StatusSince]) -> dt.date | None:
    """Nobody has to pay a credit note."""
    if _credit_note(fact):
        return None
    return pay_by(with_newest(statuses, fact.status, fact.status_at), fact.payment_days or PUBLIC_BODY_DAYS)


def search_text(*parts: str | None) -> str:
    """What an infix is looked for in: a part a line, folded as the infix is."""
    return "\n".join(fold(part) for part in parts if part)


def cents(amount: str | None) -> int:
    """Whole cents without sign; 0 for what is no amount (typed by a person and not assessed yet)."""
    try:
        value = abs(Decimal(amount or "0"))
    except InvalidOperation:
        return 0
    if not value.is_finite():
        return 0
    return int((min(value, _MOST) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _credit_note(fact: AnyRow) -> bool:
    if fact.credit_note is not None:
        return bool(fact.credit_note)
    return bool(fact.drafted_type == InvoiceType.CREDIT_NOTE)


def _deposited_at(fact: AnyRow) -> dt.datetime | None:
    """When we first sent it; where no attempt of ours tells, the beginning of the day that the platform names."""
    first: dt.datetime | None = fact.packed_deposited_at or fact.first_sent_at
    if fact.document_id is not None and (first is not None or fact.chorus_id is None):
        return first
    if fact.deposited_on is None:
        created: dt.datetime = fact.created_at
        return created
    return dt.datetime.combine(fact.deposited_on, dt.time(), tzinfo=PARIS)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
