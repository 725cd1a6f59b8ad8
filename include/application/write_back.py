"""Tells the portal what became of its documents: their state and the Chorus Pro number, in metadata named for it.

Which metadata is said by `portal.write_back {state, chorus_id}`. What was last written is remembered with the invoice,
so each pass writes only what changed since; what could not be written is simply still due in the next pass. Nothing
here can keep an invoice from being sent: this is the last thing a pass does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from include.application.ports import Clock, DocumentPortal
from include.domain.configuration import Configuration, Portal
from include.domain.errors import ConfigurationError, ConnectorError, PortalUnavailableError
from include.domain.wordings.notification import STATES

logger = logging.getLogger(__name__)

LARGEST_PASS = 500
LONGEST_PASS_SECONDS = 120.0
UNANSWERED = 3
"""Documents in a row for which the portal did not answer, before the pass leaves it in peace."""


@dataclass(frozen=True, kw_only=True)
class WriteBackWork:
    """A document whose portal does not show how it stands; `told` is what will be remembered as written."""

    invoice_id: int
    portal_id: str
    state: str
    chorus_id: int | None
    told: str


class WriteBacks(Protocol):
    """What was written into the portal, as our store remembers it."""

    def to_write_back(self, targets: str, states: Sequence[str], *, limit: int) -> list[WriteBackWork]:
        """Invoices in one of these states of which something else was written last, the latest change first.

        `targets` names where it is written: other metadata means that all is due again. Documents that are not in the
        portal now are left out, and so are ignored ones of which nothing was ever written.
        """

    def written_back(self, work: WriteBackWork) -> None:
        """Remembers what was written."""


@dataclass(frozen=True, kw_only=True)
class WriteBackReport:
    """How many documents were written and how many were not; `trouble` is what ended the pass early."""

    written: int = 0
    failed: int = 0
    trouble: ConnectorError | None = None


class WriteBack:
    """The use case."""

    def __init__(
        self,
        *,
        open_portal: Callable[[], DocumentPortal],
        write_backs: WriteBacks,
        configuration: Configuration,
        clock: Clock,
    ) -> None:
        self._open_portal = open_portal
        self._write_backs = write_backs
        self._portal = configuration.portal
        self._clock = clock

    def due(self, limit: int = LARGEST_PASS) -> list[WriteBackWork]:
        """What is to be written; nothing where no metadata is named for it."""
        if self._portal is None or not (targets := _targets(self._portal)):
            return []
        return self._write_backs.to_write_back(targets, tuple(STATES), limit=limit)

    def __call__(self) -> WriteBackReport:
        """Writes what is due. One document that cannot be written never costs the others."""
        work = self.due()
        if self._portal is None or not work:
            return WriteBackReport()
        written = failed = unanswered = 0
        trouble: ConnectorError | None = None
        ends = self._clock.monotonic() + LONGEST_PASS_SECONDS
        try:
            portal = self._open_portal()
            for item in work:
                if self._clock.monotonic() >= ends:
                    logger.warning("Write-back: %d documents wait for the next pass", len(work) - written - failed)
                    break
                try:
                    portal.write_back(item.portal_id, _values(self._portal, item))
                except ConfigurationError:
                    raise
                except ConnectorError as error:
                    failed += 1
                    unanswered = unanswered + 1 if isinstance(error, PortalUnavailableError) else 0
                    logger.warning("Document of invoice %d is not written back: %s", item.invoice_id, error)
                    if unanswered >= UNANSWERED:
                        raise
                    continue
                unanswered = 0
                self._write_backs.written_back(item)
                written += 1
        except ConnectorError as error:
            trouble = error
        logger.info("Write-back: %d written, %d not", written, failed)
        return WriteBackReport(written=written, failed=failed, trouble=trouble)


def written_names(portal: Portal) -> tuple[str, ...]:
    """Names of the metadata that are ours: what stands in them tells nothing about the invoice."""
    told = portal.write_back
    return tuple(name for name in (told.state, told.chorus_id) if name)


def _targets(portal: Portal) -> str:
    told = portal.write_back
    named = {"state": told.state, "chorus_id": told.chorus_id}
    return ", ".join(f"{what} in {name}" for what, name in named.items() if name)


def _values(portal: Portal, work: WriteBackWork) -> dict[str, str]:
    """The state in the product's first language, for the people who look into the portal."""
    values = {}
    if portal.write_back.state:
        values[portal.write_back.state] = STATES[work.state][0]
    if portal.write_back.chorus_id:
        values[portal.write_back.chorus_id] = "" if work.chorus_id is None else str(work.chorus_id)
    return values
