"""Where everything stands, in counts, as one person sees it; the viewer's rights are in every question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.application.ports.providers import ProviderHealth
from include.domain.lifecycle import State
from include.domain.rights import Viewer


@dataclass(frozen=True, kw_only=True)
class AgedCount:
    """Invoices of one provider in one state that arrived about the same time, and when the oldest of them did.

    `age`: how many of the bounds that were asked for they arrived before.
    """

    provider_key: str | None
    state: State
    age: int
    count: int
    oldest_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SentOnDay:
    """What the platform took of one provider on one day of Paris: how many, how many of them no person had touched.

    `amount`: their total including tax in euros, credit notes subtracted.
    """

    day: dt.date
    provider_key: str
    count: int
    untouched: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class ReasonCount:
    """How many invoices wait because of one reason; `recipients`: the names of up to three whose invoices do most."""

    code: str
    count: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How one provider and the platform get along.

    `retrieved_at`: its last good retrieval; `retrieval_failed_at`: the last one, where it was not good.
    """

    health: ProviderHealth
    retrieved_at: dt.datetime | None = None
    retrieval_failed_at: dt.datetime | None = None


class DashboardViews(Protocol):
    """Counts for one person."""

    def waiting(self, viewer: Viewer, states: Sequence[State], bounds: Sequence[dt.datetime]) -> Sequence[AgedCount]:
        """By provider, state and age, of which the bounds, which fall, are the limits; what is empty is left out."""

    def contacts(self, provider_keys: Sequence[str]) -> Mapping[str, Contact]:
        """Of all these providers at once; one that never called has an empty one."""

    def reasons(self, viewer: Viewer, states: Sequence[State]) -> Sequence[ReasonCount]:
        """The most frequent first."""

    def sent(self, viewer: Viewer, first: dt.date, last: dt.date) -> Sequence[SentOnDay]:
        """By day and provider, both days included; a day without one is left out."""
