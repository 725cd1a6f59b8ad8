"""What became of the invoices of one provider: the nightly retrieval, the hourly watch, a window asked for anew.

A run asks by a lower bound of the status date and reads on until a page is empty. Every batch is stored as it comes, so
a run that dies has lost nothing but its watermark: the next one asks from the same time again, and what it meets
unchanged is neither written nor told. The watermark is the platform's own time at the start of the last run that came
to its end, never the newest date seen; each run asks from an overlap before it, because the platform shows new
invoices late.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from include.application.isolation import Isolation
from include.application.ports.chorus import Chorus, ChorusGateway, RemoteQuery
from include.application.ports.clock import Clock
from include.application.ports.corrections import Corrections
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.providers import Providers
from include.application.ports.tracking import DueHistory, RetrievalRecord, Stored, Tracking
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.providers.circuit_breaker import logged_in, open_circuit, stopped
from include.application.providers.provider_report import ProviderReport
from include.application.submission.resolve_corrections import resolve_corrections
from include.application.tracking.acknowledge import tell_of_deadlines
from include.domain.configuration import Configuration, Provider
from include.domain.directory import DirectoryEntry
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    InputError,
    LoginRefusedError,
    RemoteError,
    RemoteRefusedError,
    StoreError,
)
from include.domain.internal_errors import Item, setting_aside
from include.domain.notification import PARIS
from include.domain.submission import RemoteInvoice
from include.domain.tracking import REJECTED, Account, RemoteHistory
from include.texts import Text, store

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
"""Rows of one page of the platform's search, and of one transaction: a big account has hundreds of pages."""

OVERLAP = dt.timedelta(days=1)
"""Time before the watermark from which on a run asks: longer than the platform takes to show a new invoice, or than two
clocks may differ. Unchanged rows cost little."""

NEWS_AGE = dt.timedelta(days=1)
"""Age of news that a first load tells nobody by mail: whoever asked every night would know it."""

READINGS = 2
"""Most readings of one window where the platform shows fewer invoices than it says there are."""

HISTORIES_PER_RUN = 2000
HISTORY_BATCH = 100
FAILED_HISTORIES = 3
REJECTION_PAGES = 20
BODIES_PER_RUN = 50


@dataclass(frozen=True, kw_only=True)
class Retrieving:
    """Ports and configuration of one pass."""

    tracking: Tracking
    corrections: Corrections
    providers: Providers
    directory: DirectoryCache
    chorus: Chorus
    internal_errors: InternalErrors
    clock: Clock
    configuration: Configuration


@dataclass(kw_only=True)
class RetrievalReport(ProviderReport):
    """What one run of retrieval did for one provider."""

    seen: int = 0
    stored: Stored = field(default_factory=Stored)
    histories: int = 0
    complete: bool = False

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {"seen": self.seen, **dataclasses.asdict(self.stored), "histories": self.histories}


def in_mode(configuration: Configuration, loading: str) -> list[Provider]:
    """Providers that are loaded this way; retired ones send nothing, and are still tracked."""
    everybody = (*configuration.providers, *configuration.retired_providers)
    return [provider for provider in everybody if provider.loading == loading]


def window_start(from_date: dt.date | None, to_date: dt.date | None) -> dt.datetime | None:
    """The moment from which a window of days (Paris) is asked for; None where none was given.

    Its last day only has to make sense: an upper bound would lose what changed since.
    """
    if from_date is None:
        if to_date is not None:
            raise InputError("first_day_missing")
        return None
    if to_date is not None and to_date < from_date:
        raise InputError("days_reversed", to_date=to_date, from_date=from_date)
    return dt.datetime.combine(from_date, dt.time(), tzinfo=PARIS)


@dataclass(frozen=True, kw_only=True)
class RetrievalStanding:
    """How the retrieval of one provider stands; `histories_waiting`: invoices whose history is still to be fetched."""

    provider: Provider
    record: RetrievalRecord
    histories_waiting: int


def retrieval_status(retrieving: Retrieving) -> list[RetrievalStanding]:
    """How the retrieval of each provider stands, retired ones too."""
    tracking = retrieving.tracking
    return [
        RetrievalStanding(
            provider=provider,
            record=tracking.record(provider.key),
            histories_waiting=tracking.histories_waiting(provider.key),
        )
        for provider in (*retrieving.configuration.providers, *retrieving.configuration.retired_providers)
    ]


def retrieve_invoices(
    provider: Provider, retrieving: Retrieving, *, since: dt.datetime | None = None, watch: Watch = unwatched
) -> RetrievalReport:
    """Everything that changed since the last complete run; the first time, everything there is.

    With `since`: a window that somebody asks for anew, from there without end; the watermark stays where it is.
    Never raises for a fault of the surroundings: `failure` carries it, after what could be done.
    """
    run = _Run(provider, retrieving, watch)
    run.guarded(lambda gateway: run.retrieve(gateway, since))
    return run.report


def retrieve_everything(provider: Provider, retrieving: Retrieving, watch: Watch = unwatched) -> RetrievalReport:
    """The whole account as if for the first time, whatever was retrieved before: nobody is mailed old news."""
    run = _Run(provider, retrieving, watch)
    run.guarded(lambda gateway: run.retrieve(gateway, None, everything=True))
    return run.report


def account_of(provider: Provider, chorus: Chorus) -> Account:
    """Whose invoices those of this provider are."""
    environment = chorus.effective_environment(provider)
    return Account(provider_key=provider.key, environment=environment, siret=provider.siret)


def watch_statuses(provider: Provider, retrieving: Retrieving, *, watch: Watch = unwatched) -> RetrievalReport:
    """Status changes of a provider in Remote mode: one search by status date, no histories, never a first full load."""
    run = _Run(provider, retrieving, watch)
    run.guarded(run.watch)
    return run.report


@dataclass(frozen=True, kw_only=True)
class _Window:
    """What a run asks for: statuses since `start` (None: all); `first`: nothing was ever loaded to the end before.

    A run that is `counted` moves the watermark; a `full` one has then loaded everything.
    """

    start: dt.datetime | None
    first: bool
    counted: bool = True
    full: bool = False


class _Run:
    """One run for one provider."""

    def __init__(self, provider: Provider, retrieving: Retrieving, watch: Watch) -> None:
        self.report = RetrievalReport()
        self._provider = provider
        self._retrieving = retrieving
        self._watch = watch
        self._started = retrieving.clock.monotonic()
        self._isolation = Isolation("retrieve", retrieving.internal_errors, retrieving.clock)

    def guarded(self, work: Callable[[ChorusGateway], None]) -> None:
        """Logs in and works; a fault of the surroundings ends in the report and in the provider's record."""
        retrieving, report, key = self._retrieving, self.report, self._provider.key
        try:
            gateway = logged_in(self._provider, retrieving.providers, retrieving.chorus, retrieving.clock)
            if gateway is None:
                report.notes.append(Text("note.circuit_open"))
                report.stopped = stopped(self._provider, retrieving.providers, retrieving.clock)
                return
            work(gateway)
            tell_of_deadlines(key, self._provider.name, retrieving.corrections, retrieving.clock, self._isolation)
        except LoginRefusedError as error:
            open_circuit(self._provider, retrieving.providers, retrieving.clock, error)
            report.failure = error
        except (RemoteError, ConfigurationError, StoreError) as error:
            report.failure = error
        report.internal = self._isolation.failures
        if report.failure is not None:
            if not isinstance(report.failure, StoreError):
                retrieving.tracking.failed(key, store(report.failure), now=retrieving.clock.now())
            report.failure.about(self._provider.title)
            logger.info("Provider %s: %s", key, report.failure)
        logger.info("Provider %s: %s", key, report.counts())

    def retrieve(self, gateway: ChorusGateway, since: dt.datetime | None, *, everything: bool = False) -> None:
        """The list, then what the list does not say: rejections dealt with, histories, bodies."""
        record = self._retrieving.tracking.record(self._provider.key)
        first = record.full_at is None
        if since is not None:
            window = _Window(start=since, first=first, counted=False)
        elif everything or first or record.watermark is None:
            window = _Window(start=None, first=first or everything, full=True)
        else:
            window = _Window(start=record.watermark - OVERLAP, first=first)
        account = self._account()
        self._corrections(gateway)
        self._list(gateway, account, window)
        self._histories(gateway)
        self._bodies(account)

    def watch(self, gateway: ChorusGateway) -> None:
        """From the last look; the first time, from what we sent first."""
        tracking, key = self._retrieving.tracking, self._provider.key
        watermark = tracking.record(key).watermark
        start = watermark or tracking.first_sent_at(key) or self._retrieving.clock.now()
        self._corrections(gateway)
        self._list(gateway, self._account(), _Window(start=start - OVERLAP, first=watermark is None))

    def _corrections(self, gateway: ChorusGateway) -> None:
        """Before the list, which moves nothing of a correction under way."""
        retrieving = self._retrieving
        delay = retrieving.configuration.submission.search_again_after_seconds
        resolve_corrections(
            self._provider.key,
            gateway,
            retrieving.corrections,
            retrieving.clock,
            self._isolation,
            check_after_seconds=delay,
        )

    # -- the list --------------------------------------------------------------------------------------------------

    def _list(self, gateway: ChorusGateway, account: Account, window: _Window) -> None:
        retrieving = self._retrieving
        seen: set[int] = set()
        for reading in range(1, READINGS + 1):
            asked_at, total = self._read(gateway, account, window, seen)
            if reading == 1:
                watermark = asked_at
            if len(seen) >= total:
                break
            logger.warning("Provider %s: %d of %d invoices shown", account.provider_key, len(seen), total)
        else:
            self.report.notes.append(Text("note.shows_fewer", {"total": total, "shown": len(seen)}))
        self._rejections(gateway, account, seen)
        self.report.complete = True
        if window.counted:
            retrieving.tracking.complete(
                account.provider_key,
                watermark=watermark,
                full=window.full,
                counts=self.report.counts(),
                seconds=round(retrieving.clock.monotonic() - self._started, 3),
                now=retrieving.clock.now(),
            )

    def _read(
        self, gateway: ChorusGateway, account: Account, window: _Window, seen: set[int]
    ) -> tuple[dt.datetime, int]:
        """Reads to the end and stores batch by batch; the platform's time at the start and how many it said there are.

        Rows only enter while this reads, so fewer than it said at the start means that some were not shown.
        """
        asked_at: dt.datetime | None = None
        total = 0
        progress = Progress(Step.RETRIEVE, self._retrieving.clock, self._watch)
        for page in gateway.search_since(window.start, page_size=PAGE_SIZE):
            if asked_at is None:
                asked_at, total = page.server_date or self._retrieving.clock.now(), page.total or 0
            self._store(account, page.rows, old_before=asked_at - NEWS_AGE if window.first else None)
            seen.update(row.chorus_id for row in page.rows)
            self.report.seen = len(seen)
            progress.reach(len(seen), total)
        return asked_at or self._retrieving.clock.now(), total

    def _store(self, account: Account, rows: Sequence[RemoteInvoice], *, old_before: dt.datetime | None) -> None:
        def store_part(part: Sequence[RemoteInvoice]) -> None:
            found = self._retrieving.tracking.store_rows(
                account, part, old_before=old_before, now=self._retrieving.clock.now()
            )
            self.report.stored.add(found)

        self._isolation.in_parts(rows, store_part, lambda row: Item("chorus_invoice", row.chorus_id))

    def _rejections(self, gateway: ChorusGateway, account: Account, seen: set[int]) -> None:
        """Somebody may have dealt with a rejection on the portal: that changes no status and no date."""
        waiting = self._retrieving.tracking.open_rejections(account.provider_key) - seen
        for page in range(1, REJECTION_PAGES + 1):
            if not waiting:
                return
            found = gateway.browse(RemoteQuery(status=REJECTED), page=page, page_size=PAGE_SIZE).rows
            if not found:
                return
            self._store(account, [row for row in found if row.chorus_id in waiting], old_before=None)
            waiting -= {row.chorus_id for row in found}

    # -- what the list does not say --------------------------------------------------------------------------------

    def _histories(self, gateway: ChorusGateway) -> None:
        """Fetches the histories of what changed, side by side; what is left over comes in the next run."""
        tracking, key = self._retrieving.tracking, self._provider.key
        due = tracking.histories_due(key, limit=HISTORIES_PER_RUN)
        failed = 0
        progress = Progress(Step.HISTORIES, self._retrieving.clock, self._watch, total=len(due))
        with ThreadPoolExecutor(
            self._retrieving.configuration.submission.parallel, thread_name_prefix="history"
        ) as pool:
            for start in range(0, len(due), HISTORY_BATCH):
                answers = list(pool.map(_asker(gateway), due[start : start + HISTORY_BATCH]))
                fetched = [(one, answer) for one, answer in answers if isinstance(answer, RemoteHistory)]
                bad = self._isolation.in_parts(
                    fetched,
                    lambda part: tracking.store_histories(part, now=self._retrieving.clock.now()),
                    lambda pair: Item("history", pair[0].invoice_id),
                )
                for one, _ in bad:
                    tracking.postpone_history(one, now=self._retrieving.clock.now())
                self.report.histories += len(fetched) - len(bad)
                progress.reach(start + len(answers), len(due))
                for one, answer in answers:
                    failed += self._not_told(one, answer)
                if failed >= FAILED_HISTORIES:
                    return
        waiting = tracking.histories_waiting(key)
        if waiting:
            self.report.notes.append(Text("note.histories_left", {"count": waiting}))

    def _not_told(self, due: DueHistory, answer: RemoteHistory | Exception) -> int:
        """Puts a history that is not shown at the end of the queue; a fault of the surroundings counts as a failure."""
        if isinstance(answer, RemoteHistory):
            return 0
        if not isinstance(answer, ConnectorError):
            self._isolation.caught(Item("history", due.invoice_id), answer)
            self._retrieving.tracking.postpone_history(due, now=self._retrieving.clock.now())
            return 0
        logger.warning("History of invoice %s: %s", due.invoice_id, answer)
        if isinstance(answer, RemoteRefusedError):
            self._retrieving.tracking.postpone_history(due, now=self._retrieving.clock.now())
            return 0
        self.report.failure = self.report.failure or answer
        return FAILED_HISTORIES if isinstance(answer, LoginRefusedError) else 1

    def _bodies(self, account: Account) -> None:
        """Asks the directory about recipients that we never sent to: does this body report payments at all?"""
        retrieving = self._retrieving
        wanted = retrieving.tracking.bodies_never_asked(account, limit=BODIES_PER_RUN)
        if not wanted or self.report.failure is not None:
            return
        directory = retrieving.chorus.directory(self._provider)
        for siret in wanted:
            now = retrieving.clock.now()
            with self._isolation.confined(Item("body", siret)):
                try:
                    entry = directory.find(siret)
                except RemoteRefusedError as error:
                    logger.warning("Body %s: %s", siret, error)
                    continue
                nobody = DirectoryEntry(siret=siret, structure_id=0, name="", active=False, fetched_at=now)
                retrieving.directory.put(account.environment, entry or nobody, now=now)

    def _account(self) -> Account:
        return account_of(self._provider, self._retrieving.chorus)


def _asker(
    gateway: ChorusGateway,
) -> Callable[[DueHistory], tuple[DueHistory, RemoteHistory | Exception]]:
    def ask(due: DueHistory) -> tuple[DueHistory, RemoteHistory | Exception]:
        errors: dict[DueHistory, Exception] = {}
        with setting_aside(errors, due):
            try:
                return due, gateway.history(due.chorus_id)
            except RemoteError as error:
                return due, error
        return due, errors[due]

    return ask


@dataclass(kw_only=True)
class RetrievalPass:
    """What one pass over several providers did."""

    counts: dict[str, int]
    failures: list[ConnectorError] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    seconds: float = 0.0


def for_each(
    providers: Sequence[Provider],
    work: Callable[[Provider], RetrievalReport],
    clock: Clock,
    internal_errors: InternalErrors,
) -> RetrievalPass:
    """One after the other; a provider that fails does not stop the others, even if the fault is ours."""
    started = clock.monotonic()
    done = RetrievalPass(counts=RetrievalReport().counts())
    isolation = Isolation("retrieve", internal_errors, clock)
    for provider in providers:
        with isolation.confined(Item("provider", provider.name), provider_key=provider.key):
            report = work(provider)
            for name, count in report.counts().items():
                done.counts[name] += count
            done.failures += [*report.failures, *([report.stopped] if report.stopped else [])]
            done.notes += [Text("note.of", {"provider": provider.name, "note": note}) for note in report.notes]
    done.failures += isolation.failures
    done.seconds = clock.monotonic() - started
    return done
