"""Attempts, claims and keys in memory (port `Ledger`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from include.application.ports.ledger import AttemptRecord, SameNumber, SendWork, StoredContent
from include.domain.attachments import NOTHING_EDITED
from include.domain.causes import Cause
from include.domain.errors import AlreadySentError, StaleError
from include.domain.internal_errors import Item
from include.domain.lifecycle import RowVersion, State
from include.domain.reasons import Reason
from include.domain.submission import SUBMISSION, RemoteInvoice, Submission, Taken, number_key
from include.domain.transitions import submission as rules
from include.domain.transitions.change import Change
from include.domain.transitions.sent_invoice import SentInvoice
from tests.fakes.corrections import correction_due, expire_corrections
from tests.fakes.foreign_twins import borne_elsewhere, hinders_claim, twins_of_number
from tests.fakes.sent_invoices import apply_to, sent_invoice
from tests.fakes.store import MemoryAttempt, MemoryInvoice, MemoryStore


@dataclass
class FakeLedger:
    """The port Ledger; each method is one transaction."""

    store: MemoryStore = field(default_factory=MemoryStore)

    # -- choosing work ---------------------------------------------------------------------------------------------

    def expire_leases(
        self, *, search_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        with self.store.transaction:
            lapsed = self.store.lapsed(State.SUBMITTING)
            for row in lapsed:
                invoice = sent_invoice(self.store, row.id)
                change = rules.lease_ran_out(invoice, search_after_seconds=search_after_seconds, now=now)
                apply_to(self.store, invoice, change, now=now)
            return len(lapsed) + expire_corrections(self.store, check_after_seconds=search_after_seconds, now=now)

    def providers_with_work(self, revision: int, *, automatic: Iterable[str], now: dt.datetime) -> list[str]:
        wanted = set(automatic)
        with self.store.transaction:
            due = self.store.lapsed(State.SUBMITTING, State.CORRECTING)
            due += [row for row in self.store.rows(State.UNKNOWN) if _search_due(row, now)]
            due += [row for row in self.store.rows(State.CORRECTION_UNKNOWN) if correction_due(row, now)]
            due += [row for row in self._assessed(revision) if row.get("provider_key") in wanted]
            return sorted({row.values["provider_key"] for row in due})

    def ready(
        self,
        provider_key: str,
        revision: int,
        *,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        with self.store.transaction:
            return self._works(self._assessed(revision), provider_key, limit, invoice_ids)

    def count_ready(self, provider_key: str, revision: int, *, invoice_ids: Sequence[int] | None = None) -> int:
        return len(self.ready(provider_key, revision, limit=sys.maxsize, invoice_ids=invoice_ids))

    def unknown(
        self,
        provider_key: str,
        *,
        now: dt.datetime,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        with self.store.transaction:
            rows = self.store.rows(State.UNKNOWN)
            due = [row for row in rows if invoice_ids is not None or _search_due(row, now)]
            return self._works(due, provider_key, limit, invoice_ids)

    def _assessed(self, revision: int) -> list[MemoryInvoice]:
        return [row for row in self.store.rows(State.READY) if row.values["judged_revision"] == revision]

    def _works(
        self, rows: Iterable[MemoryInvoice], provider_key: str, limit: int, invoice_ids: Sequence[int] | None
    ) -> list[SendWork]:
        chosen = [row for row in rows if row.document is not None and row.get("provider_key") == provider_key]
        return [self._work(row) for row in chosen if invoice_ids is None or row.id in invoice_ids][:limit]

    def _work(self, row: MemoryInvoice) -> SendWork:
        assert row.document is not None
        return SendWork(
            row_version=row.row_version,
            document_id=row.id,
            name=row.document.name,
            content_sha256=row.content_sha256,
            draft=row.values["draft"],
            provider_key=row.values["provider_key"],
            environment=row.values["environment"],
            ever_unknown=row.values["ever_unknown"],
            attachments=tuple(row.get("attachments") or ()),
            attachment_types=row.get("attachment_types") or {},
            attachment_edits=row.get("attachment_edits") or NOTHING_EDITED,
            attempts=tuple(_record(one) for one in self.store.sendings(row.id)),
            empty_searches=row.values["empty_searches"],
            search_after=row.get("search_after"),
        )

    # -- the claim -------------------------------------------------------------------------------------------------

    def meet(self, work: SendWork, *, environment: str, supplier_siret: str, now: dt.datetime) -> State | None:
        store, held = self.store, work.row_version
        with store.transaction:
            found = twins_of_number(store, environment, supplier_siret, work.draft.text("invoice_number") or "")
            if not found:
                return None
            invoice = dataclasses.replace(sent_invoice(store, held.invoice_id), environment=environment)
            if invoice.row_version != held:
                raise StaleError("changed_before_claim", invoice_id=held.invoice_id)
            change = rules.met_before_claim(invoice, found, now=now)
            if change is None:
                return None
            if not apply_to(store, invoice, change, now=now, supplier_siret=supplier_siret):
                raise StaleError("changed_before_claim", invoice_id=held.invoice_id)
            return change.after

    def rival(self, work: SendWork) -> SameNumber | None:
        with self.store.transaction:
            for row in self.store.rivals(work.row_version.invoice_id):
                assert row.document is not None
                return SameNumber(invoice_id=row.id, document=row.document.name, total=row.values["total_incl_tax"])
        return None

    def claim(
        self,
        work: SendWork,
        submission: Submission,
        body: str,
        *,
        owner: str,
        lease_seconds: int,
        revision: int,
        now: dt.datetime,
    ) -> AttemptRecord:
        store, held = self.store, work.row_version
        keys = {
            (work.environment, "number", f"{submission.supplier_siret}:{number_key(submission.number)}"),
            (work.environment, "content", work.content_sha256),
        }
        with store.transaction:
            row = store.invoices[held.invoice_id]
            if row.row_version != held or not row.values["judged_revision"] == revision == store.revision():
                raise StaleError("changed_before_claim", invoice_id=held.invoice_id)
            hindered = hinders_claim(store, work.environment, submission.supplier_siret, submission.number)
            if hindered or store.rivals(held.invoice_id):
                raise StaleError("changed_before_claim", invoice_id=held.invoice_id)
            for key in sorted(keys, reverse=True):
                holder = store.keys.get(key, held.invoice_id)
                if holder != held.invoice_id:
                    raise AlreadySentError(
                        "already_sent",
                        invoice_id=held.invoice_id,
                        kind=key[1],
                        holder=holder,
                        holder_id=holder,
                        key_kind=key[1],
                    )
            change = rules.claimed(held, environment=work.environment, owner=owner)
            lease = {"lease_until": store.lease(lease_seconds)}
            assert store.apply(dataclasses.replace(change, values={**change.values, **lease}), now=now)
            store.keys |= dict.fromkeys(keys, held.invoice_id)
            return _record(store.open_attempt(held.invoice_id, SUBMISSION, submission, body, owner=owner, now=now))

    # -- answers ---------------------------------------------------------------------------------------------------

    def taken(self, attempt: AttemptRecord, answer: Taken, *, now: dt.datetime) -> bool:
        return self._answered(
            attempt, lambda invoice: rules.taken(invoice, attempt.id, attempt.owner, answer, now=now), now
        )

    def not_sent(self, attempt: AttemptRecord, why: Cause, *, now: dt.datetime) -> bool:
        return self._answered(
            attempt, lambda invoice: rules.not_sent(invoice, attempt.id, attempt.owner, why, now=now), now
        )

    def unresolved(self, attempt: AttemptRecord, why: Cause, *, search_after_seconds: int, now: dt.datetime) -> bool:
        return self._answered(
            attempt,
            lambda invoice: rules.unresolved(
                invoice, attempt.id, attempt.owner, why, search_after_seconds=search_after_seconds, now=now
            ),
            now,
        )

    def _answered(self, attempt: AttemptRecord, decide: Callable[[SentInvoice], Change], now: dt.datetime) -> bool:
        """Whether the row moved."""
        with self.store.transaction:
            invoice = self._attempted(attempt)
            if invoice is None:
                return False
            change = decide(invoice)
            return apply_to(self.store, invoice, change, now=now) and change.touches_row

    def _attempted(self, attempt: AttemptRecord) -> SentInvoice | None:
        """The invoice of an attempt; None when the store was set back to before it."""
        row = self.store.invoices.get(attempt.invoice_id)
        invoice = None if row is None or row.document is None else sent_invoice(self.store, row.id)
        mine = [] if invoice is None else [(one.id, one.owner) for one in invoice.attempts]
        return invoice if (attempt.id, attempt.owner) in mine else None

    def refusal(self, attempt: AttemptRecord, number: int, label: str, raw: str, *, now: dt.datetime) -> bool:
        with self.store.transaction:
            invoice = self._attempted(attempt)
            if invoice is None:
                return False
            apply_to(self.store, invoice, rules.refused(invoice, attempt.id, number, label, raw), now=now)
            return invoice.owned_by(attempt.id, attempt.owner)

    # -- searches --------------------------------------------------------------------------------------------------

    def apply_refusal(
        self,
        attempt: AttemptRecord,
        found: Sequence[RemoteInvoice] | None,
        *,
        search_after_seconds: int,
        now: dt.datetime,
    ) -> State | None:
        with self.store.transaction:
            invoice = self._attempted(attempt)
            if invoice is None or not invoice.owned_by(attempt.id, attempt.owner):
                return None
            elsewhere = self._elsewhere(invoice, found or ())
            _, change = rules.after_refusal_searched(
                invoice, found, search_after_seconds=search_after_seconds, now=now, elsewhere=elsewhere
            )
            return change.after if apply_to(self.store, invoice, change, now=now) else None

    def apply_search(
        self, work: SendWork, found: Sequence[RemoteInvoice], *, search_after_seconds: int, now: dt.datetime
    ) -> State | None:
        with self.store.transaction:
            invoice = sent_invoice(self.store, work.row_version.invoice_id)
            if invoice.row_version != work.row_version:
                return None
            elsewhere = self._elsewhere(invoice, found)
            _, change = rules.searched(
                invoice, found, search_after_seconds=search_after_seconds, now=now, elsewhere=elsewhere
            )
            return change.after if apply_to(self.store, invoice, change, now=now) else None

    def _elsewhere(self, invoice: SentInvoice, found: Sequence[RemoteInvoice]) -> dict[int, Reason]:
        ids = {row.chorus_id for row in found}
        return borne_elsewhere(self.store, invoice.environment, ids, but=invoice.row_version.invoice_id)

    # -- reasons found before the claim ----------------------------------------------------------------------------

    def already_sent(self, work: SendWork, holder_id: int, *, now: dt.datetime) -> None:
        holder = self.store.invoices[holder_id]
        name = holder.document.name if holder.document else None
        reason = rules.already_sent(holder_id, number=holder.get("invoice_number"), document=name)
        self.not_sendable(work, (reason,), now=now)

    def not_sendable(self, work: SendWork, reasons: Sequence[Reason], *, now: dt.datetime) -> bool:
        with self.store.transaction:
            invoice = sent_invoice(self.store, work.row_version.invoice_id)
            seen = dataclasses.replace(invoice, row_version=work.row_version)
            return apply_to(self.store, seen, rules.not_sendable(seen, reasons, now=now), now=now)

    def invoices_of(self, document_ids: Sequence[int]) -> list[int]:
        return [row.id for row in self.store.rows() if row.document is not None and row.id in document_ids]

    # -- uploads and attachments -----------------------------------------------------------------------------------

    def upload_id(self, provider_key: str, sha256: str) -> int | None:
        return self.store.uploads.get((provider_key, sha256))

    def save_upload(self, provider_key: str, sha256: str, upload_id: int, *, now: dt.datetime) -> None:
        self.store.uploads[provider_key, sha256] = upload_id

    def forget_uploads(self, provider_key: str, sha256s: Sequence[str]) -> None:
        for sha256 in sha256s:
            self.store.uploads.pop((provider_key, sha256), None)

    def attachment(self, portal_id: str) -> StoredContent | None:
        mine = (row.document for row in self.store.rows() if row.document and row.document.portal_id == portal_id)
        found = self.store.attachments.get(portal_id) or next(mine, None)
        if found is None:
            return None
        return StoredContent(portal_id=portal_id, name=found.name, sha256=found.content_sha256)


def _search_due(row: MemoryInvoice, now: dt.datetime) -> bool:
    after = row.get("search_after")
    return row.values["empty_searches"] == 0 or after is None or after <= now


def _record(row: MemoryAttempt) -> AttemptRecord:
    return AttemptRecord(
        id=row.id,
        invoice_id=row.invoice_id,
        state=row.state,
        submission=row.content,
        body=row.body,
        owner=row.owner,
        claimed_at=row.claimed_at,
    )
