"""The platform's directory as we hold it: asked anew on demand, and shown with the invoices that it blocks."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.mapping.look_up_recipient import LookedUp, RecipientLookup
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.providers import Providers
from include.application.ports.recipients import DirectoryBook, DirectoryUse
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration, Provider
from include.domain.directory import DirectoryEntry
from include.domain.errors import ConnectorError, InputError
from include.domain.reasons import Reason
from include.domain.rights import OWNER, Viewer

logger = logging.getLogger(__name__)

FACTS = ("name", "active", "service_required", "engagement_required", "service_or_engagement", "reports_payment")
LISTED = "listed"
"""The fact that a service stands in the directory at all."""


@dataclass(frozen=True, kw_only=True)
class EntryChange:
    """One difference between the entry as it was and as the platform shows it now; `service` names the service."""

    what: str
    before: Any
    after: Any
    service: str | None = None


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """One body asked for in one environment. Without `entry` nobody could be asked, or the platform refused."""

    environment: str
    siret: str
    entry: DirectoryEntry | None
    new: bool = False
    changes: tuple[EntryChange, ...] = ()
    refusal: Reason | None = None

    @property
    def known(self) -> bool:
        """Whether the platform lists the body."""
        return self.entry is not None and self.entry.structure_id != 0


@dataclass(kw_only=True)
class RefreshReport:
    """What was asked, and which surroundings failed."""

    bodies: list[Refreshed] = field(default_factory=list)
    failures: list[ConnectorError] = field(default_factory=list)


def refresh_directory(
    *,
    cache: DirectoryCache,
    book: DirectoryBook,
    providers: Providers,
    chorus: Chorus,
    configuration: Configuration,
    clock: Clock,
    sirets: Sequence[str] = (),
    watch: Watch = unwatched,
) -> RefreshReport:
    """Asks the platform anew for these bodies in every environment, or for every body in use.

    In use are the bodies that the platform lists and those that an unsent invoice names. What changed marks the
    invoices that use it: the next pass assesses them again. InputError when no provider is configured.
    """
    lookup = RecipientLookup(cache=cache, providers=providers, chorus=chorus, clock=clock, refresh_hours=0)
    askers = _askers(lookup, configuration)
    if not configuration.providers:
        raise InputError("no_provider_configured")
    named = [(environment, siret) for environment in askers for siret in dict.fromkeys(sirets)]
    wanted = named if sirets else _in_use(book)
    report = RefreshReport(failures=lookup.failures)
    progress = Progress(Step.DIRECTORY, clock, watch, total=len(wanted))
    for environment, siret in wanted:
        before = cache.get(environment, siret)
        found = _ask(lookup, askers.get(environment, ()), siret)
        report.bodies.append(_refreshed(environment, siret, before, found))
        progress.advance()
    logger.info(
        "Directory: %s bodies asked, %s changed", len(report.bodies), sum(bool(b.changes) for b in report.bodies)
    )
    return report


def _askers(lookup: RecipientLookup, configuration: Configuration) -> dict[str, list[Provider]]:
    """The providers that can ask in each environment."""
    found: dict[str, list[Provider]] = {}
    for provider in configuration.providers:
        environment = lookup.environment(provider)
        if environment is not None:
            found.setdefault(environment, []).append(provider)
    return found


def _in_use(book: DirectoryBook) -> list[tuple[str, str]]:
    used = {(use.environment, use.siret) for use in book.uses(OWNER)}
    listed = {(stored.environment, stored.entry.siret) for stored in book.entries() if stored.entry.structure_id}
    return sorted(used | listed)


def _ask(lookup: RecipientLookup, askers: Sequence[Provider], siret: str) -> LookedUp:
    """The first provider that gets an answer; an old entry is no answer here."""
    for provider in askers:
        found = lookup.find(provider, siret)
        if not found.postponed and not found.old:
            return found
    return LookedUp(postponed=True)


def _refreshed(environment: str, siret: str, before: DirectoryEntry | None, found: LookedUp) -> Refreshed:
    changes = tuple(_changes(before, found.entry)) if before is not None and found.entry is not None else ()
    return Refreshed(
        environment=environment,
        siret=siret,
        entry=found.entry,
        new=before is None and found.entry is not None,
        changes=changes,
        refusal=found.refusal,
    )


def _changes(before: DirectoryEntry, after: DirectoryEntry) -> Iterator[EntryChange]:
    for name in FACTS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield EntryChange(what=name, before=old, after=new)
    was, now = {s.code: s for s in before.services}, {s.code: s for s in after.services}
    for code in dict.fromkeys((*was, *now)):
        if code not in now or code not in was:
            yield EntryChange(what=LISTED, before=code in was, after=code in now, service=code)
            continue
        for name in ("name", "active", "engagement_required"):
            old, new = getattr(was[code], name), getattr(now[code], name)
            if old != new:
                yield EntryChange(what=name, before=old, after=new, service=code)


# -- what we hold ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class HeldEntry:
    """An entry as we hold it, and the unsent invoices that cannot go because of it.

    `blocked_services` are the service codes that these invoices name and that are closed or not listed.
    """

    environment: str
    entry: DirectoryEntry
    age: dt.timedelta
    uses: int
    blocked: tuple[DirectoryUse, ...]
    blocked_services: tuple[str, ...]


def list_directory(book: DirectoryBook, clock: Clock, viewer: Viewer) -> list[HeldEntry]:
    """Every entry with what it blocks; a person who does not see everything sees those of visible invoices only."""
    now = clock.now()
    uses: dict[tuple[str, str], list[DirectoryUse]] = {}
    for use in book.uses(viewer):
        uses.setdefault((use.environment, use.siret), []).append(use)
    held = []
    for stored in book.entries():
        mine = uses.get((stored.environment, stored.entry.siret), [])
        if mine or viewer.everything:
            held.append(_held(stored.environment, stored.entry, mine, now))
    return held


def blocking(book: DirectoryBook, clock: Clock, viewer: Viewer) -> list[HeldEntry]:
    """The bodies that keep invoices from going, for who administers: all of them, the one that blocks most first."""
    check_administers(viewer)
    held = [one for one in list_directory(book, clock, OWNER) if one.blocked]
    return sorted(held, key=lambda one: (-len(one.blocked), one.entry.name))


def _held(environment: str, entry: DirectoryEntry, uses: Sequence[DirectoryUse], now: dt.datetime) -> HeldEntry:
    blocked = [use for use in uses if not entry.active or not _service_takes(entry, use.service_code)]
    codes = sorted({use.service_code for use in blocked if use.service_code and entry.active})
    return HeldEntry(
        environment=environment,
        entry=entry,
        age=now - entry.fetched_at,
        uses=len(uses),
        blocked=tuple(blocked),
        blocked_services=tuple(codes),
    )


def _service_takes(entry: DirectoryEntry, code: str | None) -> bool:
    service = entry.service(code) if code else None
    return code is None or (service is not None and service.active)
