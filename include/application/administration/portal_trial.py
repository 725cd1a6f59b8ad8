"""What a look at a portal finds, by settings that need not be stored; nothing is taken.

Where documents that we know are missing, the address is another portal's, or its folders moved: once they were missing
in two passes, their invoices that are not sent yet are held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from include.application.ports.portal import DocumentPortal
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration
from include.domain.document import PortalDocument
from include.domain.rights import Viewer

MOST_READ = 5
"""Documents that a trial reads in full."""


@dataclass(frozen=True, kw_only=True)
class PortalTrial:
    """`documents` are seen; of those that we know, `missing` are not among them.

    `sample` was read in full; of the others that should have been, `postponed` tells the code of the reason.
    """

    documents: int
    known: int
    missing: int
    sample: Sequence[PortalDocument]
    postponed: Mapping[str, str]


def try_portal(portal: DocumentPortal, known: Collection[str], viewer: Viewer) -> PortalTrial:
    """One look; the errors of looking. NotThereError for who does not administer."""
    check_administers(viewer)
    found = portal.scan({}, most=MOST_READ)
    here = found.seen | found.postponed.keys()
    return PortalTrial(
        documents=len(here),
        known=len(known),
        missing=sum(1 for one in known if one not in here),
        sample=found.changed,
        postponed=found.postponed,
    )


def moves_portal(current: Configuration, wanted: Configuration) -> bool:
    """Whether documents would be looked for elsewhere than they are now; a first portal moves nothing."""
    before, after = current.portal, wanted.portal
    if before is None:
        return False
    return after is None or (before.kind, before.url, before.connection) != (after.kind, after.url, after.connection)
