"""The port `DocumentPortal` on a portal's web services."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from include.adapters.portal.http.adding import Adding
from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError
from include.adapters.portal.http.calls import CALL_SECONDS, FILE_SECONDS, Calls
from include.adapters.portal.http.facts import UnclearError
from include.adapters.portal.http.listing import Listed, Lister, Listing, is_id
from include.adapters.portal.http.settings import PortalSettings
from include.adapters.portal.http.taking import NO_ANSWER, UNCHANGED, UNCLEAR, Outcome, Taking
from include.adapters.portal.http.writing import write_metadata
from include.application.ports.clock import Clock
from include.application.ports.portal import MAX_BYTES, AddedDocument, NewDocument, OnProgress, untold
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import DocumentError, InputError, PortalUnavailableError
from include.domain.internal_errors import setting_aside
from include.texts import Spoken, Text

logger = logging.getLogger(__name__)

FOLDER_CLOSED = "portal_folder_closed"
SILENT_DOCUMENTS = 5
"""Documents in a row for which no answer came, before the rest is left to the next pass."""
SCAN_SECONDS = 600.0


@dataclass(kw_only=True)
class _Looked:
    """What the look at single documents found."""

    gone: set[str] = field(default_factory=set)
    changed: list[PortalDocument] = field(default_factory=list)
    postponed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    answered: int = 0
    silent: int = 0

    def note(self, portal_id: str, outcome: Outcome) -> None:
        """What became of one document."""
        self.silent = self.silent + 1 if outcome == NO_ANSWER else 0
        self.answered += outcome != NO_ANSWER
        if isinstance(outcome, PortalDocument):
            self.changed.append(outcome)
        elif isinstance(outcome, str):
            self.postponed[portal_id] = outcome
        elif outcome is not UNCHANGED:
            self.gone.add(portal_id)


class HttpPortal:
    """Lists the whole portal at each look and reads in full only what is new or told differently.

    A document whose listing tells nothing of changes is asked about by itself, at most `recheck` of them per look,
    chosen by chance so that none is forgotten. A signature begins with the folders above the document: what lies in a
    folder that cannot be listed is known by it, and counts as neither seen nor gone.
    """

    links = False

    def __init__(
        self,
        settings: PortalSettings,
        *,
        clock: Clock,
        own_metadata: Collection[str] = (),
        sleep: Callable[[float], None] = time.sleep,  # tests wait on a clock of their own
        mask_secret: Callable[[str], None] = lambda _secret: None,
        call_seconds: float = CALL_SECONDS,
        file_seconds: float = FILE_SECONDS,
        scan_seconds: float = SCAN_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._scan_seconds = scan_seconds
        self._calls = Calls(
            settings, sleep=sleep, mask_secret=mask_secret, call_seconds=call_seconds, file_seconds=file_seconds
        )
        self._taking = Taking(self._calls, settings, own_metadata, clock)

    def scan(
        self, known: Mapping[str, str], *, on_progress: OnProgress = untold, most: int | None = None
    ) -> PortalListing:
        """One look at everything; what is not reached in time is seen, and read by the next look."""
        ends = self._clock.monotonic() + self._scan_seconds
        listing = self._lister(ends, on_progress).list()
        hidden = {
            key: FOLDER_CLOSED
            for key, signature in known.items()
            if key not in listing.documents and not listing.closed.isdisjoint(signature.partition("|")[0].split("/"))
        }
        unclear = dict.fromkeys(listing.unclear, UNCLEAR)
        looked = self._look(listing, known, ends, on_progress, most)
        seen = listing.documents.keys() - looked.gone
        return PortalListing(
            seen=frozenset(seen | hidden.keys() | unclear.keys()),
            changed=tuple(sorted(looked.changed, key=lambda document: document.portal_id)),
            postponed=looked.postponed | hidden | unclear,
            errors=looked.errors,
        )

    def count(self) -> int:
        """How many documents the portal lists; none of them is read."""
        return len(self._lister(self._clock.monotonic() + self._scan_seconds).list().documents)

    def _lister(self, ends: float, on_progress: OnProgress = untold) -> Lister:
        in_time = partial(self._in_time, ends)
        return Lister(self._calls, self._settings, in_time=in_time, on_progress=on_progress)

    def _in_time(self, ends: float) -> bool:
        return self._clock.monotonic() < ends

    def read(self, portal_id: str) -> bytes:
        """The bytes of a document; InputError for what is no id of this portal."""
        _require_id(portal_id)
        try:
            received = self._calls.get_file(f"/ws/v2/file/{portal_id}", limit=MAX_BYTES)
        except (NoAnswerError, GoneError, RefusedError) as error:
            raise _cannot_read(portal_id, error.cause) from error
        if received.promised not in (None, received.digest):
            raise _cannot_read(portal_id, Text("portal.other_bytes"))
        return received.content

    def write_back(self, portal_id: str, values: Mapping[str, str]) -> None:
        """Sets these metadata of a document; see `write_metadata`."""
        if not is_id(portal_id):
            raise DocumentError("not_in_the_portal", portal_id=portal_id)
        write_metadata(self._calls, self._settings, self._taking, portal_id, values)

    def add(self, document: NewDocument, attachments: Sequence[NewDocument] = ()) -> AddedDocument:
        """Files a document and those that go along; these web services know no links."""
        ends = self._clock.monotonic() + self._scan_seconds
        adding = Adding(calls=self._calls, settings=self._settings, lister=self._lister(ends), taking=self._taking)
        return adding.add(document, attachments)

    def _look(
        self, listing: Listing, known: Mapping[str, str], ends: float, on_progress: OnProgress, most: int | None
    ) -> _Looked:
        fresh, again = self._choose(listing.documents, known)
        looked, left = _Looked(), 0
        wanted = [*((item, True) for item in fresh), *((item, False) for item in again)][:most]
        for place, (item, is_fresh) in enumerate(wanted):
            on_progress(place, len(wanted))
            if looked.silent >= SILENT_DOCUMENTS or not self._in_time(ends):
                left += is_fresh
                continue
            with setting_aside(looked.errors, item.portal_id):
                looked.note(item.portal_id, self._taking.take(item, known.get(item.portal_id), again=not is_fresh))
        if looked.silent >= SILENT_DOCUMENTS and not looked.answered:
            raise PortalUnavailableError("portal_silent", count=looked.silent)
        if left:
            logger.warning("Portal: %d new or changed documents wait for the next pass", left)
        return looked

    def _choose(
        self, documents: Mapping[str, Listed], known: Mapping[str, str]
    ) -> tuple[Sequence[Listed], Sequence[Listed]]:
        """Documents to read, and some of those to ask about again, each in an order that changes with every look.

        So neither a few bad documents nor a short time can keep out the same ones for ever.
        """
        chance = random.Random(self._clock.now().timestamp())
        fresh, quiet = [], []
        for item in documents.values():
            before = known.get(item.portal_id)
            if before is None or _as_listed(before) != f"{item.chain}|{_token(item)}":
                fresh.append(item)
            elif not (self._settings.trust_dates and item.facts.tells_changes):
                quiet.append(item)
        chance.shuffle(fresh)
        return fresh, chance.sample(quiet, min(len(quiet), self._settings.recheck))


def _as_listed(signature: str) -> str:
    return signature.rpartition("|")[0]


def _token(item: Listed) -> str | None:
    """None where the listing holds what nobody can store: then the document is read, and its reason told."""
    try:
        return item.token
    except UnclearError:
        return None


def _require_id(portal_id: str) -> None:
    if not is_id(portal_id):
        raise InputError("no_document_of_the_portal", portal_id=portal_id)


def _cannot_read(portal_id: str, why: Spoken) -> PortalUnavailableError:
    return PortalUnavailableError("portal_document_unreadable_now", portal_id=portal_id, cause=why)
