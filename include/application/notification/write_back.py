"""Tells the portal what became of its documents: their state and the Chorus Pro number, in metadata named for it.

Which metadata is said by `portal.write_back {state, chorus_id}`. What was last written is remembered with the invoice,
so each pass writes only what changed since; what could not be written is simply still due in the next pass. Nothing
here can keep an invoice from being sent: this is the last thing a pass does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.portal import DocumentPortal
from include.application.ports.write_backs import WriteBacks, WriteBackWork
from include.application.progress import Progress, Step, Watch, unwatched
from include.domain.configuration import Configuration, Portal
from include.domain.errors import ConfigurationError, ConnectorError, PortalUnavailableError
from include.domain.internal_errors import Item
from include.domain.notification import TOLD_STATES
from include.texts import translate

logger = logging.getLogger(__name__)

LARGEST_PASS = 500
LONGEST_PASS_SECONDS = 120.0
UNANSWERED = 3
"""Documents in a row for which the portal did not answer, after which the pass stops writing."""


@dataclass(frozen=True, kw_only=True)
class WriteBackReport:
    """How many documents were written and how many were not; `failure` is what ended the pass early.

    `internal` are errors of single documents that nobody foresaw.
    """

    written: int = 0
    failed: int = 0
    failure: ConnectorError | None = None
    internal: list[ConnectorError] = field(default_factory=list)

    @property
    def failures(self) -> list[ConnectorError]:
        """All that the run has to end with."""
        return [*([self.failure] if self.failure else []), *self.internal]


@dataclass(frozen=True, kw_only=True)
class WriteBack:
    """The stage over one configuration."""

    open_portal: Callable[[], DocumentPortal]
    write_backs: WriteBacks
    internal_errors: InternalErrors
    configuration: Configuration
    clock: Clock

    def has_work(self) -> bool:
        """Whether something is to be written into the portal."""
        return bool(self._due(limit=1))

    def __call__(self, *, watch: Watch = unwatched) -> WriteBackReport:
        """Writes what is due. One document that cannot be written never costs the others."""
        work, settings = self._due(limit=LARGEST_PASS), self.configuration.portal
        if settings is None or not work:
            return WriteBackReport()
        pass_ = _Pass(self, settings)
        failure: ConnectorError | None = None
        try:
            pass_.write(self.open_portal(), work, Progress(Step.WRITE_BACK, self.clock, watch, total=len(work)))
        except ConnectorError as error:
            failure = error
        logger.info("Write-back: %d written, %d not", pass_.written, pass_.failed)
        return WriteBackReport(
            written=pass_.written, failed=pass_.failed, failure=failure, internal=pass_.isolation.failures
        )

    def _due(self, limit: int) -> list[WriteBackWork]:
        """What is to be written; nothing where no metadata is named for it."""
        settings = self.configuration.portal
        if settings is None or not (targets := _targets(settings)):
            return []
        return self.write_backs.to_write_back(targets, TOLD_STATES, limit=limit)


class _Pass:
    """The documents of one run, one after the other."""

    def __init__(self, stage: WriteBack, settings: Portal) -> None:
        self._stage = stage
        self._settings = settings
        self._unanswered = 0
        self.isolation = Isolation("write_back", stage.internal_errors, stage.clock)
        self.written = 0
        self.failed = 0

    def write(self, portal: DocumentPortal, work: Sequence[WriteBackWork], progress: Progress) -> None:
        """ConfigurationError, or what the portal said last when it answers no more."""
        clock = self._stage.clock
        ends = clock.monotonic() + LONGEST_PASS_SECONDS
        for place, item in enumerate(work):
            if clock.monotonic() >= ends:
                logger.warning("Write-back: %d documents wait for the next pass", len(work) - place)
                return
            done = self.written
            with self.isolation.confined(Item("invoice", f"{item.invoice_id}, document {item.portal_id}")):
                self._write(portal, item)
            self.failed += self.written == done
            progress.advance()

    def _write(self, portal: DocumentPortal, item: WriteBackWork) -> None:
        try:
            portal.write_back(item.portal_id, _values(self._settings, item))
        except ConfigurationError:
            raise
        except ConnectorError as error:
            self._unanswered = self._unanswered + 1 if isinstance(error, PortalUnavailableError) else 0
            logger.warning("Document of invoice %d is not written back: %s", item.invoice_id, error)
            if self._unanswered >= UNANSWERED:
                self.failed += 1
                raise
            return
        self._unanswered = 0
        self._stage.write_backs.written_back(item)
        self.written += 1


def written_names(portal: Portal) -> tuple[str, ...]:
    """Names of the metadata that are ours: what stands in them tells nothing about the invoice."""
    names = portal.write_back
    return tuple(name for name in (names.state, names.chorus_id) if name)


def _targets(portal: Portal) -> str:
    names = {"state": portal.write_back.state, "chorus_id": portal.write_back.chorus_id}
    return ", ".join(f"{what} in {name}" for what, name in names.items() if name)


def _values(portal: Portal, work: WriteBackWork) -> dict[str, str]:
    """The state in the product's first language, for the people who look into the portal."""
    values = {}
    if portal.write_back.state:
        values[portal.write_back.state] = translate(f"state.{work.state}", "fr")
    if portal.write_back.chorus_id:
        values[portal.write_back.chorus_id] = "" if work.chorus_id is None else str(work.chorus_id)
    return values
