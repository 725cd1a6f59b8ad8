"""Our store in memory: it applies the same changes as the database does, decided by the same rules.

Its parts are the ports, one file each; each is held to the database by one suite of tests/contracts/store.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from include.application.ports.clock import Clock
from include.application.ports.tracking import RetrievalRecord
from include.domain.document import PortalDocument
from include.domain.lifecycle import TO_BE_SENT, RowVersion, State
from include.domain.submission import HOLDS_KEYS, AttemptState, RemoteInvoice, Submission
from include.domain.tracking import HistoryEntry
from include.domain.transitions.change import AttemptChange, Change, Move
from tests.fakes.clock import START, FakeClock
from tests.fakes.outbox import FakeOutbox
from tests.fakes.providers import FakeDirectoryCache

FINAL = (AttemptState.TAKEN, AttemptState.REFUSED)
"""What became of an attempt to correct, once it is proved or refused."""

NEW: Mapping[str, Any] = {"judged_revision": None, "edits": {}, "ever_unknown": False, "empty_searches": 0}
"""What stands in the row of an invoice that was never assessed nor sent."""


@dataclass
class MemoryInvoice:
    """A row of `invoices` with its log of moves; one that we never sent has no document."""

    row_version: RowVersion
    document: PortalDocument | None = None
    content_sha256: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    changed_at: dt.datetime = START
    log: list[tuple[Move, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = {**NEW, **self.values}

    @property
    def id(self) -> int:
        """Of the invoice, and of its document."""
        return self.row_version.invoice_id

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.row_version.state

    def get(self, name: str) -> Any:
        """The value of a column; None where nothing was ever written."""
        return self.values.get(name)


@dataclass
class MemoryAttempt:
    """A row of `attempts`: one sending, or one correction (`content` is what it sends)."""

    id: int
    invoice_id: int
    kind: str
    owner: str
    content: Any
    body: str
    provider_key: str
    environment: str
    claimed_at: dt.datetime
    state: AttemptState = AttemptState.OPEN
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """The value of a column; None where nothing was ever written."""
        return self.values.get(name)


@dataclass
class MemoryRemote:
    """What the platform's list last said of an invoice, and when its history is due."""

    row: RemoteInvoice
    history_due: dt.datetime | None
    entries: list[HistoryEntry] = field(default_factory=list)


@dataclass
class MemoryStore:
    """Invoices by id with all that hangs on them, and the outbox that their events go to.

    `clock` is the database's own: leases count by it. `revision` is the newest one of the configuration.
    """

    invoices: dict[int, MemoryInvoice] = field(default_factory=dict)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    clock: Clock = field(default_factory=FakeClock)
    revision: Callable[[], int] = lambda: 1
    attempts: list[MemoryAttempt] = field(default_factory=list)
    keys: dict[tuple[str, str, str], int] = field(default_factory=dict)
    uploads: dict[tuple[str, str], int] = field(default_factory=dict)
    attachments: dict[str, PortalDocument] = field(default_factory=dict)
    remote: dict[int, MemoryRemote] = field(default_factory=dict)
    retrievals: dict[str, RetrievalRecord] = field(default_factory=dict)
    directory: FakeDirectoryCache = field(default_factory=FakeDirectoryCache)
    transaction: threading.RLock = field(default_factory=threading.RLock)

    # -- changes ---------------------------------------------------------------------------------------------------

    def apply(self, change: Change, *, now: dt.datetime) -> bool:
        """Writes a decision if the row is still as it was read: row, log of moves and events."""
        change.check()
        row = self.invoices[change.row_version.invoice_id]
        if change.touches_row:
            if row.row_version != change.row_version:
                return False
            row.values |= change.values
            row.changed_at = now
            self.write(change.row_version.invoice_id, change.after)
        row.log += [(move, change.actor) for move in change.moves]
        for event in change.events:
            self.outbox.add(event)
        return True

    def write(self, invoice_id: int, state: State | None = None) -> None:
        """Somebody wrote the row."""
        row = self.invoices[invoice_id]
        held = row.row_version
        row.row_version = dataclasses.replace(held, version=held.version + 1, state=state or held.state)

    def close_attempt(self, closed: AttemptChange) -> None:
        """What became of a sending; a taken one stays so, but the answer that proves it is added.

        Once no attempt of the invoice may have reached the platform, and it is not known to hold it, its keys are free.
        """
        attempt = self.attempt(closed.attempt_id)
        proves = closed.state is AttemptState.TAKEN and attempt.get("answer") is None
        if attempt.state is not AttemptState.TAKEN or proves:
            attempt.state = closed.state
            attempt.values |= closed.values
        there = self.invoices[attempt.invoice_id].get("chorus_id") is not None
        if not there and not any(one.state in HOLDS_KEYS for one in self.attempts_of(attempt.invoice_id)):
            self.keys = {key: holder for key, holder in self.keys.items() if holder != attempt.invoice_id}

    def close_correction(self, closed: AttemptChange) -> None:
        """What became of an attempt to correct; what is proved or refused stays so."""
        attempt = self.attempt(closed.attempt_id)
        if attempt.state not in FINAL:
            attempt.state = closed.state
            attempt.values |= closed.values

    # -- attempts --------------------------------------------------------------------------------------------------

    def open_attempt(
        self, invoice_id: int, kind: str, content: Any, body: str, *, owner: str, now: dt.datetime, **values: Any
    ) -> MemoryAttempt:
        """Stores an attempt with everything that it will send."""
        row = self.invoices[invoice_id]
        attempt = MemoryAttempt(
            id=len(self.attempts) + 1,
            invoice_id=invoice_id,
            kind=kind,
            owner=owner,
            content=content,
            body=body,
            provider_key=row.get("provider_key"),
            environment=row.get("environment"),
            claimed_at=now,
            values=values,
        )
        self.attempts.append(attempt)
        return attempt

    def attempt(self, attempt_id: int) -> MemoryAttempt:
        """One of them."""
        return self.attempts[attempt_id - 1]

    def attempts_of(self, invoice_id: int) -> list[MemoryAttempt]:
        """All of one invoice, sendings and corrections, the oldest first."""
        return [attempt for attempt in self.attempts if attempt.invoice_id == invoice_id]

    def sendings(self, invoice_id: int) -> list[MemoryAttempt]:
        """Its attempts that send, corrections left out."""
        return [attempt for attempt in self.attempts_of(invoice_id) if isinstance(attempt.content, Submission)]

    # -- rows ------------------------------------------------------------------------------------------------------

    def rows(self, *states: State) -> Iterator[MemoryInvoice]:
        """Invoices in these states, or all, by id."""
        return (self.invoices[i] for i in sorted(self.invoices) if not states or self.invoices[i].state in states)

    def state(self, invoice_id: int) -> State:
        """Where the invoice stands."""
        return self.invoices[invoice_id].state

    def rivals(self, invoice_id: int) -> list[MemoryInvoice]:
        """Unsent ones of its supplier and number with another total, by id."""
        mine, same = self.invoices[invoice_id], ("number_key", "supplier_siret", "environment")
        total = mine.get("total_incl_tax")
        return [
            row
            for row in self.rows(*TO_BE_SENT)
            if row is not mine
            and all(row.get(name) == mine.get(name) is not None for name in same)
            and None not in (total, row.get("total_incl_tax"))
            and row.get("total_incl_tax") != total
        ]

    # -- leases ----------------------------------------------------------------------------------------------------

    def lease(self, seconds: float) -> dt.datetime:
        """The end of a lease that begins now."""
        return self.clock.now() + dt.timedelta(seconds=seconds)

    def lapsed(self, *states: State) -> list[MemoryInvoice]:
        """Invoices in these states whose lease ran out."""
        return [
            row for row in self.rows(*states) if row.get("lease_until") and row.values["lease_until"] < self.clock.now()
        ]

    def let_the_leases_run_out(self) -> None:
        """As if the machine of each sender had been gone for longer than its lease."""
        for row in self.rows():
            if row.get("lease_until") is not None:
                row.values["lease_until"] = dt.datetime.min.replace(tzinfo=dt.UTC)
