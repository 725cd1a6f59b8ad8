"""The river: every station with its ports, and one pass through all of them (`chorus run submission`).

An Airflow run calls the same stations one task at a time; both may run at once, because each station chooses its work
by state in the store and the ledger claims what is sent.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from include.application.circuit import stopped
from include.application.collect_documents import Collected, collect_documents
from include.application.corrections_port import Corrections
from include.application.credential_health import CredentialHealth
from include.application.layouts_port import LayoutLessons
from include.application.link_documents import link_documents
from include.application.links_port import Links
from include.application.map_fields import MapCounts, map_fields
from include.application.match_criteria import MatchCriteria, Matched
from include.application.outbox_port import Outbox, Renderer
from include.application.plan_submission import plan_submission
from include.application.ports import Chorus, Clock, DocumentPortal, DocumentReader, Files, Mailer
from include.application.read_documents import ReadCounts, read_documents, reading_batches
from include.application.recipients_port import LearnedRecipients
from include.application.remote_reading import RemoteReader
from include.application.remote_reading_port import RemoteReadings
from include.application.send_notifications import NotificationReport, SendNotifications
from include.application.sending import Sending, SubmitReport
from include.application.storage_ports import DirectoryCache, Documents, Judgements, Ledger, Providers, ScanResult
from include.application.submit_invoices import submit_invoices
from include.application.unconfigured import not_configured
from include.application.write_back import WriteBack, WriteBackReport, WriteBacks
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, InputError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class River:
    """The stations, over one revision of the configuration."""

    documents: Documents
    links: Links
    judgements: Judgements
    ledger: Ledger
    corrections: Corrections
    providers: Providers
    directory: DirectoryCache
    recipients: LearnedRecipients
    remote_readings: RemoteReadings
    layouts: LayoutLessons
    outbox: Outbox
    write_backs: WriteBacks
    files: Files
    chorus: Chorus
    reader: DocumentReader
    clock: Clock
    configuration: Configuration
    revision: int
    owner: str
    open_portal: Callable[[], DocumentPortal]
    mailer: Mailer
    renderer: Renderer

    def collect(self) -> Collected:
        """Looks at the portal; before anything at all is configured there is none to look at."""
        if self._untouched:
            logger.info("%s", not_configured(self.configuration))
            return Collected(scan=ScanResult())
        return collect_documents(self.open_portal(), self.documents, self.clock)

    def match(self, document_ids: Sequence[int] = ()) -> Matched:
        """Links documents by rules, and holds them against the criteria."""
        if self._untouched:
            return Matched()
        self.link()
        station = MatchCriteria(self.open_portal(), self.documents, self.files, self.clock)
        return station(self.configuration, self.revision, document_ids=document_ids)

    def link(self) -> None:
        """Links what is new or changed by the rules of this revision."""
        link_documents(self.links, self.configuration, self.revision, self.clock)

    def reading_batches(self, size: int, document_ids: Sequence[int] = ()) -> list[list[int]]:
        """Ids of what waits to be read, in batches."""
        return reading_batches(self.documents, size=size, limit=_ALL, document_ids=document_ids)

    def read(self, document_ids: Sequence[int] = (), *, until: dt.datetime | None = None) -> ReadCounts:
        """Reads what was matched; after `until` no document is begun any more."""
        return read_documents(
            self.documents,
            self.files,
            self.reader,
            self.configuration,
            self.clock,
            layouts=self.layouts,
            directory=self.directory,
            document_ids=document_ids,
            until=until,
        )

    def map(self, document_ids: Sequence[int] = (), *, dry_run: bool = False) -> MapCounts:
        """Maps and judges what was read, or is judged under an older revision; a dry run leaves no file there.

        Links come first: the configuration may have changed since the match, and no invoice is judged without them.
        """
        self.link()
        return map_fields(
            judgements=self.judgements,
            directory=self.directory,
            providers=self.providers,
            recipients=self.recipients,
            configuration=self.configuration,
            revision=self.revision,
            chorus=self.chorus,
            clock=self.clock,
            remote=RemoteReader(
                readings=self.remote_readings,
                providers=self.providers,
                files=self.files,
                chorus=self.chorus,
                clock=self.clock,
                ask=not dry_run,
            ),
            document_ids=document_ids,
        )

    def nothing_to_do(self) -> bool:
        """Whether no station has work: nothing to match, read, judge, send, search, tell or write back."""
        return not (
            self.documents.to_match(self.revision, limit=1)
            or self.documents.to_read(limit=1)
            or self.judgements.to_judge(self.revision, limit=1)
            or self.plan()
            or self.outbox.undistributed(after=0, limit=1)
            or self.outbox.due(now=self.clock.now(), limit=1)
            or self._write_back().due(limit=1)
        )

    def provider(self, name: str) -> Provider:
        """The configured provider of this name or SIRET; InputError when there is none."""
        found = self.configuration.provider(name)
        if found is None:
            names = ", ".join(provider.name for provider in self.configuration.providers) or "none"
            raise InputError(f"There is no provider {name!r}.", todo=f"Configured: {names}.")
        return found

    def provider_of(self, key: str) -> Provider:
        """The provider with this key, retired ones too; InputError when there is none."""
        found = self.configuration.provider_by_key(key)
        if found is None:
            raise InputError(f"There is no provider {key} in the configuration.")
        return found

    def plan(self) -> list[str]:
        """Keys of the providers with something to send or to search."""
        return plan_submission(self.ledger, self.providers, self.configuration, self.revision, self.clock)

    def stopped(self, wanted: Sequence[Provider] = ()) -> dict[str, ConnectorError]:
        """By key why a provider is stopped, of those named or of all: for who runs something by hand."""
        found = {one.key: stopped(one, self.providers, self.clock) for one in wanted or self.configuration.providers}
        return {key: error for key, error in found.items() if error is not None}

    def submit(
        self, provider_key: str, *, invoice_ids: Sequence[int] | None = None, may_send: bool | None = None
    ) -> SubmitReport:
        """Searches, verifies and sends for one provider; by default it sends only where submission is automatic."""
        provider = self.provider_of(provider_key)
        active = provider in self.configuration.providers
        use = Sending(
            ledger=self.ledger,
            providers=self.providers,
            files=self.files,
            chorus=self.chorus,
            clock=self.clock,
            configuration=self.configuration,
            revision=self.revision,
            owner=self.owner,
        )
        allowed = active and (provider.automatic_submission if may_send is None else may_send)
        return submit_invoices(provider, use, invoice_ids=invoice_ids, may_send=allowed, corrections=self.corrections)

    def check_credentials(self, providers: Sequence[Provider]) -> None:
        """Asks, stores and tells how long the logins of those that may still send hold."""
        CredentialHealth(
            chorus=self.chorus,
            providers=self.providers,
            clock=self.clock,
            first_warning_days=self.configuration.watchdog.password_days,
        ).check([provider for provider in providers if provider in self.configuration.providers])

    def notify(self) -> NotificationReport:
        """Mails what is due."""
        return SendNotifications(
            outbox=self.outbox,
            mailer=self.mailer,
            renderer=self.renderer,
            configuration=self.configuration,
            clock=self.clock,
            owner=self.owner,
        ).run()

    def write_back(self) -> WriteBackReport:
        """Tells the portal how its documents stand, where the configuration names metadata for it."""
        return self._write_back()()

    @property
    def _untouched(self) -> bool:
        """Whether neither a provider nor a portal was ever configured."""
        return not self.configuration.providers and self.configuration.portal is None

    def _write_back(self) -> WriteBack:
        return WriteBack(
            open_portal=self.open_portal,
            write_backs=self.write_backs,
            configuration=self.configuration,
            clock=self.clock,
        )


_ALL = 1_000_000_000


@dataclass(kw_only=True)
class PassReport:
    """What one pass did: documents that entered each state, and what of the surroundings failed.

    `notes` are sentences for whoever looks, of things that are no failure; `stations` the seconds that each took.
    """

    counts: dict[str, int]
    troubles: list[ConnectorError]
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    stations: dict[str, float] = field(default_factory=dict)


class _Stopwatch:
    """Tells each station as it begins, and notes the seconds that it took."""

    def __init__(self, clock: Clock, stations: dict[str, float], told: Callable[[str], None]) -> None:
        self._clock = clock
        self._stations = stations
        self._told = told
        self._running: tuple[str, float] | None = None

    def begin(self, station: str) -> None:
        """The station before this one is over."""
        self.end()
        self._told(station)
        self._running = station, self._clock.monotonic()

    def end(self) -> None:
        """Nothing runs any more."""
        if self._running is not None:
            station, started = self._running
            self._stations[station] = self._clock.monotonic() - started
            self._running = None


def run_submission(
    river: River,
    *,
    providers: Sequence[Provider] = (),
    document_ids: Sequence[int] = (),
    dry_run: bool = False,
    notify: bool = True,
    told: Callable[[str], None] = lambda _station: None,
) -> PassReport:
    """One pass of the ten-minute flow in this process. A portal that is down does not keep ready invoices from going.

    `providers` and `document_ids` narrow it; `dry_run` reads and judges, but claims, sends and mails nothing. `told`
    hears the name of each station as it begins.
    """
    started = river.clock.monotonic()
    note = not_configured(river.configuration)
    report = PassReport(counts=dict.fromkeys(_COUNTS, 0), troubles=[], notes=[note] if note else [])
    counts = report.counts
    # asked before anything is called: a login that is refused now is told once, as the trouble that it is
    stopped_before = river.stopped(providers)
    watch = _Stopwatch(river.clock, report.stations, told)
    try:
        watch.begin("collect")
        collected = river.collect()
        counts["seen"] = collected.scan.seen
        if collected.postponed:
            report.notes.append(
                f"{len(collected.postponed)} documents wait in the portal: `chorus notifications` says why."
            )
        watch.begin("match")
        matched = river.match(document_ids)
        counts["matched"], counts["ignored"] = matched.matched, matched.ignored
    except ConnectorError as error:
        logger.error("Portal: %s", error)
        report.troubles.append(error)
    watch.begin("read")
    read = river.read(document_ids)
    counts["read"], counts["unreadable"] = read.read, read.unreadable
    watch.begin("map")
    mapped = river.map(document_ids, dry_run=dry_run)
    counts["ready"], counts["to_complete"] = mapped.ready, mapped.to_complete
    report.troubles.extend(mapped.troubles)
    if not dry_run:
        watch.begin("submit")
        _send(river, report, {p.key for p in providers}, document_ids)
        if notify:
            watch.begin("notify")
            trouble = river.notify().trouble
            report.troubles.extend([trouble] if trouble else [])
        watch.begin("write back")
        unwritten = river.write_back().trouble
        report.troubles.extend([unwritten] if unwritten else [])
    watch.end()
    report.troubles.extend(stopped_before.values())
    report.seconds = river.clock.monotonic() - started
    return report


_COUNTS = (
    "seen",
    "matched",
    "ignored",
    "read",
    "ready",
    "submitted",
    "to_complete",
    "unreadable",
    "refused",
    "unknown",
)


def _send(river: River, report: PassReport, wanted: set[str], document_ids: Sequence[int]) -> None:
    """Sends, then looks how long the logins hold, except of those that are in trouble now."""
    failed: set[str] = set()
    invoice_ids = river.ledger.invoices_of(document_ids) if document_ids else None
    for key in river.plan():
        if wanted and key not in wanted:
            continue
        result = river.submit(key, invoice_ids=invoice_ids)
        for name in ("submitted", "refused", "unknown", "to_complete"):
            report.counts[name] += result.counts()[name]
        if result.trouble is not None:
            report.troubles.append(result.trouble)
            failed.add(key)
    quiet = [p for p in river.configuration.providers if p.key not in failed and (not wanted or p.key in wanted)]
    river.check_credentials(quiet)
