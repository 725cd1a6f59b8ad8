"""What the hourly monitoring asks of our store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.domain.lifecycle import State
from include.domain.notification import NewEvent


@dataclass(frozen=True, kw_only=True)
class Pass:
    """When a flow first and last came to a good end."""

    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class StateGroup:
    """Invoices of one kind that wait: how many, and which of them came last."""

    provider_key: str | None
    state: str
    count: int
    newest_id: int
    oldest_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Which moves are alike: those of one body, out of one status."""

    environment: str | None
    recipient_siret: str | None
    status: str


@dataclass(frozen=True, kw_only=True)
class Open:
    """An invoice on the platform whose status is older than the limit."""

    invoice_id: int
    provider_key: str | None
    pace: Pace
    recipient_name: str | None
    since: dt.datetime
    rejection_handled: bool
    reports_payment: bool


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Invoices of one provider that should have been paid: how many, and their total including tax in euros.

    `oldest_day`: the earliest of their last days to pay; `newest_id`: the invoice that became overdue last.
    """

    provider_key: str | None
    count: int
    amount: Decimal
    oldest_day: dt.date
    newest_id: int


class WatchStore(Protocol):
    """Small questions to our own store."""

    def record_pass(self, flow: str, *, now: dt.datetime) -> None:
        """The whole flow came to a good end."""

    def record_failure(
        self, flow: str, *, now: dt.datetime, dag_id: str | None = None, run_id: str | None = None
    ) -> None:
        """A run of the whole flow failed: this run of Airflow, or a pass of the command line."""

    def last_pass(self, flow: str) -> Pass | None:
        """None: it never did."""

    def waiting(self, states: Sequence[State], *, before: dt.datetime) -> list[StateGroup]:
        """By provider and state: invoices unchanged since then."""

    def last_taken(self, provider_key: str) -> dt.datetime | None:
        """When the platform last took an invoice of this provider."""

    def open_invoices(self, *, before: dt.datetime, but: Sequence[str]) -> Iterable[Open]:
        """Submitted and returned invoices whose status is older, and none of these."""

    def paces(self) -> Mapping[Pace, Mapping[int, int]]:
        """For each body and status: how many moves out of it took how many whole days."""

    def overdue(self, *, today: dt.date, but: Sequence[str]) -> Sequence[Overdue]:
        """By provider: last day to pay before today, neither paid nor ended nor given back.

        What has one of the statuses `but` is left out where its body never tells of a payment.
        """

    def unknown_statuses(self, status: str) -> list[StateGroup]:
        """By provider: invoices with this status."""

    def tell(self, events: Sequence[NewEvent]) -> int:
        """Stores what was not told before, and how many that were."""
