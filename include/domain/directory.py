"""Entries of the platform's directory: public bodies, their services and what they demand.

Source: docs/reference/chorus-pro-api.md 5.2.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class DirectoryService:
    """A service of a body; `engagement_required`: it takes no invoice without an engagement number."""

    code: str
    name: str
    active: bool
    engagement_required: bool = False


@dataclass(frozen=True, kw_only=True)
class DirectoryEntry:
    """A public body as the platform's directory shows it, and when it was asked."""

    siret: str
    structure_id: int
    name: str
    active: bool
    service_required: bool = False
    engagement_required: bool = False
    service_or_engagement: bool = False
    reports_payment: bool = True
    town: str | None = None
    services: tuple[DirectoryService, ...] = ()
    fetched_at: dt.datetime

    def same_as(self, other: DirectoryEntry) -> bool:
        """Whether an invoice to this body would be assessed the same; when it was asked and its town do not count."""
        return replace(self, fetched_at=other.fetched_at, town=other.town) == other

    def service(self, code: str) -> DirectoryService | None:
        """The service with this code, compared without regard to case and outer blanks."""
        wanted = code.strip().casefold()
        return next((s for s in self.services if s.code.strip().casefold() == wanted), None)


@dataclass(frozen=True, kw_only=True)
class FoundBody:
    """A body as a search shows it; `fetched_at`: when the directory told so, None where only the SIRET is known."""

    siret: str
    name: str
    town: str | None = None
    active: bool = True
    fetched_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """Bank details that the platform knows for a supplier."""

    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SupplierAccount:
    """The supplier's own structure on the platform."""

    structure_id: int
    siret: str
    name: str
    bank_accounts: tuple[BankAccount, ...] = ()
