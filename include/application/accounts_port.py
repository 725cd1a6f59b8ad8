"""What we remember of the suppliers' own structures on the platform, with their bank details."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from include.domain.directory import SupplierAccount


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
        """Stores it; when it changed, invoices that wait for bank details are judged again. Whether it changed."""

    def bank_details_waited_for(self) -> list[str]:
        """Keys of the providers that have invoices waiting for bank details."""
