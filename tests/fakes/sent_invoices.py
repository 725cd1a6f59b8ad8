"""Invoices in memory as the rules of sending look at them, and what those rules decide."""

from __future__ import annotations

import datetime as dt

from include.domain.mapping import Draft
from include.domain.submission import HOLDS_KEYS, RemoteInvoice, number_key
from include.domain.tracking import Account
from include.domain.transitions.adoption import UNDER_CORRECTION
from include.domain.transitions.change import Change
from include.domain.transitions.sent_invoice import Attempt, SentInvoice
from include.domain.transitions.submission import number_lost
from include.domain.transitions.tracking import TrackedInvoice, observed
from tests.fakes.foreign_twins import absorb, bearers, remote_invoice, twin_of
from tests.fakes.store import MemoryAttempt, MemoryInvoice, MemoryStore


def sent_invoice(store: MemoryStore, invoice_id: int) -> SentInvoice:
    """The invoice with all its attempts to send it."""
    row = store.invoices[invoice_id]
    return SentInvoice(
        row_version=row.row_version,
        document=row.document.name if row.document else None,
        draft=row.get("draft") or Draft(),
        provider_key=row.get("provider_key"),
        environment=row.get("environment"),
        owner=row.get("owner"),
        attachments=tuple(row.get("attachments") or ()),
        attachment_types=row.get("attachment_types") or {},
        empty_searches=row.values["empty_searches"],
        search_after=row.get("search_after"),
        attempts=tuple(_attempt(one) for one in store.sendings(invoice_id)),
    )


def apply_to(
    store: MemoryStore, invoice: SentInvoice, change: Change, *, now: dt.datetime, supplier_siret: str | None = None
) -> bool:
    """Applies what the rules of sending decided: attempts first, then the row; False when somebody was first.

    What the platform is known to hold takes the platform's number for itself, with all that is known of it under
    another row. `supplier_siret` is whose number it is, where no attempt says it.
    """
    for closed in change.attempts:
        store.close_attempt(closed)
    if not change.touches_row:
        return True
    if not change.confirmed_by_platform:
        return store.apply(change, now=now)
    ours, chorus_id = invoice.row_version.invoice_id, change.values["chorus_id"]
    twin = twin_of(store, invoice.environment, chorus_id, but=ours)
    if twin is not None and twin.state in UNDER_CORRECTION:
        return False
    shown = None
    if twin is not None and _is_ours(twin, invoice):
        shown = remote_invoice(store, twin)
        absorb(store, twin, into=ours)
    else:
        _take_number(store, invoice, chorus_id, now)
    if not store.apply(change, now=now):
        assert shown is None, "nobody writes the row within this transaction"
        return False
    if not any(attempt.state in HOLDS_KEYS for attempt in invoice.attempts):
        _hold_keys(store, invoice, supplier_siret)
    if shown is not None:
        _follow(store, invoice, shown, now)
    return True


def _is_ours(twin: MemoryInvoice, invoice: SentInvoice) -> bool:
    """A test platform that was emptied gives its numbers anew: then the row is another invoice."""
    ours = {invoice.draft.text("invoice_number"), *(attempt.submission.number for attempt in invoice.attempts)}
    return twin.get("number_key") in {number_key(number) for number in ours if number}


def _follow(store: MemoryStore, invoice: SentInvoice, shown: RemoteInvoice, now: dt.datetime) -> None:
    """What the platform's status asks for, as for every row of its list; whoever had to hear of it was told then."""
    row = store.invoices[invoice.row_version.invoice_id]
    ours = TrackedInvoice(
        row_version=row.row_version,
        document=invoice.document,
        draft=invoice.draft,
        status=row.values["status"],
        status_at=row.values["status_at"],
        remote_at=shown.status_at,
    )
    account = Account(
        provider_key=invoice.provider_key or "", environment=invoice.environment or "", siret=shown.supplier_siret or ""
    )
    found = observed(ours, shown, account, old_before=None, now=now)
    if found is not None:
        store.apply(found.change, now=now)


def _hold_keys(store: MemoryStore, invoice: SentInvoice, supplier_siret: str | None) -> None:
    """What the platform holds keeps its number and content for itself; one that another invoice holds stays there."""
    row = store.invoices[invoice.row_version.invoice_id]
    sent = invoice.attempts[-1].submission if invoice.attempts else None
    supplier, number = supplier_siret or row.get("supplier_siret"), row.get("number_key")
    if sent is not None:
        supplier, number = sent.supplier_siret, number_key(sent.number)
    store.keys.setdefault((row.values["environment"], "number", f"{supplier}:{number}"), row.id)
    store.keys.setdefault((row.values["environment"], "content", row.content_sha256), row.id)


def _take_number(store: MemoryStore, invoice: SentInvoice, chorus_id: int, now: dt.datetime) -> None:
    """A number of the platform means one invoice: the newest proof wins over a row that had it before."""
    ours = invoice.row_version.invoice_id
    for other in bearers(store, invoice.environment, {chorus_id}, but=ours):
        store.apply(number_lost(other.row_version, chorus_id, to=ours), now=now)


def _attempt(row: MemoryAttempt) -> Attempt:
    return Attempt(
        id=row.id,
        state=row.state,
        submission=row.content,
        owner=row.owner,
        chorus_id=row.get("chorus_id"),
        refusal_number=row.get("refusal_number"),
        refusal_label=row.get("refusal_label"),
    )
