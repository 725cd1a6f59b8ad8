"""What retrieval and watch ask of our own store: what the platform says, kept beside what we sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.lifecycle import State
from include.domain.submission import RemoteInvoice
from include.domain.tracking import Account, RemoteHistory
from include.domain.transitions.adoption import Fate


@dataclass(frozen=True, kw_only=True)
class RetrievalRecord:
    """How the retrieval of one provider stands.

    `watermark`: statuses older than that need not be asked for again; `full_at`: when everything was loaded once;
    `counts` and `seconds` are those of the last good run; `failure` is what the last run met, if it was not good.
    """

    provider_key: str
    watermark: dt.datetime | None = None
    full_at: dt.datetime | None = None
    last_good_at: dt.datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None
    failed_at: dt.datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class KnownInvoice:
    """An invoice of the platform in our store; without document it is not ours."""

    id: int
    document_id: int | None
    version: int
    state: State


@dataclass(kw_only=True)
class Stored:
    """What some rows of the platform changed in our store.

    `new`: met for the first time; `foreign`: of these, never sent by us; `changed`: known with another status;
    `recovered`: invoices of ours whose sending was not known to have succeeded; `adopted`: those that no attempt of
    ours explains, with all values equal; `waiting`: ready ones whose number stands there with other values.
    """

    new: int = 0
    foreign: int = 0
    changed: int = 0
    recovered: int = 0
    adopted: int = 0
    waiting: int = 0

    def add(self, other: Stored) -> None:
        """Sums up."""
        self.new += other.new
        self.foreign += other.foreign
        self.changed += other.changed
        self.recovered += other.recovered
        self.adopted += other.adopted
        self.waiting += other.waiting


@dataclass(frozen=True, kw_only=True)
class Unclaimed:
    """An invoice of the platform's list that we do not know as ours.

    `invoice_id` is the one of ours that it would become, or whose number it has.
    """

    row: RemoteInvoice
    fate: Fate
    invoice_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class DueHistory:
    """An invoice whose history changed since it was fetched."""

    invoice_id: int
    chorus_id: int
    due_since: dt.datetime


class Tracking(Protocol):
    """Each method is one transaction; all are safe to repeat, and safe beside another process."""

    def record(self, provider_key: str) -> RetrievalRecord:
        """How its retrieval stands; an empty record of a provider never retrieved."""

    def store_rows(
        self, account: Account, rows: Sequence[RemoteInvoice], *, old_before: dt.datetime | None, now: dt.datetime
    ) -> Stored:
        """Stores what the platform says of these invoices, with the moves and events that follow.

        One that we never sent is inserted, as foreign. One of ours whose outcome was unknown or that counts as refused
        becomes `submitted` if it stands there as one of our attempts sent it; so does any that is not sent as far as
        we know, if it stands there with all its values (docs/reference/exactly-once.md 4.1).

        `old_before` is given while the provider was never loaded to the end: what changed before that is old news,
        which nobody is mailed.
        """

    def unclaimed(self, account: Account, rows: Sequence[RemoteInvoice]) -> list[Unclaimed]:
        """Those of these rows that `store_rows` would adopt, hold against ours, or store as foreign; changes nothing.

        What is known as foreign already, and has the number of none of ours, is left out.
        """

    def adopt(self, account: Account, invoice_id: int, row: RemoteInvoice, *, actor: str, now: dt.datetime) -> bool:
        """A person says that this row is that invoice, whatever values differ; False where its state forbids it."""

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
        """A run came to its end; the watermark never goes back."""

    def failed(self, provider_key: str, failure: str, *, now: dt.datetime) -> None:
        """A run did not come to its end."""

    def first_sent_at(self, provider_key: str) -> dt.datetime | None:
        """When the oldest attempt was made that the platform holds or may hold."""

    def open_rejections(self, provider_key: str) -> set[int]:
        """Numbers on the platform of rejected invoices that nobody has dealt with, as far as we know."""

    def histories_due(self, provider_key: str, *, limit: int) -> list[DueHistory]:
        """Those that wait for the supplier first, then open ones, then finished ones."""

    def store_histories(self, fetched: Sequence[tuple[DueHistory, RemoteHistory]], *, now: dt.datetime) -> None:
        """Adds what is new in these histories; entries are never taken away."""

    def postpone_history(self, due: DueHistory, *, now: dt.datetime) -> None:
        """The platform does not show it now: to the end of the queue."""

    def histories_waiting(self, provider_key: str) -> int:
        """How many histories are still to be fetched."""

    def bodies_never_asked(self, account: Account, *, limit: int) -> list[str]:
        """SIRETs of recipients of open invoices that the directory was never asked about."""

    def known(self, account: Account, chorus_ids: Sequence[int]) -> dict[int, KnownInvoice]:
        """Those that we have, by their number on the platform."""
