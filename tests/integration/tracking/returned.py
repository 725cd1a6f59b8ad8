"""Returned invoices on the real store and the fake platform, corrected, killed and cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.tables import attempts, events, invoices, moves
from include.application.tracking.correct_invoice import CorrectionService
from include.application.tracking.correction_case import CorrectionReport
from include.domain.correction import CorrectionKind
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from tests.integration.tracking.bench import TrackingBench

OTHER = "21750001600019"
STATUSES = {
    CorrectionKind.RECYCLE: "A_RECYCLER",
    CorrectionKind.COMPLETE: "SUSPENDUE",
    CorrectionKind.REJECT_HANDLED: "REJETEE",
}


@dataclass
class Returned:
    """One invoice of ours that came back, and the service that corrects it."""

    bench: TrackingBench
    folder: Path
    kind: CorrectionKind
    number: str = "F-1"
    viewer: Viewer = OWNER

    def prepare(self) -> None:
        """Sent, retrieved, returned, retrieved again."""
        self.bench.platform.add_body(OTHER)
        self.bench.submitted(self.number)
        self.bench.loaded()
        self.bench.platform.set_status(self.number, STATUSES[self.kind], "Service inconnu")
        assert self.bench.retrieve().complete

    @property
    def invoice_id(self) -> int:
        [(found,)] = self.bench.rows(invoices.c.id, of=self.number)
        return int(found)

    def service(self, owner: str = "person 1") -> CorrectionService:
        store, bench = self.bench.store, self.bench
        return CorrectionService(
            corrections=store.corrections,
            views=store.invoice_views,
            documents=store.document_views,
            viewer=self.viewer,
            ledger=store.ledger,
            providers=store.providers,
            directory=store.directory,
            internal_errors=store.internal_errors,
            files=FsspecFiles((self.folder / "files").as_uri()),
            chorus=bench.chorus,
            clock=bench.clock,
            configuration=bench.configuration,
            owner=owner,
            actor="anna",
        )

    def correct(self, owner: str = "person 1", **how: Any) -> CorrectionReport:
        """A correction of its kind that the platform takes."""
        service, reference = self.service(owner), str(self.invoice_id)
        calls: dict[CorrectionKind, Callable[[], CorrectionReport]] = {
            CorrectionKind.RECYCLE: lambda: service.recycle(reference, recipient=OTHER, **how),
            CorrectionKind.COMPLETE: lambda: service.complete(reference, comment="Le voici", **how),
            CorrectionKind.REJECT_HANDLED: lambda: service.reject_handled(reference, **how),
        }
        return calls[self.kind]()

    # -- what runs afterwards --------------------------------------------------------------------------------------

    def lapse(self) -> None:
        """As if the machine had been gone for longer than its lease."""
        lapsed = invoices.update().where(invoices.c.lease_until.is_not(None)).values(lease_until=1.0)
        with self.bench.store.database.write() as connection:
            connection.execute(lapsed)

    def nights(self, count: int = 3) -> None:
        """Retrievals, each after the delay of looking again."""
        for _ in range(count):
            self.bench.retrieve()
            self.bench.clock.advance(hours=1)

    # -- what became of it -----------------------------------------------------------------------------------------

    @property
    def done(self) -> State:
        """Where a correction of this kind ends."""
        return State.CLOSED if self.kind is CorrectionKind.REJECT_HANDLED else State.SUBMITTED

    @property
    def state(self) -> State:
        [(found,)] = self.bench.rows(invoices.c.state, of=self.number)
        return State(found)

    def column(self, column: Any) -> Any:
        [(found,)] = self.bench.rows(column, of=self.number)
        return found

    def taken(self) -> int:
        """How often the platform took a correction of it."""
        return self.bench.platform.corrected.count((self.kind, self.number))

    def attempts(self) -> list[tuple[str, str]]:
        """Kind and state of every attempt, oldest first."""
        query = sa.select(attempts.c.kind, attempts.c.state).where(attempts.c.invoice_id == self.invoice_id)
        with self.bench.store.database.read() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(attempts.c.id))]

    def log(self) -> list[tuple[str, str, str]]:
        """From, to and actor of every move since it came back."""
        query = sa.select(moves.c.before, moves.c.after, moves.c.actor).where(moves.c.invoice_id == self.invoice_id)
        with self.bench.store.database.read() as connection:
            found = [tuple(row) for row in connection.execute(query.order_by(moves.c.id))]
        came_back = max(at for at, move in enumerate(found) if move[:2] == ("submitted", "to_process"))
        return found[came_back + 1 :]

    def alerts(self) -> list[str]:
        """Codes of all alerts, oldest first."""
        query = sa.select(events.c.facts).where(events.c.kind == "alert").order_by(events.c.id)
        with self.bench.store.database.read() as connection:
            return [facts["code"] for facts in connection.scalars(query)]
