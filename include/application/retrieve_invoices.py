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
from typing import Any

from include.application.acknowledge import tell_of_deadlines
from include.application.circuit import logged_in, open_circuit, stopped
from include.application.corrections_port import Corrections
from include.application.ports import Chorus, ChorusGateway, Clock, RemoteQuery
from include.application.settle_corrections import settle_corrections
from include.application.storage_ports import DirectoryCache, Providers
from include.application.tracking_port import Account, DueHistory, Stored, Tracking
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
from include.domain.notification import PARIS
from include.domain.submission import RemoteInvoice
from include.domain.tracking import REJECTED, RemoteHistory

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
"""Also the batch of one transaction: a big account has hundreds of them."""

OVERLAP = dt.timedelta(days=1)
"""Longer than the platform takes to show a new invoice, or than two clocks may differ; unchanged rows cost little."""

NEWS_AGE = dt.timedelta(days=1)
"""A first load tells nobody by mail what happened before that: whoever asked every night would know it."""

READINGS = 2
"""So often a window is read where the platform shows fewer invoices than it says there are."""

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
    clock: Clock
    configuration: Configuration


@dataclass(kw_only=True)
class RetrievalReport:
    """What one run did for one provider; `trouble` and `stopped` as in `SubmitReport`."""

    seen: int = 0
    stored: Stored = field(default_factory=Stored)
    histories: int = 0
    complete: bool = False
    trouble: ConnectorError | None = None
    stopped: ConnectorError | None = None
    notes: list[str] = field(default_factory=list)

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
            raise InputError("A last day was given without a first one.", todo="Give --from too.")
        return None
    if to_date is not None and to_date < from_date:
        raise InputError(f"The last day {to_date} lies before the first day {from_date}.")
    return dt.datetime.combine(from_date, dt.time(), tzinfo=PARIS)


def retrieval_status(use: Retrieving) -> list[dict[str, Any]]:
    """How the retrieval of each provider stands, retired ones too."""
    rows = []
    for provider in (*use.configuration.providers, *use.configuration.retired_providers):
        record = dataclasses.asdict(use.tracking.record(provider.key))
        waiting = use.tracking.histories_waiting(provider.key)
        rows.append({"provider": provider.name, "loading": provider.loading, **record, "histories_waiting": waiting})
    return rows


def retrieve_invoices(provider: Provider, use: Retrieving, *, since: dt.datetime | None = None) -> RetrievalReport:
    """Everything that changed since the last complete run; the first time, everything there is.

    With `since`: a window that somebody asks for anew, from there without end; the watermark stays where it is.
    Never raises for a fault of the surroundings: `trouble` carries it, after what could be done.
    """
    run = _Run(provider, use)
    run.guarded(lambda gateway: run.retrieve(gateway, since))
    return run.report


def watch_statuses(provider: Provider, use: Retrieving) -> RetrievalReport:
    """Status changes of a provider in Remote mode: one search by status date, no histories, never a first full load."""
    run = _Run(provider, use)
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

    def __init__(self, provider: Provider, use: Retrieving) -> None:
        self.report = RetrievalReport()
        self._provider = provider
        self._use = use
        self._started = use.clock.monotonic()

    def guarded(self, work: Callable[[ChorusGateway], None]) -> None:
        """Logs in and works; a fault of the surroundings ends in the report and in the provider's record."""
        use, report, key = self._use, self.report, self._provider.key
        try:
            gateway = logged_in(self._provider, use.providers, use.chorus, use.clock)
            if gateway is None:
                report.notes.append("circuit open")
                report.stopped = stopped(self._provider, use.providers, use.clock)
                return
            work(gateway)
            tell_of_deadlines(key, self._provider.name, use.corrections, use.clock)
        except LoginRefusedError as error:
            open_circuit(self._provider, use.providers, use.clock, error)
            report.trouble = error
        except (RemoteError, ConfigurationError, StoreError) as error:
            report.trouble = error
        if report.trouble is not None:
            if not isinstance(report.trouble, StoreError):
                use.tracking.failed(key, str(report.trouble), now=use.clock.now())
            report.trouble.about(self._provider.title)
            logger.info("Provider %s: %s", key, report.trouble)
        logger.info("Provider %s: %s", key, report.counts())

    def retrieve(self, gateway: ChorusGateway, since: dt.datetime | None) -> None:
        """The list, then what the list does not say: rejections dealt with, histories, bodies."""
        record = self._use.tracking.record(self._provider.key)
        first = record.full_at is None
        if since is not None:
            window = _Window(start=since, first=first, counted=False)
        elif first or record.watermark is None:
            window = _Window(start=None, first=first, full=True)
        else:
            window = _Window(start=record.watermark - OVERLAP, first=first)
        account = self._account()
        self._corrections(gateway)
        self._list(gateway, account, window)
        self._histories(gateway)
        self._bodies(account)

    def watch(self, gateway: ChorusGateway) -> None:
        """From the last look; the first time, from what we sent first."""
        tracking, key = self._use.tracking, self._provider.key
        watermark = tracking.record(key).watermark
        start = watermark or tracking.first_sent_at(key) or self._use.clock.now()
        self._corrections(gateway)
        self._list(gateway, self._account(), _Window(start=start - OVERLAP, first=watermark is None))

    def _corrections(self, gateway: ChorusGateway) -> None:
        """Before the list, which moves nothing of a correction under way."""
        use = self._use
        delay = use.configuration.submission.search_again_after_seconds
        settle_corrections(self._provider.key, gateway, use.corrections, use.clock, check_after_seconds=delay)

    # -- the list --------------------------------------------------------------------------------------------------

    def _list(self, gateway: ChorusGateway, account: Account, window: _Window) -> None:
        use = self._use
        seen: set[int] = set()
        for reading in range(1, READINGS + 1):
            asked_at, told = self._read(gateway, account, window, seen)
            if reading == 1:
                watermark = asked_at
            if len(seen) >= told:
                break
            logger.warning("Provider %s: %d of %d invoices shown", account.provider_key, len(seen), told)
        else:
            self.report.notes.append(f"Chorus Pro says {told} invoices and shows {len(seen)}")
        self._rejections(gateway, account, seen)
        self.report.complete = True
        if window.counted:
            use.tracking.complete(
                account.provider_key,
                watermark=watermark,
                full=window.full,
                counts=self.report.counts(),
                seconds=round(use.clock.monotonic() - self._started, 3),
                now=use.clock.now(),
            )

    def _read(
        self, gateway: ChorusGateway, account: Account, window: _Window, seen: set[int]
    ) -> tuple[dt.datetime, int]:
        """Reads to the end and stores batch by batch; the platform's time at the start and how many it said there are.

        Rows only enter while this reads, so fewer than it said at the start means that some were not shown.
        """
        asked_at: dt.datetime | None = None
        told = 0
        for page in gateway.search_since(window.start, page_size=PAGE_SIZE):
            if asked_at is None:
                asked_at, told = page.server_date or self._use.clock.now(), page.total or 0
            self._store(account, page.rows, old_before=asked_at - NEWS_AGE if window.first else None)
            seen.update(row.chorus_id for row in page.rows)
            self.report.seen = len(seen)
        return asked_at or self._use.clock.now(), told

    def _store(self, account: Account, rows: Sequence[RemoteInvoice], *, old_before: dt.datetime | None) -> None:
        if rows:
            found = self._use.tracking.store_rows(account, rows, old_before=old_before, now=self._use.clock.now())
            self.report.stored.add(found)

    def _rejections(self, gateway: ChorusGateway, account: Account, seen: set[int]) -> None:
        """Somebody may have dealt with a rejection on the portal: that changes no status and no date."""
        waiting = self._use.tracking.open_rejections(account.provider_key) - seen
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
        tracking, key = self._use.tracking, self._provider.key
        due = tracking.histories_due(key, limit=HISTORIES_PER_RUN)
        failed = 0
        with ThreadPoolExecutor(self._use.configuration.submission.parallel, thread_name_prefix="history") as pool:
            for start in range(0, len(due), HISTORY_BATCH):
                answers = list(pool.map(_asker(gateway), due[start : start + HISTORY_BATCH]))
                fetched = [(one, told) for one, told in answers if isinstance(told, RemoteHistory)]
                tracking.store_histories(fetched, now=self._use.clock.now())
                self.report.histories += len(fetched)
                for one, told in answers:
                    failed += self._not_told(one, told)
                if failed >= FAILED_HISTORIES:
                    return
        waiting = tracking.histories_waiting(key)
        if waiting:
            self.report.notes.append(f"{waiting} histories are left for the next run")

    def _not_told(self, due: DueHistory, told: RemoteHistory | ConnectorError) -> int:
        """One that the platform does not show goes to the end of the queue; a fault of the surroundings counts."""
        if isinstance(told, RemoteHistory):
            return 0
        logger.warning("History of invoice %s: %s", due.invoice_id, told)
        if isinstance(told, RemoteRefusedError):
            self._use.tracking.postpone_history(due, now=self._use.clock.now())
            return 0
        self.report.trouble = self.report.trouble or told
        return FAILED_HISTORIES if isinstance(told, LoginRefusedError) else 1

    def _bodies(self, account: Account) -> None:
        """Asks the directory about recipients that we never sent to: does this body report payments at all?"""
        use = self._use
        wanted = use.tracking.bodies_never_asked(account, limit=BODIES_PER_RUN)
        if not wanted or self.report.trouble is not None:
            return
        directory = use.chorus.directory(self._provider)
        for siret in wanted:
            now = use.clock.now()
            try:
                entry = directory.find(siret)
            except RemoteRefusedError as error:
                logger.warning("Body %s: %s", siret, error)
                continue
            nobody = DirectoryEntry(siret=siret, structure_id=0, name="", active=False, fetched_at=now)
            use.directory.put(account.environment, entry or nobody, now=now)

    def _account(self) -> Account:
        environment = self._use.chorus.effective_environment(self._provider)
        return Account(provider_key=self._provider.key, environment=environment, siret=self._provider.siret)


def _asker(
    gateway: ChorusGateway,
) -> Callable[[DueHistory], tuple[DueHistory, RemoteHistory | ConnectorError]]:
    def ask(due: DueHistory) -> tuple[DueHistory, RemoteHistory | ConnectorError]:
        try:
            return due, gateway.history(due.chorus_id)
        except RemoteError as error:
            return due, error

    return ask


@dataclass(kw_only=True)
class RetrievalPass:
    """What one pass over several providers did."""

    counts: dict[str, int]
    troubles: list[ConnectorError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def for_each(providers: Sequence[Provider], work: Callable[[Provider], RetrievalReport], clock: Clock) -> RetrievalPass:
    """One after the other; a provider that fails does not stop the others, even if the fault is ours."""
    started = clock.monotonic()
    done = RetrievalPass(counts=RetrievalReport().counts())
    faults: list[Exception] = []
    for provider in providers:
        try:
            report = work(provider)
        except Exception as error:
            error.add_note(f"provider {provider.key}")
            logger.exception("Provider %s could not be retrieved", provider.key)
            faults.append(error)
            continue
        for name, count in report.counts().items():
            done.counts[name] += count
        done.troubles += [trouble for trouble in (report.trouble, report.stopped) if trouble]
        done.notes += [f"{provider.name}: {note}" for note in report.notes]
    done.seconds = clock.monotonic() - started
    if faults:
        raise ExceptionGroup(f"{len(faults)} providers could not be retrieved", faults)
    return done
