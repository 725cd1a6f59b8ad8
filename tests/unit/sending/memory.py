"""Sending, correcting and retrieving in memory: the use cases as they are, a fake platform, and our store's fake."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, cast

from include.application.ports.assessments import AssessmentWork
from include.application.ports.document_views import DocumentViews
from include.application.ports.invoice_views import InvoiceFilter, InvoiceViews
from include.application.submission.plan_submission import plan_submission
from include.application.submission.sending import Sending, SubmitReport
from include.application.submission.submit_invoices import submit_invoices
from include.application.tracking.correct_invoice import CorrectionService
from include.application.tracking.retrieve_invoices import RetrievalReport, Retrieving, retrieve_invoices
from include.domain.lifecycle import RowVersion, State
from include.domain.rights import OWNER, Viewer
from include.domain.submission import HOLDS_KEYS
from include.domain.transitions.mapping import Assessment
from tests.factories import BODY, PROVIDER_KEY, complete_draft, configuration, portal_document, reading
from tests.fakes.assessments import FakeAssessments
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_store import FakeConfigurationStore
from tests.fakes.corrections import FakeCorrections
from tests.fakes.files import FakeFiles
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.ledger import FakeLedger
from tests.fakes.providers import FakeProviders
from tests.fakes.store import MemoryInvoice, MemoryStore
from tests.fakes.tracking import FakeTracking

LEASE, DEADLINE, DELAY = 900, 180, 1800
"""Seconds: `submission.lease_seconds`, `send_deadline_seconds`, `search_again_after_seconds` as they are by default."""


class Seen:
    """The parts of the ports InvoiceViews and DocumentViews by which a correction finds its invoice."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def ids(self, references: Sequence[str]) -> list[int]:
        return [int(reference) for reference in references]

    def rows(self, viewer: Viewer, wanted: InvoiceFilter) -> list[MemoryInvoice]:
        return [row for row in self._store.rows() if row.id in (wanted.ids or ())]

    def invoice_id(self, viewer: Viewer, document_id: int) -> int | None:
        return document_id if document_id in self._store.invoices else None


class MemoryBench:
    """One automatic provider, one body without demands, one sender at a time."""

    def __init__(self, clock: FakeClock, **submission: Any) -> None:
        self.clock = clock
        self.platform = FakePlatform(clock)
        self.platform.add_body(BODY)
        self.chorus = FakeChorus(self.platform)
        self.configurations = FakeConfigurationStore()
        self.store = MemoryStore(clock=clock, revision=lambda: self.configurations.current()[0])
        self.assessments = FakeAssessments(self.store)
        self.ledger = FakeLedger(self.store)
        self.corrections = FakeCorrections(self.store)
        self.tracking = FakeTracking(self.store)
        self.providers = FakeProviders()
        self.files = FakeFiles()
        self.internal_errors = FakeInternalErrors(self.store)
        self.configure(**submission)

    # -- what there is ---------------------------------------------------------------------------------------------

    def configure(self, **submission: Any) -> None:
        """One more revision of the configuration."""
        self.configurations.save(
            configuration(submission={"parallel": 1, **submission}),
            expected_revision=self.store.revision(),
            actor="test",
            source="test",
            at=self.clock.now(),
            changes=(),
        )

    def add(self, number: str = "F-1", content: bytes | None = None, path: str | None = None) -> int:
        """An invoice that is complete; its id."""
        invoice_id = max(self.store.invoices, default=0) + 1
        document = portal_document(path or f"Factures/{number}.pdf", content or b"%PDF-1.7 " + number.encode())
        self.assessments.add(
            AssessmentWork(
                row_version=RowVersion(invoice_id=invoice_id, state=State.READ, version=1),
                document_id=invoice_id,
                document=document,
                reading=reading(),
                edits={},
                provider_scope=(),
                content_sha256=self.files.put(content or b"%PDF-1.7 " + number.encode()),
            )
        )
        self.store.invoices[invoice_id].values["invoice_number"] = number
        self.assess()
        return invoice_id

    def assess(self) -> None:
        """What the mapping does: each one that is due is complete, with the number that it has."""
        revision = self.store.revision()
        for work in self.assessments.to_assess(revision, limit=99):
            number = self.store.invoices[work.row_version.invoice_id].get("invoice_number")
            complete = Assessment(
                draft=complete_draft(number), reasons=(), provider_key=PROVIDER_KEY, environment="simulator"
            )
            self.assessments.record_assessment(work, complete, revision=revision, now=self.clock.now())

    # -- what runs -------------------------------------------------------------------------------------------------

    def sending(self, owner: str = "worker 1") -> Sending:
        """Ports and configuration of one pass."""
        revision, current = self.configurations.current()
        return Sending(
            ledger=self.ledger,
            providers=self.providers,
            files=self.files,
            chorus=self.chorus,
            internal_errors=self.internal_errors,
            clock=self.clock,
            configuration=current,
            revision=revision,
            owner=owner,
        )

    def plan(self) -> list[str]:
        """Providers with something to do."""
        revision, current = self.configurations.current()
        return plan_submission(self.ledger, self.providers, current, revision, self.clock)

    def send(self, owner: str = "worker 1", **how: Any) -> SubmitReport:
        """Assesses what is due, then one pass of sending."""
        self.assess()
        sending = self.sending(owner)
        [provider] = sending.configuration.providers
        return submit_invoices(provider, sending, **{"may_send": True, "corrections": self.corrections, **how})

    def search(self) -> SubmitReport:
        """One pass that only searches."""
        return self.send(may_send=False)

    def retrieve(self) -> RetrievalReport:
        """One night."""
        _, current = self.configurations.current()
        [provider] = current.providers
        retrieving = Retrieving(
            tracking=self.tracking,
            corrections=self.corrections,
            providers=self.providers,
            directory=self.store.directory,
            chorus=self.chorus,
            internal_errors=self.internal_errors,
            clock=self.clock,
            configuration=current,
        )
        return retrieve_invoices(provider, retrieving)

    def correcting(self, owner: str = "anna's", actor: str = "anna") -> CorrectionService:
        """What a person does about a returned invoice."""
        seen = Seen(self.store)
        return CorrectionService(
            corrections=self.corrections,
            views=cast(InvoiceViews, seen),
            documents=cast(DocumentViews, seen),
            viewer=OWNER,
            ledger=self.ledger,
            providers=self.providers,
            directory=self.store.directory,
            files=self.files,
            chorus=self.chorus,
            internal_errors=self.internal_errors,
            clock=self.clock,
            configuration=self.configurations.current()[1],
            owner=owner,
            actor=actor,
        )

    def wait(self, seconds: float = DELAY) -> None:
        """The delay of searching passes."""
        self.clock.advance(seconds)

    # -- what became of it -----------------------------------------------------------------------------------------

    def state(self, invoice_id: int) -> State:
        """Where it stands."""
        return self.store.state(invoice_id)

    def reasons(self, invoice_id: int) -> list[str]:
        """Codes of its reasons."""
        return [reason.code for reason in self.store.invoices[invoice_id].get("reasons") or ()]

    def attempts(self, invoice_id: int) -> list[str]:
        """What became of each attempt, oldest first."""
        return [str(attempt.state) for attempt in self.store.attempts_of(invoice_id)]

    def keys_follow_the_attempts(self) -> bool:
        """Keys are held exactly while an attempt may have reached the platform, or the invoice stands there.

        Source: docs/reference/exactly-once.md 1.
        """
        may_have_arrived = {one.invoice_id for one in self.store.attempts if one.state in HOLDS_KEYS}
        stand_there = {one.id for one in self.store.rows() if one.document and one.get("chorus_id") is not None}
        return set(self.store.keys.values()) == may_have_arrived | stand_there


class StallingLedger(FakeLedger):
    """After the next claim this machine stands still: `meanwhile` is what happens before it goes on."""

    def __init__(self, bench: MemoryBench, *, seconds: float) -> None:
        super().__init__(bench.store)
        self._bench = bench
        self._seconds = seconds

    def claim(self, *arguments: Any, **named: Any) -> Any:
        attempt = super().claim(*arguments, **named)
        self._bench.clock.advance(self._seconds)
        self._bench.plan()
        return attempt


def at_once(work: Any, count: int = 2) -> Iterator[BaseException | None]:
    """How each of so many threads ended that began the same at one moment; `work` hears the number of its thread."""
    outcomes: list[BaseException | None] = []
    begin = threading.Barrier(count)

    def run(number: int) -> None:
        begin.wait()
        try:
            work(number)
        except Exception as error:
            outcomes.append(error)
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield from outcomes
