"""The store in memory and the real one behind the same few words, so that one suite asks both."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

import sqlalchemy as sa

from include.adapters.storage.core.codec import Reasons, load
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.tables import attempts, events, invoices, moves, reserved_keys
from include.adapters.storage.store import Store
from include.application.ports.assessments import Assessments, AssessmentWork
from include.application.ports.configuration import ConfigurationStore
from include.application.ports.corrections import Corrections
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.history_views import HistoryViews
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.ledger import Ledger, SendWork
from include.application.ports.notification_views import NotificationViews
from include.application.ports.outbox import Outbox
from include.application.ports.providers import Providers
from include.application.ports.recipients import DirectoryBook, LearnedRecipients
from include.application.ports.remote_readings import RemoteReadings
from include.application.ports.tracking import Tracking
from include.application.ports.write_backs import WriteBacks
from include.domain.causes import Cause
from include.domain.document import PortalDocument
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import LearnedLine, bare
from include.domain.notification import NewEvent
from include.domain.submission import HOLDS_KEYS
from include.domain.transitions.mapping import Assessment
from tests.factories import PROVIDER_KEY, complete_draft, portal_document, reading
from tests.fakes.assessments import FakeAssessments
from tests.fakes.clock import START
from tests.fakes.configuration_store import FakeConfigurationStore, FakeHistoryViews
from tests.fakes.corrections import FakeCorrections
from tests.fakes.directory_book import FakeDirectoryBook
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.ledger import FakeLedger
from tests.fakes.outbox import FakeNotificationViews
from tests.fakes.providers import FakeProviders
from tests.fakes.recipients import FakeLearnedRecipients
from tests.fakes.remote_readings import FakeRemoteReadings
from tests.fakes.store import MemoryStore
from tests.fakes.tracking import FakeTracking
from tests.fakes.write_backs import FakeWriteBacks
from tests.integration.storage.matched import matched


class World(Protocol):
    """A store with its ports, and what a test has to arrange or to look at."""

    assessments: Assessments
    ledger: Ledger
    corrections: Corrections
    tracking: Tracking
    write_backs: WriteBacks
    providers: Providers
    directory: DirectoryCache
    book: DirectoryBook
    remote_readings: RemoteReadings
    recipients: LearnedRecipients
    configuration: ConfigurationStore
    outbox: Outbox
    notifications: NotificationViews
    history: HistoryViews
    internal_errors: InternalErrors

    def announce(self, event: NewEvent) -> None:
        """Stores an event as the transaction that causes it does."""

    def invoice(self, number: str = "A", content: bytes | None = None, path: str | None = None) -> AssessmentWork:
        """One that was read and never assessed."""

    def held(self, invoice_id: int) -> RowVersion:
        """State and version as they stand now."""

    def value(self, invoice_id: int, name: str) -> Any:
        """One column of its row."""

    def attempt_states(self, invoice_id: int) -> list[str]:
        """What became of each of its attempts, oldest first."""

    def keys(self) -> int:
        """How many keys are held."""

    def holders(self) -> tuple[set[int], set[int]]:
        """Invoices that hold keys, and invoices with an attempt that may have reached the platform."""

    def let_the_leases_run_out(self) -> None:
        """As if the machine of each sender had been gone for longer than its lease."""

    def set(self, invoice_id: int, *, state: State, changed_at: dt.datetime | None = None, **values: Any) -> None:
        """Writes the row past all rules."""

    def log(self, invoice_id: int) -> list[tuple[State, Cause, str]]:
        """The moves since it was read: state after, cause and actor."""

    def told(self) -> list[tuple[str, str | None]]:
        """Kind of every event, with the code of an alert."""

    def learned(self, line: LearnedLine, environment: str) -> None:
        """Stores a learned line."""


def _document(number: str, content: bytes | None, path: str | None) -> PortalDocument:
    return portal_document(path or f"Factures/{number}.pdf", number.encode() if content is None else content)


def ready(
    world: World, number: str = "2026-FA-1", content: bytes | None = None, path: str | None = None, **texts: str
) -> SendWork:
    """An invoice that is complete, as the first revision has it; `texts` are further values of its draft."""
    work = world.invoice(number, content, path)
    draft = complete_draft(number, **texts)
    assessment = Assessment(draft=draft, reasons=(), provider_key=PROVIDER_KEY, environment="simulator")
    assert world.assessments.record_assessment(work, assessment, revision=1, now=START) is State.READY
    [found] = world.ledger.ready(PROVIDER_KEY, 1, limit=99, invoice_ids=[work.row_version.invoice_id])
    return found


class MemoryWorld:
    """All in memory."""

    def __init__(self) -> None:
        self.configuration = FakeConfigurationStore()
        self.rows = MemoryStore(revision=lambda: self.configuration.current()[0])
        self.assessments = FakeAssessments(self.rows)
        self.ledger = FakeLedger(self.rows)
        self.corrections = FakeCorrections(self.rows)
        self.tracking = FakeTracking(self.rows)
        self.write_backs = FakeWriteBacks(self.rows)
        self.providers = FakeProviders()
        self.directory = self.rows.directory
        self.book = FakeDirectoryBook(self.rows)
        self.remote_readings = FakeRemoteReadings(self.rows)
        self.recipients = FakeLearnedRecipients()
        self.history = FakeHistoryViews(self.configuration)
        self.outbox = self.rows.outbox
        self.internal_errors = FakeInternalErrors(self.rows)
        self.notifications = FakeNotificationViews(self.rows.outbox)

    def announce(self, event: NewEvent) -> None:
        self.outbox.add(event)

    def invoice(self, number: str = "A", content: bytes | None = None, path: str | None = None) -> AssessmentWork:
        invoice_id = max(self.rows.invoices, default=0) + 1
        document = _document(number, content, path)
        work = AssessmentWork(
            row_version=RowVersion(invoice_id=invoice_id, state=State.READ, version=1),
            document_id=invoice_id,
            document=document,
            reading=reading(),
            edits={},
            provider_scope=(),
            content_sha256=document.content_sha256,
        )
        return self.assessments.add(work)

    def held(self, invoice_id: int) -> RowVersion:
        return self.rows.invoices[invoice_id].row_version

    def value(self, invoice_id: int, name: str) -> Any:
        return self.rows.invoices[invoice_id].get(name)

    def attempt_states(self, invoice_id: int) -> list[str]:
        return [attempt.state for attempt in self.rows.attempts_of(invoice_id)]

    def keys(self) -> int:
        return len(self.rows.keys)

    def holders(self) -> tuple[set[int], set[int]]:
        may_have = {attempt.invoice_id for attempt in self.rows.attempts if attempt.state in HOLDS_KEYS}
        return set(self.rows.keys.values()), may_have

    def let_the_leases_run_out(self) -> None:
        self.rows.let_the_leases_run_out()

    def set(self, invoice_id: int, *, state: State, changed_at: dt.datetime | None = None, **values: Any) -> None:
        row = self.rows.invoices[invoice_id]
        row.row_version = RowVersion(invoice_id=invoice_id, state=state, version=row.row_version.version)
        row.changed_at = changed_at or row.changed_at
        row.values |= values

    def log(self, invoice_id: int) -> list[tuple[State, Cause, str]]:
        return [(move.after, move.cause, actor) for move, actor in self.rows.invoices[invoice_id].log]

    def told(self) -> list[tuple[str, str | None]]:
        told = [*self.rows.outbox.events.values(), *self.providers.alerts]
        return [(str(event.kind), event.facts.get("code")) for event in told]

    def learned(self, line: LearnedLine, environment: str) -> None:
        self.recipients.teach(line.wording, line.siret, line.service_code, environment)


class SqlWorld:
    """A real database."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.assessments = store.assessments
        self.ledger = store.ledger
        self.corrections = store.corrections
        self.tracking = store.tracking
        self.write_backs = store.write_backs
        self.providers = store.providers
        self.directory = store.directory
        self.book = store.directory
        self.remote_readings = store.remote_readings
        self.recipients = store.recipients
        self.configuration = store.configuration
        self.outbox = store.outbox
        self.notifications = store.notification_views
        self.history = store.history_views
        self.internal_errors = store.internal_errors
        self._read: dict[int, int] = {}

    def announce(self, event: NewEvent) -> None:
        with self.store.database.write() as connection:
            announce(connection, event)

    def invoice(self, number: str = "A", content: bytes | None = None, path: str | None = None) -> AssessmentWork:
        store, document = self.store, _document(number, content, path)
        to_read = matched(store, document)
        assert store.documents.record_reading(to_read, reading(), now=START)
        invoice_id = to_read.row_version.invoice_id
        with store.database.read() as connection:
            mine = moves.c.invoice_id == invoice_id
            self._read[invoice_id] = connection.scalar(sa.select(sa.func.max(moves.c.id)).where(mine)) or 0
        works = store.assessments.to_assess(1, limit=99)
        return next(work for work in works if work.row_version.invoice_id == invoice_id)

    def held(self, invoice_id: int) -> RowVersion:
        query = sa.select(invoices.c.state, invoices.c.version).where(invoices.c.id == invoice_id)
        with self.store.database.read() as connection:
            row = connection.execute(query).one()
        return RowVersion(invoice_id=invoice_id, state=State(row.state), version=row.version)

    def value(self, invoice_id: int, name: str) -> Any:
        with self.store.database.read() as connection:
            found = connection.scalar(sa.select(invoices.c[name]).where(invoices.c.id == invoice_id))
        return load(Reasons, found) if name == "reasons" and found is not None else found

    def attempt_states(self, invoice_id: int) -> list[str]:
        query = sa.select(attempts.c.state).where(attempts.c.invoice_id == invoice_id).order_by(attempts.c.id)
        with self.store.database.read() as connection:
            return list(connection.scalars(query))

    def keys(self) -> int:
        with self.store.database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(reserved_keys)) or 0

    def holders(self) -> tuple[set[int], set[int]]:
        may_have = sa.select(attempts.c.invoice_id).where(attempts.c.state.in_(HOLDS_KEYS))
        with self.store.database.read() as connection:
            return set(connection.scalars(sa.select(reserved_keys.c.invoice_id))), set(connection.scalars(may_have))

    def let_the_leases_run_out(self) -> None:
        lapsed = invoices.update().where(invoices.c.lease_until.is_not(None)).values(lease_until=1.0)
        with self.store.database.write() as connection:
            connection.execute(lapsed)

    def set(self, invoice_id: int, *, state: State, changed_at: dt.datetime | None = None, **values: Any) -> None:
        given = {"state": state, **values, **({"changed_at": changed_at} if changed_at else {})}
        with self.store.database.write() as connection:
            connection.execute(invoices.update().where(invoices.c.id == invoice_id).values(**given))

    def log(self, invoice_id: int) -> list[tuple[State, Cause, str]]:
        later = moves.c.invoice_id == invoice_id, moves.c.id > self._read[invoice_id]
        with self.store.database.read() as connection:
            rows = connection.execute(sa.select(moves).where(*later).order_by(moves.c.id)).all()
        return [(State(row.after), row.cause, row.actor) for row in rows]

    def told(self) -> list[tuple[str, str | None]]:
        with self.store.database.read() as connection:
            rows = connection.execute(sa.select(events).order_by(events.c.id)).all()
        return [(row.kind, row.facts.get("code")) for row in rows]

    def learned(self, line: LearnedLine, environment: str) -> None:
        from include.adapters.storage.core.tables import learned_recipients

        values = {"environment": environment, "wording_key": bare(line.wording), "wording": line.wording}
        place = {"siret": line.siret, "service_code": line.service_code or ""}
        used = {"first_invoice_id": 1, "last_invoice_id": 1, "first_at": START, "last_at": START, "times_used": 1}
        with self.store.database.write() as connection:
            connection.execute(learned_recipients.insert().values(**values, **place, **used, kept=False, pending=False))
