"""The ten-minute run in every situation of its table: what runs, what is skipped, and the state of the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import pytest

from include.adapters.text.reader import PdfReader
from include.application.ports.paging import PageRequest
from include.application.ports.reader import ReadingHints
from include.application.ports.run_views import RunFilter
from include.domain.configuration import ReadingLimits
from include.domain.errors import ReaderUnavailableError
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.rights import OWNER
from tests.orchestration.world import AIRFLOW, DAG_ID, FIRST, SECOND, Run, World, fault, provider, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]


def ran_well(run: Run, *but: str) -> bool:
    """Whether every task but these succeeded."""
    return {state for task, states in run.tasks.items() if task not in but for state in states} == {"success"}


def test_new_documents_are_sent_and_told(world: World) -> None:
    world.file("FA-1")
    world.file("FA-2")
    run = run_dag()
    assert run.state == "success"
    assert run.stateof("watcher") == "skipped"
    assert ran_well(run, "watcher")
    assert world.on_platform() == ["FA-1", "FA-2"]
    assert world.states() == {"FA-1": "submitted", "FA-2": "submitted"}
    assert len(world.mails()) == 1


def test_each_move_and_attempt_keeps_the_run_and_task_that_made_it(world: World) -> None:
    world.file("FA-1")
    run = run_dag()
    views = world.services.store
    wanted = RunFilter(dag_id=DAG_ID, run_id=run.run_id)
    [row] = views.run_views.page(OWNER, wanted, PageRequest(sort="id")).items
    made = [(move.after, move.run.task_id, move.run.map_index) for move in row.moves if move.run]
    assert made == [
        ("detected", "collect_documents", None),
        ("matched", "match_criteria", None),
        ("read", "read_documents", 0),
        ("ready", "map_fields", None),
        ("submitting", "submit_invoices", 0),
        ("submitted", "submit_invoices", 0),
    ]
    assert [attempt.run for attempt in row.attempts] == [row.moves[-1].run]
    only_reading = dataclasses.replace(wanted, task_id="read_documents", map_index=0)
    [read] = views.run_views.page(OWNER, only_reading, PageRequest(sort="id")).items
    assert [move.after for move in read.moves] == ["read"]
    [last] = [one for one in views.run_views.last_runs() if one.flow == "submission"]
    assert (last.result, last.dag_id, last.run_id) == ("good", DAG_ID, run.run_id)


def test_with_nothing_to_do_one_task_runs_and_all_others_are_skipped(world: World) -> None:
    world.file("FA-1")
    run_dag()
    before = world.everything()
    run = run_dag()
    assert run.state == "success"
    assert run.tasks.pop("collect_documents") == ["success"]
    assert {state for states in run.tasks.values() for state in states} == {"skipped"}
    assert world.everything() == before


def test_ready_ones_that_waited_are_sent_though_nothing_is_new(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    assert world.states() == {"FA-1": "ready"}
    run = run_dag()
    assert run.state == "success"
    assert run.tasks["read_documents"] == ["skipped"]
    assert run.tasks["submit_invoices"] == ["success"]
    assert ran_well(run, "read_documents", "watcher")
    assert world.on_platform() == ["FA-1"]


def test_where_nothing_is_ready_the_run_ends_well_without_sending(world: World) -> None:
    world.configure(providers=[provider(FIRST, "chorus_first", automatic_submission=False)])
    world.file("FA-1")
    run = run_dag()
    assert run.state == "success"
    assert run.tasks["submit_invoices"] == ["skipped"]
    assert ran_well(run, "submit_invoices", "watcher")
    assert world.states() == {"FA-1": "ready"}
    assert world.on_platform() == []
    assert len(world.mails()) == 1, "a person is told that an invoice waits"


@pytest.fixture
def reader_fails_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first batch meets a machine that cannot start readers, at its first and second try; the list counts them."""
    failed: list[int] = []
    read = PdfReader.read

    def reading(
        self: PdfReader, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        given = list(contents)
        if failed in ([], given[:1] and [given[0][0]]):
            failed.append(given[0][0])
            raise ReaderUnavailableError("The reading processes cannot be started.")
        return read(self, given, limits, hints)

    monkeypatch.setattr(PdfReader, "read", reading)
    return failed


def test_a_batch_that_cannot_be_read_costs_the_others_nothing(world: World, reader_fails_once: list[int]) -> None:
    for number in ("FA-1", "FA-2", "FA-3"):
        world.file(number)
    world.monkeypatch.setenv("CHORUS_READING_SLOTS", "3")
    world.monkeypatch.setenv("CHORUS_READING_BATCH_MIN", "1")
    run = run_dag()
    assert run.state == "failed"
    assert sorted(run.tasks["read_documents"]) == ["failed", "success", "success"]
    assert len(reader_fails_once) == 2, "tried twice"
    assert run.stateof("watcher") == "failed"
    assert ran_well(run, "read_documents", "watcher")
    assert len(world.on_platform()) == 2
    assert sorted(world.states().values()) == ["matched", "submitted", "submitted"]
    assert run_dag().state == "success", "the next run is the retry"
    assert world.on_platform() == ["FA-1", "FA-2", "FA-3"]


def test_a_provider_that_fails_does_not_stop_the_other(world: World) -> None:
    world.second_provider()
    world.file("FA-1")
    world.file("MA-1", SECOND)
    run_dag({"dry_run": True})
    world.second_provider(right_password=False)
    run = run_dag()
    assert run.state == "failed"
    assert sorted(run.tasks["submit_invoices"]) == ["failed", "success"]
    assert run.tries["submit_invoices"] == 1, "a wrong password is not tried again half a minute later"
    assert run.stateof("notify") == "success"
    assert run.stateof("watcher") == "failed"
    assert world.on_platform() == ["FA-1"]
    assert world.states() == {"FA-1": "submitted", "MA-1": "ready"}
    assert len(world.mails()) == 1


def test_a_provider_with_a_wrong_password_does_not_keep_the_other_from_the_directory(world: World) -> None:
    world.second_provider(right_password=False)
    world.file("FA-1")
    world.file("AA-1", SECOND)
    run = run_dag()
    assert run.state == "failed"
    assert world.on_platform() == ["FA-1"]
    assert world.states()["AA-1"] in ("read", "ready")


def test_a_portal_that_is_down_does_not_keep_ready_ones_from_going(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    world.portal.rename(world.folder / "unmounted")
    run = run_dag()
    assert run.state == "failed"
    assert run.stateof("collect_documents") == "failed"
    assert run.tries["collect_documents"] == 2
    assert run.stateof("match_criteria") == "upstream_failed"
    assert run.tasks["read_documents"] == ["upstream_failed"]
    assert run.stateof("watcher") == "failed"
    assert ran_well(run, "collect_documents", "match_criteria", "read_documents", "watcher")
    assert world.on_platform() == ["FA-1"]
    assert world.states() == {"FA-1": "submitted"}


def test_an_outage_of_the_platform_is_tried_twice_and_leaves_everything_ready(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    fault(world.simulator, operation="*", kind="server_error", times=1000)
    run = run_dag()
    assert run.state == "failed"
    assert run.tasks["submit_invoices"] == ["failed"]
    assert run.tries["submit_invoices"] == 2
    assert world.states() == {"FA-1": "ready"}
    assert world.on_platform() == []


def test_a_missing_connection_is_told_and_not_tried_again(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    world.monkeypatch.delenv("AIRFLOW_CONN_CHORUS_FIRST")
    run = run_dag()
    assert run.state == "failed"
    assert run.tries["submit_invoices"] == 1
    assert world.states() == {"FA-1": "ready"}


def test_an_older_database_stops_every_task_with_its_cure_and_without_a_retry(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{world.folder / 'other.db'}")
    run = run_dag()
    assert run.state == "failed"
    assert run.stateof("collect_documents") == "failed"
    assert set(run.tries.values()) <= {0, 1}
    assert "chorus db migrate" in capsys.readouterr().out
