"""What the platform told of invoices, in memory (port `Tracking`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.application.ports.tracking import DueHistory, KnownInvoice, RetrievalRecord, Stored, Unclaimed
from include.domain.codes import REMOTE_STATUSES
from include.domain.lifecycle import CONFIRMABLE, RowVersion, State
from include.domain.mapping import Draft
from include.domain.notification import NewEvent
from include.domain.submission import HOLDS_KEYS, RemoteInvoice, number_key
from include.domain.tracking import FINAL, REJECTED, RETURNED, Account, RemoteHistory
from include.domain.transitions.adoption import Fate, confirmed_by_person, fate_of, met_by_retrieval
from include.domain.transitions.sent_invoice import SentInvoice
from include.domain.transitions.submission import number_lost, recognised
from include.domain.transitions.tracking import TrackedInvoice, foreign, observed, unknown_status
from tests.fakes.foreign_twins import bearers, candidates
from tests.fakes.sent_invoices import apply_to, sent_invoice
from tests.fakes.store import MemoryInvoice, MemoryRemote, MemoryStore

_OPEN_STATES = (State.SUBMITTED, State.TO_PROCESS, State.CORRECTING, State.CORRECTION_UNKNOWN)


@dataclass
class FakeTracking:
    """The port Tracking; each method is one transaction."""

    store: MemoryStore = field(default_factory=MemoryStore)

    # -- how the retrieval stands ----------------------------------------------------------------------------------

    def record(self, provider_key: str) -> RetrievalRecord:
        return self.store.retrievals.get(provider_key, RetrievalRecord(provider_key=provider_key))

    def complete(
        self,
        provider_key: str,
        *,
        watermark: dt.datetime,
        full: bool,
        counts: Mapping[str, int],
        seconds: float,
        now: dt.datetime,
    ) -> None:
        before = self.record(provider_key)
        self.store.retrievals[provider_key] = RetrievalRecord(
            provider_key=provider_key,
            watermark=max(watermark, before.watermark) if before.watermark else watermark,
            full_at=before.full_at or (now if full else None),
            last_good_at=now,
            counts=dict(counts),
            seconds=seconds,
        )

    def failed(self, provider_key: str, failure: str, *, now: dt.datetime) -> None:
        record = dataclasses.replace(self.record(provider_key), failed_at=now, failure=failure)
        self.store.retrievals[provider_key] = record

    def first_sent_at(self, provider_key: str) -> dt.datetime | None:
        mine = [one for one in self.store.attempts if one.provider_key == provider_key and one.state in HOLDS_KEYS]
        return min((one.claimed_at for one in mine), default=None)

    # -- invoices --------------------------------------------------------------------------------------------------

    def store_rows(
        self, account: Account, rows: Sequence[RemoteInvoice], *, old_before: dt.datetime | None, now: dt.datetime
    ) -> Stored:
        with self.store.transaction:
            self.store.retrievals.setdefault(account.provider_key, RetrievalRecord(provider_key=account.provider_key))
            return RowWriter(self.store, account, old_before, now).write(rows)

    def unclaimed(self, account: Account, rows: Sequence[RemoteInvoice]) -> list[Unclaimed]:
        with self.store.transaction:
            met = [self._met(account, row) for row in rows]
            return [one for one in met if one is not None]

    def _met(self, account: Account, row: RemoteInvoice) -> Unclaimed | None:
        """None: it is known, as ours, or as foreign with the number of none of ours."""
        there = bearers(self.store, account.environment, {row.chorus_id})
        known = [one for one in there if one.get("number_key") == number_key(row.number)]
        if any(one.document is not None for one in known):
            return None
        waits = None if known else Unclaimed(row=row, fate=Fate.FOREIGN)
        for invoice_id in reversed(candidates(self.store, account, row)):
            fate = fate_of(sent_invoice(self.store, invoice_id), row)
            if fate is not None and (fate is Fate.ADOPT or waits is None or waits.fate is not Fate.ADOPT):
                waits = Unclaimed(row=row, fate=fate, invoice_id=invoice_id)
        return waits

    def adopt(self, account: Account, invoice_id: int, row: RemoteInvoice, *, actor: str, now: dt.datetime) -> bool:
        with self.store.transaction:
            held = self.store.invoices.get(invoice_id)
            if held is None or held.document is None:
                return False
            invoice = sent_invoice(self.store, invoice_id)
            change = confirmed_by_person(invoice, row, actor=actor, now=now)
            siret = row.supplier_siret or account.siret
            if change is None or not apply_to(self.store, invoice, change, now=now, supplier_siret=siret):
                return False
            RowWriter(self.store, account, None, now).write([row])
            return True

    def open_rejections(self, provider_key: str) -> set[int]:
        mine = [row for row in self.store.rows(State.TO_PROCESS) if row.get("provider_key") == provider_key]
        return {row.values["chorus_id"] for row in mine if row.get("status") == REJECTED and row.get("chorus_id")}

    def known(self, account: Account, chorus_ids: Sequence[int]) -> dict[int, KnownInvoice]:
        wanted = set(chorus_ids)
        return {
            row.values["chorus_id"]: KnownInvoice(
                id=row.id,
                document_id=row.id if row.document else None,
                version=row.row_version.version,
                state=row.state,
            )
            for row in self.store.rows()
            if row.get("environment") == account.environment and row.get("chorus_id") in wanted
        }

    def bodies_never_asked(self, account: Account, *, limit: int) -> list[str]:
        waiting = {
            row.get("recipient_siret")
            for row in self.store.rows(*_OPEN_STATES)
            if row.get("provider_key") == account.provider_key and row.get("status") not in (None, *FINAL)
        }
        asked = {siret for environment, siret in self.store.directory.entries if environment == account.environment}
        return sorted(waiting - asked - {None})[:limit]

    # -- histories -------------------------------------------------------------------------------------------------

    def histories_due(self, provider_key: str, *, limit: int) -> list[DueHistory]:
        waiting = [
            (_urgency(self.store.invoices[i]), remote.history_due, i)
            for i, remote in self.store.remote.items()
            if remote.history_due is not None and self._asks(i, provider_key)
        ]
        return [
            DueHistory(invoice_id=i, chorus_id=self.store.invoices[i].values["chorus_id"], due_since=due)
            for _, due, i in sorted(waiting)[:limit]
        ]

    def histories_waiting(self, provider_key: str) -> int:
        due = [i for i, remote in self.store.remote.items() if remote.history_due is not None]
        return sum(self._asks(i, provider_key) for i in due)

    def _asks(self, invoice_id: int, provider_key: str) -> bool:
        row = self.store.invoices[invoice_id]
        return row.get("provider_key") == provider_key and row.get("chorus_id") is not None

    def store_histories(self, fetched: Sequence[tuple[DueHistory, RemoteHistory]], *, now: dt.datetime) -> None:
        with self.store.transaction:
            for due, told in fetched:
                remote = self.store.remote[due.invoice_id]
                known = {(entry.kind, entry.entry_id) for entry in remote.entries}
                remote.entries += [entry for entry in told.entries if (entry.kind, entry.entry_id) not in known]
                if remote.history_due == due.due_since:  # what became due again meanwhile stays due
                    remote.history_due = None
                for event in self._unlisted(due, told, now)[-1:]:
                    self.store.outbox.add(event)

    def _unlisted(self, due: DueHistory, told: RemoteHistory, now: dt.datetime) -> list[NewEvent]:
        row = self.store.invoices[due.invoice_id]
        key, number = row.values["provider_key"], row.get("invoice_number") or ""
        odd = [entry.code for entry in told.statuses() if entry.code not in REMOTE_STATUSES]
        return [unknown_status(key, code, number, now) for code in odd]

    def postpone_history(self, due: DueHistory, *, now: dt.datetime) -> None:
        self.store.remote[due.invoice_id].history_due = now


@dataclass
class RowWriter:
    """One batch of one provider inside one transaction."""

    store: MemoryStore
    account: Account
    old_before: dt.datetime | None
    now: dt.datetime
    stored: Stored = field(default_factory=Stored)

    def write(self, rows: Sequence[RemoteInvoice]) -> Stored:
        """Stores the rows; of one that comes twice, the later counts."""
        by_id = {row.chorus_id: row for row in rows}
        known = self._known(by_id)
        for chorus_id in [i for i, held in known.items() if not self._same_number(held, by_id[i])]:
            self.store.apply(number_lost(known.pop(chorus_id).row_version, chorus_id, to=None), now=self.now)
        theirs = [
            row for chorus_id, row in by_id.items() if chorus_id not in known or known[chorus_id].document is None
        ]
        left_alone = {row.chorus_id for row in theirs if self._confirm(row) is State.SUBMITTING}
        known = self._known(by_id)
        for chorus_id, held in known.items():
            self._compare(held, by_id[chorus_id])
        for chorus_id in by_id.keys() - known.keys() - left_alone:
            self._insert_foreign(by_id[chorus_id])
        return self.stored

    def _known(self, wanted: Mapping[int, RemoteInvoice]) -> dict[int, MemoryInvoice]:
        mine = [row for row in self.store.rows() if row.get("environment") == self.account.environment]
        return {row.values["chorus_id"]: row for row in mine if row.get("chorus_id") in wanted}

    def _same_number(self, held: MemoryInvoice, row: RemoteInvoice) -> bool:
        """Whether it is still the invoice that we know under the platform's number."""
        remote = self.store.remote.get(held.id)
        ours = {number_key(one) for one in (remote and remote.row.number, held.get("invoice_number")) if one}
        return not row.number or not ours or number_key(row.number) in ours

    def _confirm(self, row: RemoteInvoice) -> State | None:
        """The last net under sending: the state of the first of ours that turns out to be this one; None: none."""
        for invoice_id in candidates(self.store, self.account, row):
            held = self.store.invoices[invoice_id]
            if held.document is None or held.state not in CONFIRMABLE:
                continue
            if held.state is State.SUBMITTING:
                return State.SUBMITTING  # left to its sender
            if self._confirmed(sent_invoice(self.store, invoice_id), row):
                return State.SUBMITTED
        return None

    def _confirmed(self, invoice: SentInvoice, row: RemoteInvoice) -> bool:
        explained = recognised(invoice, row, now=self.now)
        change = explained or met_by_retrieval(invoice, row, now=self.now)
        supplier = row.supplier_siret or self.account.siret
        if change is None or not apply_to(self.store, invoice, change, now=self.now, supplier_siret=supplier):
            return False
        self.stored.recovered += explained is not None
        self.stored.adopted += explained is None and change.confirmed_by_platform
        self.stored.waiting += not change.confirmed_by_platform
        return change.confirmed_by_platform

    def _compare(self, held: MemoryInvoice, row: RemoteInvoice) -> None:
        before = self.store.remote.get(held.id)
        found = observed(
            TrackedInvoice(
                row_version=held.row_version,
                document=held.document.name if held.document else None,
                draft=held.get("draft") or Draft(),
                status=held.get("status"),
                status_at=held.get("status_at"),
                remote_at=before.row.status_at if before else None,
            ),
            row,
            self.account,
            old_before=self.old_before,
            now=self.now,
        )
        if before is None:
            self.stored.new += 1
            self.store.remote[held.id] = MemoryRemote(row, self.now)
        elif before.row != row:
            if any(
                getattr(before.row, name) != getattr(row, name) for name in ("status", "status_at", "status_comment")
            ):
                before.history_due = self.now
            before.row = row
        if found is None:
            return
        if found.keeps_version:
            held.values |= found.change.values
        elif not self.store.apply(found.change, now=self.now):
            return
        self.stored.changed += found.changed
        for event in found.events:
            self.store.outbox.add(event)

    def _insert_foreign(self, row: RemoteInvoice) -> None:
        made = foreign(row, self.account, now=self.now)
        invoice_id = max(self.store.invoices, default=0) + 1
        self.store.invoices[invoice_id] = MemoryInvoice(
            RowVersion(invoice_id=invoice_id, state=made.values["state"], version=1),
            values={name: value for name, value in made.values.items() if name not in ("state", "version")},
            log=[(made.move, "system")],
        )
        self.store.remote[invoice_id] = MemoryRemote(row, self.now)
        for event in made.events(invoice_id, self.account, old_before=self.old_before, now=self.now):
            self.store.outbox.add(event)
        self.stored.new += 1
        self.stored.foreign += 1


def _urgency(row: MemoryInvoice) -> int:
    """Those that wait for the supplier first, then open ones, then finished ones."""
    return 0 if row.get("status") in RETURNED else 2 if row.get("status") in FINAL else 1
