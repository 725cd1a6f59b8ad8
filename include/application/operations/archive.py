"""Finished years out of our tables into packs (`chorus archive`); what proves a sending stays where it is looked up.

A pack is stored and read back before anything is removed, and what is removed is exactly what is in it. So a process
that ends at any moment leaves at most a pack that nobody needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from include.application.ports.archive import ArchiveStore
from include.application.ports.clock import Clock
from include.application.ports.files import Files
from include.domain.errors import StoreError

IN_A_PACK = 500


@dataclass(kw_only=True)
class ArchiveReport:
    """What was found finished, by year, and with `applied` how many were moved into how many packs of so many bytes."""

    applied: bool
    years: Mapping[int, int]
    archived: int = 0
    packs: list[str] = field(default_factory=list)
    bytes_packed: int = 0

    @property
    def found(self) -> int:
        """All years."""
        return sum(self.years.values())


def archive(
    store: ArchiveStore,
    packs: Files,
    clock: Clock,
    *,
    before: dt.datetime,
    apply: bool,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> ArchiveReport:
    """Everything that was finished before that moment; without `apply` it is only counted.

    `on_progress` hears how many are done, and of how many. StoreError when a pack is not kept as it was written.
    """
    report = ArchiveReport(applied=apply, years=store.finished_by_year(before=before))
    after, done = 0, 0
    while apply and (ids := store.finished(before=before, after=after, limit=IN_A_PACK)):
        packed = store.pack(ids)
        sha256 = packs.put(packed.content)
        if packs.get(sha256) != packed.content:
            raise StoreError("pack_differs", first=min(ids), last=max(ids))
        report.archived += store.leave(packed, sha256, now=clock.now())
        report.packs.append(sha256)
        report.bytes_packed += len(packed.content)
        after, done = max(ids), done + len(ids)
        on_progress(done, report.found)
    return report
