"""What is too old goes, and nothing that proves a sending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.tables import attempts, events, readings, tracked_statuses
from include.application.retention import retain
from include.bootstrap import services
from include.cli import app
from tests.integration.tracking.bench import TrackingBench

GONE = {"agents": 0, "texts": 0, "events": 0}


def rows(bench: TrackingBench, table: sa.Table) -> list[Any]:
    with bench.store.database.read() as connection:
        return list(connection.execute(sa.select(table)))


def agents(bench: TrackingBench) -> None:
    with bench.store.database.write() as connection:
        connection.execute(tracked_statuses.update().values(agent_mail="agent@mairie.example", at=bench.clock.now()))


def test_what_is_too_old_is_counted_then_removed_and_proofs_stay(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    bench.claimed("F-2")
    bench.retrieve()
    agents(bench)
    with bench.store.database.write() as connection:
        connection.execute(events.update().values(distributed=True))
    told, entries, tries = rows(bench, events), rows(bench, tracked_statuses), rows(bench, attempts)

    def look(apply: bool) -> dict[str, int]:
        return retain(bench.store.retention, bench.configuration, bench.clock, apply=apply)

    bench.clock.advance(days=364)
    assert look(True) == GONE
    bench.clock.advance(days=2)
    assert look(False) == {**GONE, "events": len(told)}
    assert len(rows(bench, events)) == len(told), "a dry run removes nothing"
    bench.clock.advance(days=366)
    assert look(True) == {"agents": len(entries), "texts": 1, "events": len(told)}
    assert look(True) == GONE
    assert rows(bench, events) == [] and len(rows(bench, readings)) == 1, "F-2 is not settled: its reading is needed"
    kept = rows(bench, tracked_statuses)
    assert [row.code for row in kept] == [row.code for row in entries]
    assert {row.agent_mail for row in kept} == {None}
    assert rows(bench, attempts) == tries


def test_what_nobody_was_told_of_stays(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    waiting = len(rows(bench, events))
    bench.clock.advance(days=800)
    found = retain(bench.store.retention, bench.configuration, bench.clock, apply=True)
    assert waiting and found["events"] == 0 and len(rows(bench, events)) == waiting


def test_the_command_wants_to_be_told_which(own_home: Path) -> None:
    services().store.database.migrate()
    for wrong in ([], ["--dry-run", "--apply"]):
        failed = CliRunner().invoke(app, ["retention", *wrong])
        assert type(failed.exception).__name__ == "InputError", failed.output
    done = CliRunner().invoke(app, ["retention", "--dry-run", "--json"])
    assert json.loads(done.stdout) == {"applied": False, "counts": GONE}
