"""First stage: one look at the portal, and what it changed in our store."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.documents import Documents, ScanResult
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.portal import DocumentPortal
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.providers.setup_hints import not_configured, untouched
from include.domain.configuration import Configuration
from include.domain.document import PortalListing
from include.domain.errors import ConnectorError
from include.domain.internal_errors import Item, apply_in_parts, setting_aside

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one look found; `postponed` maps portal ids to the code of the reason why they were not taken this time."""

    scan: ScanResult
    postponed: Mapping[str, str] = field(default_factory=dict)
    failures: list[ConnectorError] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Collect:
    """The stage over one configuration."""

    open_portal: Callable[[], DocumentPortal]
    documents: Documents
    internal_errors: InternalErrors
    configuration: Configuration
    clock: Clock

    def __call__(self, *, watch: Watch = unwatched) -> Collected:
        """Looks at the whole portal and stores what is new, changed, moved, gone or back.

        Before anything at all is configured there is no portal to look at.
        PortalUnavailableError, with nothing marked, when the portal does not answer or everything is gone at once.
        """
        if untouched(self.configuration):
            logger.info("%s", not_configured(self.configuration))
            return Collected(scan=ScanResult())
        isolation = Isolation("collect", self.internal_errors, self.clock)
        progress = Progress(Step.COLLECT, self.clock, watch)
        listing = self.open_portal().scan(self.documents.known_signatures(), on_progress=progress.reach)
        scan, errors = self._record(listing.without(listing.errors))
        isolation.caught_all({Item("document", name): error for name, error in {**listing.errors, **errors}.items()})
        for portal_id, code in listing.postponed.items():
            logger.warning("Document %s waits for the next pass: %s", portal_id, code)
        logger.info(
            "Portal: %d documents, %d new, %d changed, %d moved, %d vanished, %d back, %d postponed",
            scan.seen,
            scan.new,
            scan.changed,
            scan.moved,
            scan.vanished,
            scan.returned,
            len(listing.postponed),
        )
        return Collected(scan=scan, postponed=listing.postponed, failures=isolation.failures)

    def _record(self, listing: PortalListing) -> tuple[ScanResult, Mapping[str, Exception]]:
        """Stores the look whole, without the documents that cannot be stored; those are found by trying."""
        errors: dict[str, Exception] = {}
        now = self.clock.now()
        with setting_aside(errors, ""):
            return self.documents.record_scan(listing, now=now), {}
        failed = apply_in_parts(
            listing.changed,
            lambda part: self.documents.try_scan(dataclasses.replace(listing, changed=tuple(part)), now=now),
        )
        alone = {document.portal_id: error for document, error in failed}
        if not alone:
            raise errors[""]
        return self.documents.record_scan(listing.without(alone), now=now), alone
