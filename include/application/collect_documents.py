"""First station: one look at the portal, and what it changed in our store."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from include.application.ports import Clock, DocumentPortal
from include.application.storage_ports import Documents, ScanResult

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one look found; `postponed` maps portal ids to the code of the reason why they were not taken this time."""

    scan: ScanResult
    postponed: Mapping[str, str] = field(default_factory=dict)


def collect_documents(portal: DocumentPortal, documents: Documents, clock: Clock) -> Collected:
    """Looks at the whole portal and stores what is new, changed, moved, gone or back.

    PortalUnavailableError, with nothing marked, when the portal does not answer or everything is gone at once.
    """
    listing = portal.scan(documents.known_signatures())
    scan = documents.record_scan(listing, now=clock.now())
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
    return Collected(scan=scan, postponed=listing.postponed)
