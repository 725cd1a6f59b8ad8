"""A backfilled week, seven nights, and nights that failed leave the same store."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from tests.factories import configuration
from tests.fakes.chorus import Fault
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.conftest import ready_invoice
from tests.integration.tracking.bench import TrackingBench

DAYS = 7
Night = Callable[[TrackingBench, int], None]


def week(folder: Path, migrated: Path, each_night: Night, at_the_end: Night) -> list[Any]:
    """A week on the platform, ways to follow it, and what our store says in the end."""
    folder.mkdir()
    shutil.copy(migrated, folder / "chorus.db")
    store = Store(Database(f"sqlite:///{folder / 'chorus.db'}"))
    store.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    clock = FakeClock()
    bench = TrackingBench(store, clock, lambda number: ready_invoice(store, number, number.encode(), clock.now()))
    for n in range(6):
        bench.put(f"P-{n}", "MISE_A_DISPOSITION")
    bench.submitted("F-1")
    bench.retrieve()
    # one change a day for each, so that no way sees more of it than another: 21 h before the night
    course = ["MANDATEE", "SUSPENDUE", "COMPLETEE", "A_RECYCLER", "DEPOSEE", "INVENTED", "REJETEE"]
    for day in range(DAYS):
        clock.advance(hours=3)
        for place, number in enumerate(["P-0", "P-1", "P-2", "P-3", "P-4", "P-5", "F-1"]):
            if place == day or number == "F-1":
                bench.platform.set_status(number, course[(place + day + 1) % DAYS], f"jour {day}")
        bench.put(f"N-{day}", course[day])
        clock.advance(hours=21)
        each_night(bench, day)
    at_the_end(bench, DAYS)
    left = bench.everything()
    store.database.close()
    return [part for place, part in enumerate(left) if place < 3]  # what was told depends on how often one looked


def nothing(_bench: TrackingBench, _day: int) -> None:
    """No run that night."""


def retrieve(bench: TrackingBench, _day: int) -> None:
    assert bench.retrieve().complete


def backfill(bench: TrackingBench, _day: int) -> None:
    """Each interval of the week again, as Airflow makes runs of a range of dates."""
    for day in range(DAYS):
        assert bench.retrieve(since=START + dt.timedelta(days=day)).complete


def outage(bench: TrackingBench, day: int) -> None:
    """Only the first and the last night work."""
    if 0 < day < DAYS - 1:
        bench.platform.fail("search_since", Fault.UNAVAILABLE)
        assert bench.retrieve().failure is not None
    else:
        retrieve(bench, day)


def test_every_way_through_the_week_ends_in_the_same_store(tmp_path: Path, migrated_file: Path) -> None:
    nights = week(tmp_path / "nights", migrated_file, retrieve, nothing)
    assert any("REJETEE" in line for line in nights[0])
    assert week(tmp_path / "backfill", migrated_file, nothing, backfill) == nights
    assert week(tmp_path / "outage", migrated_file, outage, nothing) == nights
    assert week(tmp_path / "one night", migrated_file, nothing, retrieve) == nights
    assert week(tmp_path / "both", migrated_file, retrieve, backfill) == nights
