"""What the nightly comparison asks of our own store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.errors import ConnectorError
from include.domain.notification import NewEvent
from include.domain.reconciliation import Difference, FindingKind, Horizon, Pair


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison changed: what stands now, and what of it was not there, or was other, before.

    `failures` are errors of single invoices that nobody foresaw.
    """

    open: int
    fresh: tuple[Difference, ...] = ()
    closed: int = 0
    failures: list[ConnectorError] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class StandingDifference:
    """A difference that stands, with what a person needs to recognise the invoice.

    `ours` and `theirs` are statuses as the platform names them, amounts, or None where one side has nothing.
    """

    provider_key: str
    kind: FindingKind
    invoice_id: int
    chorus_id: int | None
    invoice_number: str | None
    ours: str | None
    theirs: str | None
    first_seen_at: dt.datetime


class Findings(Protocol):
    """Differences as stored; each method is one transaction."""

    def horizon(self, provider_key: str) -> Horizon:
        """What the provider's list can tell."""

    def pairs(self, provider_key: str) -> Iterator[Pair]:
        """Every invoice that was taken by the platform or is known from it, batch by batch."""

    def store(self, provider_key: str, found: Iterable[Difference], *, now: dt.datetime) -> Compared:
        """Stores what was found now and closes what was found before and is not any more."""

    def tell(self, alert: NewEvent) -> None:
        """Stores an alert; one that was told before is dropped."""

    def standing(self, provider_keys: Sequence[str]) -> list[StandingDifference]:
        """Those that stand, by provider, kind and invoice."""
