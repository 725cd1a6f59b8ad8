"""What is too old goes, and nothing that proves a sending."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.core.codec import Reasons, dump, load
from include.adapters.storage.core.column_types import CompressedJson
from include.adapters.storage.core.tables import (
    attempts,
    events,
    invoices,
    metadata,
    readings,
    remote_readings,
    tracked_statuses,
)
from include.application.operations.retention import retain, retain_by_itself
from include.bootstrap import services
from include.cli import app
from include.domain.configuration import Retention
from include.domain.fields import Candidate, Source
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue, LearnedLine
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.text import Line, Page, TextSource, Word
from include.domain.tracking import Agent
from tests.factories import complete_draft
from tests.integration.storage.seeded import list_all
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


SECRET = "MARTINEAU"  # pragma: allowlist secret
"""Stands for an agent's name and for words of a page; after the periods it may stand nowhere."""


def leaked(bench: TrackingBench) -> list[str]:
    """Columns of any table that still hold it, whatever their type."""
    found = []
    with bench.store.database.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, CompressedJson):
                    stored = (json.dumps(value, ensure_ascii=False) for value in connection.scalars(sa.select(column)))
                    if any(SECRET in text.upper() for text in stored):
                        found.append(f"{table.name}.{column.name}")
                    continue
                text = sa.func.upper(sa.cast(column, sa.Text))
                if connection.scalar(sa.select(sa.func.count()).select_from(table).where(text.contains(SECRET))):
                    found.append(f"{table.name}.{column.name}")
    return found


def full_of_persons(bench: TrackingBench) -> None:
    """Every place that the product writes words of a page, or a person of a public body, into."""
    line = Line(words=(Word(text=SECRET, box=(1.0, 1.0, 9.0, 9.0)),))
    page = Page(number=1, width=595, height=842, source=TextSource.TEXT, lines=(line,))
    seen = Candidate(value="F-0", source=Source.TEXT, page=1, box=(1.0, 1.0, 9.0, 9.0), text=f"suivi par {SECRET}")
    quoted = Reason(code="refused", params={"number": "1", "label": SECRET})
    read = Reading(kind=DocumentKind.DIGITAL, pages=(page,), fields={"invoice_number": (seen,)})
    number = FieldValue(chosen=Candidate(value="F-1", source=Source.TEXT, page=1, text=SECRET), others=(seen,))
    draft = complete_draft("F-1").with_field("invoice_number", number)
    draft = dataclasses.replace(draft, warnings=(quoted,), learned_lines=(LearnedLine(wording=SECRET, siret="1"),))
    told = {"draft": dump(Draft, draft), "reasons": dump(Reasons, (quoted,)), "warnings": dump(Reasons, (quoted,))}
    theirs = {"provider_key": "p", "content_sha256": "0" * 64, "fields": {"comment": SECRET}}
    with bench.store.database.write() as connection:
        connection.execute(invoices.update().values(**told))
        list_all(connection)
        connection.execute(readings.update().values(reading=dump(Reading, read)))
        connection.execute(remote_readings.insert().values(**theirs, read_at=bench.clock.now()))


@pytest.mark.parametrize("state", [State.SUBMITTED, State.CLOSED, State.DISCARDED])
def test_nothing_personal_is_left_in_any_table_after_the_periods(bench: TrackingBench, state: State) -> None:
    held = bench.submitted("F-1")
    agent = Agent(first_name="Anne", last_name=SECRET, mail=f"a.{SECRET}@mairie.example", phone="04 50 00 00 00")
    held.move("SUSPENDUE", bench.clock.now(), f"Voir Mme {SECRET.title()}, {agent.mail} ou {agent.phone}", agent)
    held.move("MISE_A_DISPOSITION", bench.clock.now())
    bench.retrieve()
    full_of_persons(bench)
    with bench.store.database.write() as connection:
        connection.execute(invoices.update().values(state=state))
        list_all(connection)
        connection.execute(events.update().values(distributed=True))
        entry = tracked_statuses.update().where(tracked_statuses.c.agent_last_name.is_(None))
        connection.execute(entry.values(agent_last_name=SECRET, at=None, comment=SECRET))
    sent = rows(bench, attempts)
    assert len(leaked(bench)) >= 8
    for apply in (False, True):
        bench.clock.advance(days=731)
        found = retain(bench.store.retention, bench.configuration, bench.clock, apply=apply)
        assert found["agents"] >= 2 and found["texts"] == 3 and found["events"], found
        assert bool(leaked(bench)) is not apply
    assert retain(bench.store.retention, bench.configuration, bench.clock, apply=True) == GONE
    assert rows(bench, attempts) == sent
    [kept] = rows(bench, invoices)
    assert load(Draft, kept.draft).text("invoice_number") == "F-1"
    assert "Voir Mme \N{HORIZONTAL ELLIPSIS}" in " ".join(row.comment or "" for row in rows(bench, tracked_statuses))


def test_what_is_still_to_be_corrected_keeps_its_words(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    full_of_persons(bench)
    with bench.store.database.write() as connection:
        connection.execute(invoices.update().values(state=State.TO_PROCESS))
        list_all(connection)
    before = rows(bench, invoices)
    bench.clock.advance(days=731)
    assert retain(bench.store.retention, bench.configuration, bench.clock, apply=True)["texts"] == 1, "an orphan"
    assert rows(bench, invoices) == before


def test_by_itself_once_a_day_and_only_where_it_is_asked_for(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    full_of_persons(bench)
    bench.clock.advance(days=731)

    def day(**section: Any) -> dict[str, int] | None:
        wanted = bench.configuration.model_copy(update={"retention": Retention(**section)})
        return retain_by_itself(bench.store.retention, bench.store.watch, wanted, bench.clock)

    assert day() is None and leaked(bench), "off from the start"
    found = day(automatic=True)
    assert found is not None and found["texts"] and not leaked(bench)
    bench.clock.advance(hours=22)
    assert day(automatic=True) is None
    bench.clock.advance(hours=2)
    assert day(automatic=True) is not None


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
