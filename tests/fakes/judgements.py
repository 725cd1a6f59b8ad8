"""The store's side of judging in memory: what is due, what was recorded, and losers named for how they lose."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.accounts_port import KnownAccount
from include.application.storage_ports import Edit, Judgement, JudgeWork, ProviderHealth
from include.domain.directory import DirectoryEntry, SupplierAccount
from include.domain.errors import MoveForbiddenError
from include.domain.lifecycle import FROZEN, State
from include.domain.notification import NewEvent


@dataclass
class FakeJudgements:
    """The port Judgements. `works` by invoice id; `judged` holds the revision of each judgement.

    `somebody_is_first` names invoices whose row changes between reading and recording, that many times.
    """

    works: dict[int, JudgeWork] = field(default_factory=dict)
    judged: dict[int, int] = field(default_factory=dict)
    recorded: dict[int, Judgement] = field(default_factory=dict)
    shelved: dict[int, tuple[State, str]] = field(default_factory=dict)
    reread_ids: list[tuple[int, str]] = field(default_factory=list)
    somebody_is_first: dict[int, int] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    before_record: Callable[[JudgeWork], None] | None = None

    def add(self, work: JudgeWork) -> JudgeWork:
        self.works[work.ticket.invoice_id] = work
        return work

    def state(self, invoice_id: int) -> State:
        return self.works[invoice_id].ticket.state

    def to_judge(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[JudgeWork]:
        self.asked.append(limit)
        due = [
            work
            for invoice_id, work in sorted(self.works.items())
            if self.judged.get(invoice_id, -1) < revision
            and work.ticket.state not in FROZEN
            and (not document_ids or work.document_id in document_ids)
        ]
        return due[:limit]

    def record_judgement(
        self, work: JudgeWork, judgement: Judgement, *, revision: int, now: dt.datetime
    ) -> State | None:
        if self.before_record is not None:
            self.before_record(work)
        invoice_id = work.ticket.invoice_id
        if self.somebody_is_first.get(invoice_id, 0):
            self.somebody_is_first[invoice_id] -= 1
            return None
        after = State.TO_COMPLETE if judgement.reasons else State.READY
        self._move(invoice_id, after)
        self.recorded[invoice_id] = judgement
        if judgement.again:
            self.judged.pop(invoice_id, None)
        else:
            self.judged[invoice_id] = revision
        return after

    def edit(self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime) -> None:
        work = self.works[invoice_id]
        if work.ticket.state in FROZEN:
            raise MoveForbiddenError(f"Invoice {invoice_id} is {work.ticket.state}.")
        edits = {name: edit for name, edit in work.edits.items() if name not in values}
        edits |= {name: Edit(value=value, actor=actor, at=now) for name, value in values.items() if value is not None}
        self.works[invoice_id] = dataclasses.replace(work, edits=edits)
        self.judged.pop(invoice_id, None)

    def shelve(self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime) -> None:
        self.shelved[invoice_id] = (self.state(invoice_id), reason)
        self._move(invoice_id, state)

    def unshelve(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> State:
        before, _ = self.shelved.pop(invoice_id)
        self._move(invoice_id, before)
        return before

    def reread(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> None:
        self.reread_ids.append((invoice_id, reason))
        self._move(invoice_id, State.MATCHED)

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        self._move(invoice_id, State.TO_COMPLETE)

    def _move(self, invoice_id: int, state: State) -> None:
        work = self.works[invoice_id]
        ticket = dataclasses.replace(work.ticket, state=state, version=work.ticket.version + 1)
        self.works[invoice_id] = dataclasses.replace(work, ticket=ticket)


@dataclass
class FakeDirectoryCache:
    """The port DirectoryCache."""

    entries: dict[tuple[str, str], DirectoryEntry] = field(default_factory=dict)

    def get(self, environment: str, siret: str) -> DirectoryEntry | None:
        return self.entries.get((environment, siret))

    def put(self, environment: str, entry: DirectoryEntry, *, now: dt.datetime) -> bool:
        before = self.entries.get((environment, entry.siret))
        self.entries[environment, entry.siret] = entry
        return before is not None and dataclasses.replace(before, fetched_at=now) != dataclasses.replace(
            entry, fetched_at=now
        )

    def services(self) -> dict[str, frozenset[str]]:
        return {
            siret: frozenset(service.code for service in entry.services if service.active)
            for (_, siret), entry in self.entries.items()
            if entry.active
        }


@dataclass
class FakeProviders:
    """The port Providers."""

    circuits: dict[str, ProviderHealth] = field(default_factory=dict)
    accounts: dict[str, KnownAccount] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    def account(self, provider_key: str) -> KnownAccount | None:
        return self.accounts.get(provider_key)

    def keep_account(self, provider_key: str, account: SupplierAccount, *, now: dt.datetime) -> bool:
        before = self.accounts.get(provider_key)
        self.accounts[provider_key] = KnownAccount(account=account, fetched_at=now)
        return before is None or before.account != account

    def bank_details_waited_for(self) -> list[str]:
        return self.waiting

    alerts: list[NewEvent] = field(default_factory=list)

    def health(self, provider_key: str) -> ProviderHealth:
        return self.circuits.get(provider_key, ProviderHealth(provider_key=provider_key))

    def open_circuit(
        self, provider_key: str, *, half: str, reason: str, probe_after: dt.timedelta, now: dt.datetime
    ) -> bool:
        before = self.health(provider_key)
        self.circuits[provider_key] = dataclasses.replace(
            before,
            open_since=before.open_since or now,
            half=half,
            reason=reason,
            next_probe_at=now + probe_after,
        )
        return before.open_since is None

    def close_circuit(self, provider_key: str, *, now: dt.datetime) -> None:
        closed = {"open_since": None, "half": None, "reason": None, "next_probe_at": None}
        self.circuits[provider_key] = dataclasses.replace(self.health(provider_key), last_success_at=now, **closed)

    def keep_credentials(self, health: ProviderHealth, alerts: Sequence[NewEvent]) -> None:
        names = ("password_expires_at", "password_ask_at", "certificate_expires_at")
        kept = {name: getattr(health, name) for name in names}
        self.circuits[health.provider_key] = dataclasses.replace(self.health(health.provider_key), **kept)
        told = {event.once for event in self.alerts}
        self.alerts += [alert for alert in alerts if alert.once not in told]
