"""Attempts and claims of corrections in memory (port `Corrections`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

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
from include.domain.transitions.change import Change
from tests.fakes.store import MemoryAttempt, MemoryInvoice, MemoryStore
from tests.fakes.tracking import RowWriter


@dataclass
class FakeCorrections:
    """The port Corrections; each method is one transaction."""

    store: MemoryStore = field(default_factory=MemoryStore)

    # -- the claim -------------------------------------------------------------------------------------------------

    def work(self, invoice_id: int) -> CorrectionWork:
        row = self.store.invoices.get(invoice_id)
        if row is None:
            raise NotThereError("no_such_invoice", reference=invoice_id)
        remote = self.store.remote.get(invoice_id)
        shown = remote.row if remote else None
        return CorrectionWork(
            row_version=row.row_version,
            provider_key=row.get("provider_key") or "",
            environment=row.get("environment") or "",
            chorus_id=row.get("chorus_id"),
            number=row.get("invoice_number") or "",
            document_name=row.document.name if row.document else "",
            status=row.get("status"),
            status_at=row.get("status_at"),
            status_comment=shown.status_comment if shown else None,
            routing=Routing(
                recipient_siret=(shown and shown.recipient_siret) or row.get("recipient_siret"),
                service_code=shown.service_code if shown else None,
                engagement_number=shown.engagement_number if shown else None,
            ),
            reasons=tuple(row.get("reasons") or ()),
        )

    def observe(self, work: CorrectionWork, account: Account, row: RemoteInvoice, *, now: dt.datetime) -> None:
        with self.store.transaction:
            if self.store.invoices[work.row_version.invoice_id].row_version != work.row_version:
                raise _stale(work)
            RowWriter(self.store, account, None, now).write([row])

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
        store, held = self.store, work.row_version
        with store.transaction:
            change = rules.claimed(held, correction, owner=owner)
            values = {**change.values, "lease_until": store.lease(lease_seconds)}
            if not store.apply(dataclasses.replace(change, values=values), now=now):
                raise _stale(work)
            sent = {"chorus_id": correction.chorus_id}
            return _attempt(
                store.open_attempt(held.invoice_id, correction.kind, correction, body, owner=owner, now=now, **sent)
            )

    # -- answers ---------------------------------------------------------------------------------------------------

    def not_sent(self, attempt: CorrectionAttempt, why: Cause, *, now: dt.datetime) -> bool:
        with self.store.transaction:
            change = rules.not_sent(self._corrected(attempt), why)
            return apply_correction(self.store, change, now=now) and change.touches_row

    def answered(self, attempt: CorrectionAttempt, raw: str, *, now: dt.datetime) -> None:
        with self.store.transaction:
            self.store.close_correction(rules.answered(attempt.id))
            self.store.attempt(attempt.id).values.setdefault("answer", raw)

    def refused(self, attempt: CorrectionAttempt, number: int, label: str, raw: str, *, now: dt.datetime) -> None:
        with self.store.transaction:
            self.store.close_correction(rules.refused(attempt.id, number, label, raw))

    def unresolved(
        self, attempt: CorrectionAttempt, why: Cause, *, check_after_seconds: int, now: dt.datetime
    ) -> State | None:
        with self.store.transaction:
            invoice = self._corrected(attempt)
            change = rules.unresolved(invoice, why, check_after_seconds=check_after_seconds, now=now)
            moved = apply_correction(self.store, change, now=now) and change.touches_row
            return change.after if moved else None

    def expire_leases(
        self, *, check_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        with self.store.transaction:
            return expire_corrections(self.store, check_after_seconds=check_after_seconds, now=now)

    def due(
        self, provider_key: str, *, now: dt.datetime, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[CorrectionAttempt]:
        with self.store.transaction:
            rows = [row for row in self.store.rows(State.CORRECTION_UNKNOWN) if row.get("provider_key") == provider_key]
            if invoice_ids is None:
                rows = [row for row in rows if correction_due(row, now)]
            else:
                rows = [row for row in rows if row.id in invoice_ids]
            newest = sorted((self.store.attempts_of(row.id)[-1] for row in rows), key=lambda attempt: attempt.id)
            return [_attempt(attempt) for attempt in newest[:limit]]

    def apply_outcome(
        self, attempt: CorrectionAttempt, shown: RemoteDetail | None, *, now: dt.datetime
    ) -> State | None:
        with self.store.transaction:
            looked = rules.looked(self._corrected(attempt), shown, now=now)
            if looked is None:
                return None
            row = self.store.invoices[attempt.invoice_id]
            if looked.change is None:
                # the row of a correction under way is written without taking its version
                row.values["empty_searches"] += row.state is State.CORRECTION_UNKNOWN
                return looked.state
            if not apply_correction(self.store, looked.change, now=now):
                return None
            if looked.shows and shown is not None:
                self._show(attempt.invoice_id, shown.invoice, now)
            return looked.state

    def _show(self, invoice_id: int, shown: RemoteInvoice, now: dt.datetime) -> None:
        """What the platform shows now, as far as an invoice by its id says it."""
        remote = self.store.remote.get(invoice_id)
        if remote is None:
            return
        names = ("recipient_siret", "service_code", "engagement_number", "rejection_handled")
        values = {name: getattr(shown, name) for name in names}
        if shown.status != remote.row.status:
            values |= {"status": shown.status, "status_comment": None}
        remote.row, remote.history_due = dataclasses.replace(remote.row, **values), now

    def _corrected(self, attempt: CorrectionAttempt) -> rules.CorrectedInvoice:
        """The invoice with this attempt as it is stored."""
        row, told = self.store.invoices[attempt.invoice_id], self.store.attempt(attempt.id)
        remote = self.store.remote.get(row.id)
        return rules.CorrectedInvoice(
            row_version=row.row_version,
            document=row.document.name if row.document else None,
            draft=row.get("draft") or Draft(),
            provider_key=row.get("provider_key"),
            number=row.get("invoice_number"),
            recipient_siret=row.get("recipient_siret"),
            recipient_name=remote.row.recipient_name if remote else None,
            total_incl_tax=amount_from(row.get("total_incl_tax")),
            chorus_id=row.get("chorus_id"),
            status=row.get("status"),
            search_after=row.get("search_after"),
            empty_searches=row.values["empty_searches"],
            attempt_id=told.id,
            attempt_state=told.state,
            correction=attempt.correction,
            answered=told.get("answer") is not None,
            refusal_number=told.get("refusal_number"),
            refusal_label=told.get("refusal_label"),
            newest=self.store.attempts_of(row.id)[-1].id == told.id,
        )

    # -- successors, and what waits --------------------------------------------------------------------------------

    def successor(self, document_id: int) -> Successor:
        row = self.store.invoices.get(document_id)
        if row is None or row.document is None:
            raise NotThereError("no_such_document", documents=document_id)
        return Successor(invoice_id=row.id, number=row.get("invoice_number"), state=row.state)

    def link_successor(self, invoice_id: int, successor_id: int, *, actor: str, now: dt.datetime) -> None:
        with self.store.transaction:
            held = self.store.invoices[invoice_id].row_version
            self.store.apply(rules.linked(held, successor_id, actor=actor), now=now)

    def returned(self, provider_key: str) -> list[ReturnedInvoice]:
        return [
            ReturnedInvoice(
                invoice_id=row.id,
                provider_key=provider_key,
                number=row.get("invoice_number") or "?",
                status=row.values["status"],
                status_at=row.values["status_at"],
            )
            for row in self.store.rows(State.TO_PROCESS)
            if row.get("provider_key") == provider_key and row.get("status") and row.get("status_at")
        ]

    def tell(self, alerts: Sequence[NewEvent]) -> None:
        for alert in alerts:
            self.store.outbox.add(alert)


def correction_due(row: MemoryInvoice, now: dt.datetime) -> bool:
    """Its outcome is to be looked at: never looked at since, or the delay is over."""
    after = row.get("search_after")
    return row.values["empty_searches"] == 0 or after is None or after <= now


def expire_corrections(store: MemoryStore, *, check_after_seconds: int, now: dt.datetime) -> int:
    """Every correction whose lease ran out; how many."""
    lapsed = store.lapsed(State.CORRECTING)
    for row in lapsed:
        open_one = next((one.id for one in store.attempts_of(row.id) if one.state is AttemptState.OPEN), None)
        change = rules.lease_ran_out(row.row_version, open_one, check_after_seconds=check_after_seconds, now=now)
        apply_correction(store, change, now=now)
    return len(lapsed)


def apply_correction(store: MemoryStore, change: Change, *, now: dt.datetime) -> bool:
    """Applies what the rules of corrections decided; False, and nothing is written, when somebody was first."""
    if change.touches_row and not store.apply(change, now=now):
        return False
    for closed in change.attempts:
        store.close_correction(closed)
    return True


def _stale(work: CorrectionWork) -> StaleError:
    return StaleError("changed_before_correction", invoice_id=work.row_version.invoice_id)


def _attempt(row: MemoryAttempt) -> CorrectionAttempt:
    return CorrectionAttempt(
        id=row.id,
        invoice_id=row.invoice_id,
        correction=row.content,
        body=row.body,
        owner=row.owner,
        refused=row.state is AttemptState.REFUSED,
    )
