"""What correcting a returned invoice asks of our own store (docs/reference/exactly-once.md 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.causes import Cause
from include.domain.correction import Correction, Routing, Standing
from include.domain.internal_errors import Item
from include.domain.lifecycle import RowVersion, State
from include.domain.notification import NewEvent
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice
from include.domain.tracking import Account, RemoteDetail


@dataclass(frozen=True, kw_only=True)
class CorrectionWork:
    """A returned invoice as we know it: what a proposal is prefilled with, and the right to write about it."""

    row_version: RowVersion
    provider_key: str
    environment: str
    chorus_id: int | None
    number: str
    document_name: str
    status: str | None
    status_at: dt.datetime | None
    status_comment: str | None
    routing: Routing
    reasons: tuple[Reason, ...] = ()

    @property
    def standing(self) -> Standing:
        """What decides whether it may be corrected."""
        return Standing(state=self.row_version.state, status=self.status, chorus_id=self.chorus_id)


@dataclass(frozen=True, kw_only=True)
class CorrectionAttempt:
    """One correction as stored before its call; `refused` says that the platform's refusal is stored."""

    id: int
    invoice_id: int
    correction: Correction
    body: str
    owner: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Successor:
    """The invoice of a document that replaces a rejected one."""

    invoice_id: int
    number: str | None
    state: State


@dataclass(frozen=True, kw_only=True)
class ReturnedInvoice:
    """An invoice that the platform gave back and nobody has dealt with."""

    invoice_id: int
    provider_key: str
    number: str
    status: str
    status_at: dt.datetime


class Corrections(Protocol):
    """Attempts and claims of corrections; each method is one transaction, safe to repeat and beside another process."""

    def work(self, invoice_id: int) -> CorrectionWork:
        """The invoice; InputError where there is none."""

    def observe(self, work: CorrectionWork, account: Account, row: RemoteInvoice, *, now: dt.datetime) -> None:
        """Stores what the platform's list says of it, as a retrieval does; StaleError when it changed since `work`.

        A row that was read before somebody else's correction would bring the old status back.
        """

    def claim(
        self,
        work: CorrectionWork,
        correction: Correction,
        body: str,
        *,
        owner: str,
        lease_seconds: int,
        now: dt.datetime,
    ) -> CorrectionAttempt:
        """`to_process` -> `correcting`, with the attempt in the same transaction; StaleError when it changed."""

    def not_sent(self, attempt: CorrectionAttempt, why: Cause, *, now: dt.datetime) -> bool:
        """Surely not taken: `to_process` again if the row is still owned."""

    def answered(self, attempt: CorrectionAttempt, raw: str, *, now: dt.datetime) -> None:
        """The platform says that it took it: stored as proof, even by a sender that lost the row."""

    def refused(self, attempt: CorrectionAttempt, number: int, label: str, raw: str, *, now: dt.datetime) -> None:
        """Stores a business refusal, before anything else."""

    def unresolved(
        self, attempt: CorrectionAttempt, why: Cause, *, check_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """Nobody knows, or nobody could verify it: `correction_unknown` if the row is still owned."""

    def expire_leases(
        self, *, check_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        """`correcting` whose lease ran out, by the database's clock, becomes `correction_unknown`; how many."""

    def due(
        self, provider_key: str, *, now: dt.datetime, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[CorrectionAttempt]:
        """The newest attempt of each invoice in `correction_unknown` that is due; with ids: of those, due or not."""

    def apply_outcome(
        self, attempt: CorrectionAttempt, shown: RemoteDetail | None, *, now: dt.datetime
    ) -> State | None:
        """What the platform shows decides (None: it refuses to show it); the state after, None when not ours.

        `now` is when it was asked.
        """

    def successor(self, document_id: int) -> Successor:
        """The invoice of a document; InputError where there is none."""

    def link_successor(self, invoice_id: int, successor_id: int, *, actor: str, now: dt.datetime) -> None:
        """Links a corrected invoice to a rejected one that is closed already."""

    def returned(self, provider_key: str) -> list[ReturnedInvoice]:
        """Those that wait for the supplier."""

    def tell(self, alerts: Sequence[NewEvent]) -> None:
        """Stores alerts; one that was told before is dropped."""
