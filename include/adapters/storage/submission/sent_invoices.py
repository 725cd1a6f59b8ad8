"""Invoices as the rules of sending look at them, and what those rules decide, in the caller's transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import load
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, apply, apply_locked, row_version
from include.adapters.storage.core.tables import AnyRow, attempts, documents, invoices
from include.adapters.storage.learning.layouts import note_accepted
from include.adapters.storage.learning.recipients import learn
from include.adapters.storage.submission.attempts import close_attempt, hold_keys
from include.adapters.storage.submission.foreign_twins import absorb, is_free, remote_invoice, twin_of
from include.domain.mapping import Draft
from include.domain.submission import HOLDS_KEYS, SUBMISSION, AttemptState, RemoteInvoice, Submission, number_key
from include.domain.tracking import Account
from include.domain.transitions.change import Change
from include.domain.transitions.sent_invoice import Attempt, SentInvoice
from include.domain.transitions.submission import number_lost
from include.domain.transitions.tracking import TrackedInvoice, observed

logger = logging.getLogger(__name__)

# statements of every invoice, built once
_ONE_INVOICE = (
    sa.select(
        *ROW_VERSION_COLUMNS,
        documents.c.name,
        invoices.c.draft,
        invoices.c.provider_key,
        invoices.c.environment,
        invoices.c.owner,
        invoices.c.attachments,
        invoices.c.attachment_types,
        invoices.c.empty_searches,
        invoices.c.search_after,
    )
    .join(documents, documents.c.id == invoices.c.document_id)
    .where(invoices.c.id == sa.bindparam("invoice"))
)
_LOCKED = _ONE_INVOICE.with_for_update(of=invoices)
_ITS_ATTEMPTS = (
    sa.select(attempts)
    .where(attempts.c.invoice_id == sa.bindparam("invoice"), attempts.c.kind == SUBMISSION)
    .order_by(attempts.c.id)
)


def sent_invoice(connection: Connection, invoice_id: int, *, lock: bool = True) -> SentInvoice | None:
    """The invoice, locked where the database locks rows: nobody moves it between our look and our UPDATE.

    None for one that has no document: we never sent it. Whoever only looks does not `lock`.
    """
    asked = {"invoice": invoice_id}
    row = connection.execute(_LOCKED if lock else _ONE_INVOICE, asked).one_or_none()
    if row is None:
        return None
    return SentInvoice(
        row_version=row_version(row),
        document=row.name,
        draft=load(Draft, row.draft) if row.draft else Draft(),
        provider_key=row.provider_key,
        environment=row.environment,
        owner=row.owner,
        attachments=tuple(row.attachments or ()),
        attachment_types=row.attachment_types or {},
        empty_searches=row.empty_searches,
        search_after=row.search_after,
        attempts=tuple(_attempt(attempt) for attempt in connection.execute(_ITS_ATTEMPTS, asked)),
    )


def apply_to(
    connection: Connection, invoice: SentInvoice, change: Change, *, now: dt.datetime, supplier_siret: str | None = None
) -> bool:
    """Applies what the rules of sending decided: attempts first, then the row; False when somebody was first.

    What the platform is known to hold takes the platform's number for itself, with all that is known of it under
    another row, and is learned from. `supplier_siret` is whose number it is, where no attempt says it.
    """
    for closed in change.attempts:
        close_attempt(connection, invoice.row_version.invoice_id, closed, now=now)
    if not change.touches_row:
        return True
    if not change.confirmed_by_platform:
        return apply(connection, change, now=now)
    chorus_id = change.values["chorus_id"]
    twin = twin_of(connection, invoice.environment, chorus_id, but=invoice.row_version.invoice_id)
    if twin is not None and not is_free(twin):
        logger.warning("Invoice %s is met as %s, which is being corrected", invoice.row_version.invoice_id, twin.id)
        return False
    if twin is not None and _is_ours(twin, invoice):
        absorb(connection, twin, into=invoice.row_version.invoice_id)
    else:
        _take_number(connection, invoice, chorus_id, now)
        twin = None
    if not apply(connection, change, now=now):
        assert twin is None, "the row is locked: nobody was first"
        return False
    if not any(attempt.state in HOLDS_KEYS for attempt in invoice.attempts):
        hold_keys(connection, invoice, supplier_siret)
    _learn(connection, invoice, now)
    if twin is not None:
        _follow(connection, invoice, change, remote_invoice(twin), now)
    return True


def _is_ours(twin: AnyRow, invoice: SentInvoice) -> bool:
    """A test platform that was emptied gives its numbers anew: then the row is another invoice."""
    ours = {invoice.draft.text("invoice_number"), *(attempt.submission.number for attempt in invoice.attempts)}
    return twin.number_key in {number_key(number) for number in ours if number}


def _follow(connection: Connection, invoice: SentInvoice, change: Change, row: RemoteInvoice, now: dt.datetime) -> None:
    """What the platform's status asks for, as for every row of its list; whoever had to hear of it was told then."""
    held = dataclasses.replace(invoice.row_version, state=change.after, version=invoice.row_version.version + 1)
    ours = TrackedInvoice(
        row_version=held,
        document=invoice.document,
        draft=invoice.draft,
        status=change.values["status"],
        status_at=change.values["status_at"],
        remote_at=row.status_at,
    )
    account = Account(
        provider_key=invoice.provider_key or "", environment=invoice.environment or "", siret=row.supplier_siret or ""
    )
    found = observed(ours, row, account, old_before=None, now=now)
    if found is not None:
        apply_locked(connection, found.change, now=now)


def _take_number(connection: Connection, invoice: SentInvoice, chorus_id: int, now: dt.datetime) -> None:
    """A number of the platform means one invoice: the newest proof wins over a row that had it before.

    That happens when a test platform was emptied and counts anew; without this the answer could never be stored.
    """
    ours = invoice.row_version.invoice_id
    before = sa.select(*ROW_VERSION_COLUMNS).where(
        invoices.c.environment == invoice.environment, invoices.c.chorus_id == chorus_id, invoices.c.id != ours
    )
    for other in connection.execute(before.with_for_update()).all():
        logger.error("Chorus Pro's number %s of invoice %s is now that of %s", chorus_id, other.invoice_id, ours)
        apply_locked(connection, number_lost(row_version(other), chorus_id, to=ours), now=now)


def _learn(connection: Connection, invoice: SentInvoice, now: dt.datetime) -> None:
    """What cannot be learned never costs the proof that the platform holds the invoice."""
    for learn_from in (learn, note_accepted):
        try:
            with connection.begin_nested():
                learn_from(connection, invoice, now=now)
        except Exception:  # undone alone (`begin_nested`): the proof is stored in any case
            logger.exception("Nothing could be learned from invoice %s", invoice.row_version.invoice_id)


def _attempt(row: AnyRow) -> Attempt:
    return Attempt(
        id=row.id,
        state=AttemptState(row.state),
        submission=load(Submission, row.submission),
        owner=row.owner,
        chorus_id=row.chorus_id,
        refusal_number=row.refusal_number,
        refusal_label=row.refusal_label,
    )
