"""Providers in our store: circuits, credentials, and their own accounts on the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.directory import SupplierAccount
from include.domain.notification import NewEvent


@dataclass(frozen=True, kw_only=True)
class ProviderHealth:
    """The circuit breaker of one provider, its last good call, and how long its login holds.

    `password_ask_at` is when the platform is asked again for the end of the password.
    """

    provider_key: str
    open_since: dt.datetime | None = None
    half: str | None = None
    reason: str | None = None
    next_probe_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    password_expires_at: dt.datetime | None = None
    password_ask_at: dt.datetime | None = None
    certificate_expires_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class KnownAccount:
    """A supplier's account as the platform told it, and when."""

    account: SupplierAccount
    fetched_at: dt.datetime


class SupplierAccounts(Protocol):
    """One account per provider, as last told."""

    def account(self, provider_key: str) -> KnownAccount | None:
        """The account as last told, however old."""

    def keep_account(self, provider_key: str, account: SupplierAccount, *, now: dt.datetime) -> bool:
        """Stores it; when it changed, invoices that wait for bank details are assessed again. Whether it changed."""

    def bank_details_waited_for(self) -> list[str]:
        """Keys of the providers that have invoices waiting for bank details."""


class Providers(SupplierAccounts, Protocol):
    """Circuits and accounts: rows, not process memory (docs/reference/exactly-once.md 6)."""

    def health(self, provider_key: str) -> ProviderHealth:
        """The circuit breaker as stored."""

    def open_circuit(
        self, provider_key: str, *, half: str, reason: str, probe_after: dt.timedelta, now: dt.datetime
    ) -> bool:
        """Opens it or pushes the next probe; True when it was closed before (then told once)."""

    def close_circuit(self, provider_key: str, *, now: dt.datetime) -> None:
        """A login worked."""

    def keep_credentials(self, health: ProviderHealth, alerts: Sequence[NewEvent]) -> None:
        """Stores how long the login holds, never the circuit breaker, with the alerts that follow from it."""
