"""Providers and the directory as our store keeps them, in memory; held to the database by tests/contracts/store."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.application.ports.providers import KnownAccount, ProviderHealth
from include.domain.directory import DirectoryEntry, FoundBody, SupplierAccount
from include.domain.notification import NewEvent
from include.domain.transitions.alerts import login_refused


@dataclass
class FakeDirectoryCache:
    """The port DirectoryCache."""

    entries: dict[tuple[str, str], DirectoryEntry] = field(default_factory=dict)

    def get(self, environment: str, siret: str) -> DirectoryEntry | None:
        return self.entries.get((environment, siret))

    def put(self, environment: str, entry: DirectoryEntry, *, now: dt.datetime) -> bool:
        before = self.entries.get((environment, entry.siret))
        self.entries[environment, entry.siret] = entry
        return before is not None and not entry.same_as(before)

    def bodies(self, environment: str) -> list[FoundBody]:
        return [
            FoundBody(siret=siret, name=one.name, town=one.town, active=one.active, fetched_at=one.fetched_at)
            for (place, siret), one in sorted(self.entries.items())
            if place == environment and one.structure_id
        ]

    def services(self) -> dict[str, frozenset[str]]:
        known: dict[str, frozenset[str]] = {}
        for (_, siret), entry in sorted(self.entries.items()):
            if entry.active and entry.structure_id:
                codes = frozenset(service.code for service in entry.services if service.active)
                known[siret] = known.get(siret, frozenset()) | codes
        return known


@dataclass
class FakeProviders:
    """The port Providers."""

    circuits: dict[str, ProviderHealth] = field(default_factory=dict)
    accounts: dict[str, KnownAccount] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    alerts: list[NewEvent] = field(default_factory=list)

    def account(self, provider_key: str) -> KnownAccount | None:
        return self.accounts.get(provider_key)

    def keep_account(self, provider_key: str, account: SupplierAccount, *, now: dt.datetime) -> bool:
        before = self.accounts.get(provider_key)
        self.accounts[provider_key] = KnownAccount(account=account, fetched_at=now)
        return before is None or before.account != account

    def bank_details_waited_for(self) -> list[str]:
        return self.waiting

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
        if before.open_since is None:
            self.alerts.append(login_refused(provider_key, half=half, reason=reason, now=now))
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
