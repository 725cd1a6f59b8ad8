"""The pipeline: its stages in order, and one pass through all of them (`chorus run submission`).

An Airflow run calls the same stages one task at a time; both may run at once, because each stage chooses its work
by state in the store and the ledger claims what is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from include.application.intake.collect_documents import Collect
from include.application.intake.match_criteria import Match
from include.application.mapping.map_fields import Map
from include.application.notification.send_notifications import Notify
from include.application.notification.write_back import WriteBack
from include.application.ports.clock import Clock
from include.application.progress import Reached, Step, Watch, unwatched
from include.application.providers.find_provider import find_provider
from include.application.providers.setup_hints import not_configured
from include.application.reading.read_documents import Read
from include.application.submission.sending import SENDING_OFF
from include.application.submission.submit import Submit
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError
from include.texts import Text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a pass is asked for: everything, unless providers (names or SIRETs) or documents (ids) are named.

    `dry_run` reads and assesses, but claims, sends and mails nothing; without `notify` nothing is mailed.
    """

    providers: tuple[str, ...] = ()
    document_ids: tuple[int, ...] = ()
    dry_run: bool = False
    notify: bool = True

    @property
    def narrowed(self) -> bool:
        """Whether this is less than the whole flow; what is not mailed now is mailed by the next pass."""
        return bool(self.providers or self.document_ids or self.dry_run)


EVERYTHING = Scope()


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The stages, over one revision of the configuration."""

    collect: Collect
    match: Match
    read: Read
    map: Map
    submit: Submit
    notify: Notify
    write_back: WriteBack
    configuration: Configuration
    clock: Clock

    def nothing_to_do(self) -> bool:
        """Whether no stage has work: nothing to match, read, assess, send, search, tell or write back."""
        return not (
            self.match.has_work()
            or self.read.has_work()
            or self.map.has_work()
            or self.submit.plan()
            or self.notify.has_work()
            or self.write_back.has_work()
        )

    def bring_up(self, document_ids: Sequence[int]) -> list[ConnectorError]:
        """Holds what a person brought back against the criteria and assesses it, at once; why it waits for a pass."""
        try:
            matched = self.match(document_ids)
        except ConnectorError as error:
            logger.warning("Documents %s wait for the next pass: %s", document_ids, error)
            return [error]
        return [*matched.failures, *self.map(document_ids).failures]

    def plan(self, scope: Scope = EVERYTHING) -> list[str]:
        """Keys of the providers that a pass of this scope would visit; InputError for a provider that is none."""
        wanted = {find_provider(self.configuration, name).key for name in scope.providers}
        return [key for key in self.submit.plan(scope.document_ids) if not wanted or key in wanted]

    def run(self, scope: Scope = EVERYTHING, watch: Watch = unwatched) -> PassReport:
        """One pass in this process. A portal that is down does not keep ready invoices from going.

        `watch` hears each stage as it begins, and how far it is. InputError, with nothing done, when the scope names a
        provider or a document that is none.
        """
        providers = [find_provider(self.configuration, name) for name in scope.providers]
        self.submit.check_documents(scope.document_ids)
        return _Pass(self, scope, providers, watch).run()


@dataclass(kw_only=True)
class PassReport:
    """What one pass did: documents that entered each state, and what of the surroundings failed.

    `notes` are sentences for whoever looks, of things that are no failure; `stages` the seconds that each took.
    """

    counts: dict[str, int]
    failures: list[ConnectorError]
    notes: list[Text] = field(default_factory=list)
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)


COUNTS = (
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


class _Pass:
    """One pass, and what it reports."""

    def __init__(self, pipeline: Pipeline, scope: Scope, providers: Sequence[Provider], watch: Watch) -> None:
        self._pipeline = pipeline
        self._scope = scope
        self._providers = providers
        self._watch = watch
        note = not_configured(pipeline.configuration)
        off = None if pipeline.submit.allowed else SENDING_OFF
        notes = [one for one in (off, note) if one is not None]
        self._report = PassReport(counts=dict.fromkeys(COUNTS, 0), failures=[], notes=notes)

    def run(self) -> PassReport:
        """Every stage of the scope, in order."""
        report, clock = self._report, self._pipeline.clock
        started = clock.monotonic()
        # asked before anything is called: a login that is refused now is told once, as the failure that it is
        stopped_before = self._pipeline.submit.stopped(self._providers)
        try:
            self._stage(Step.COLLECT, self._collect)
            self._stage(Step.MATCH, self._match)
        except ConnectorError as error:
            logger.error("Portal: %s", error)
            report.failures.append(error)
        self._stage(Step.READ, self._read)
        self._stage(Step.MAP, self._map)
        if not self._scope.dry_run:
            self._stage(Step.SUBMIT, self._submit)
            if self._scope.notify:
                self._stage(Step.NOTIFY, self._notify)
            self._stage(Step.WRITE_BACK, self._write_back)
        report.failures.extend(stopped_before.values())
        report.seconds = clock.monotonic() - started
        return report

    def _stage(self, step: Step, work: Callable[[], None]) -> None:
        """Tells the stage as it begins, and notes the seconds that it took."""
        self._watch(Reached(step=step))
        started = self._pipeline.clock.monotonic()
        try:
            work()
        finally:
            self._report.stages[step.replace("_", " ")] = self._pipeline.clock.monotonic() - started

    def _collect(self) -> None:
        collected = self._pipeline.collect(watch=self._watch)
        self._report.counts["seen"] = collected.scan.seen
        self._report.failures.extend(collected.failures)
        if collected.postponed:
            self._report.notes.append(Text("note.documents_wait", {"count": len(collected.postponed)}))

    def _match(self) -> None:
        matched = self._pipeline.match(self._scope.document_ids, watch=self._watch)
        self._report.counts.update(matched=matched.matched, ignored=matched.ignored)
        self._report.failures.extend(matched.failures)

    def _read(self) -> None:
        read = self._pipeline.read(self._scope.document_ids, watch=self._watch)
        self._report.counts.update(read=read.read, unreadable=read.unreadable)
        self._report.failures.extend(read.failures)

    def _map(self) -> None:
        mapped = self._pipeline.map(self._scope.document_ids, dry_run=self._scope.dry_run, watch=self._watch)
        self._report.counts.update(ready=mapped.ready, to_complete=mapped.to_complete)
        self._report.failures.extend(mapped.failures)

    def _submit(self) -> None:
        """Sends, then looks how long the logins hold, except of those that failed just now."""
        pipeline, report = self._pipeline, self._report
        failed: set[str] = set()
        for key in pipeline.plan(self._scope):
            result = pipeline.submit(key, document_ids=self._scope.document_ids, watch=self._watch)
            for name in ("submitted", "refused", "unknown", "to_complete"):
                report.counts[name] += result.counts()[name]
            report.failures.extend(result.failures)
            if result.failure is not None:
                failed.add(key)
        providers = self._providers or pipeline.configuration.providers
        pipeline.submit.check_credentials(*(one.key for one in providers if one.key not in failed))

    def _notify(self) -> None:
        self._report.failures.extend(self._pipeline.notify(watch=self._watch).failures)

    def _write_back(self) -> None:
        self._report.failures.extend(self._pipeline.write_back(watch=self._watch).failures)
