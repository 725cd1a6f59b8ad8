"""Running any task of a finished run again changes nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from include.demo.generator.publish import publish
from tests.factories import PROVIDER_KEY
from tests.orchestration.world import AIRFLOW, Stage, World, fault, pdf, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

STAGES: dict[str, Callable[[World], dict[str, Any]]] = {
    "collect_documents": lambda world: {},
    "match_criteria": lambda world: {},
    "read_documents": lambda world: {"batch": {"number": 0, "count": 1}},
    "map_fields": lambda world: {},
    "plan_submission": lambda world: {},
    "submit_invoices": lambda world: {"provider_key": PROVIDER_KEY},
    "notify": lambda world: {},
}


@pytest.fixture
def finished(world: World) -> World:
    """After a run: sent, refused, incomplete, unreadable, ignored."""
    world.file("FA-1")
    world.file("FA-2")
    world.file("FA-9", engagement_number=None, type="credit_note")
    publish(world.portal, "Factures/torn.pdf", pdf("FA-3")[:400], {"classification_rule": "Facture client"})
    publish(world.portal, "Factures/list.csv", b"a;b\n", {"classification_rule": "Facture client"})
    publish(world.portal, "Courrier/letter.pdf", pdf("FA-4"))
    fault(world.simulator, operation="factures/soumettre", kind="business_refusal", times=1, code=20013, label="Non")
    assert run_dag().state == "success"
    return world


def skipped_or_done(stage: Stage, task_id: str, mapped: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import DownstreamTasksSkipped

    try:
        stage.run(task_id, **mapped)
    except DownstreamTasksSkipped:
        assert task_id == "collect_documents"


def test_every_stage_can_run_again_in_any_order(finished: World) -> None:
    before = finished.everything()
    states = finished.states()
    assert sorted(states.values()).count("refused") == 1
    assert len(finished.on_platform()) == 2
    assert {states["torn"], states["list.csv"], states["letter"]} == {"unreadable", "ignored"}
    for task_id in [*STAGES, *reversed(STAGES)]:
        skipped_or_done(Stage(), task_id, STAGES[task_id](finished))
        assert finished.everything() == before, task_id


def test_a_stage_that_ran_half_way_finishes_its_work_when_it_runs_again(world: World) -> None:
    for number in ("FA-1", "FA-2"):
        world.file(number)
    run_dag({"dry_run": True})
    fault(world.simulator, operation="factures/soumettre", kind="drop_before", times=1)
    first = Stage().run("submit_invoices", provider_key=PROVIDER_KEY)
    assert (first["submitted"], first["unknown"]) == (1, 1)
    again = Stage().run("submit_invoices", provider_key=PROVIDER_KEY)
    assert again["submitted"] == 0
    assert len(world.on_platform()) == 1


def test_sending_tells_its_counts_to_those_who_follow_the_asset(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    stage = Stage()
    counts = stage.run("submit_invoices", provider_key=PROVIDER_KEY)
    [event] = stage.events.values()
    assert event.extra == {"provider": PROVIDER_KEY, **counts}
    assert counts["submitted"] == 1


def test_reading_stops_in_time_for_sending_and_leaves_the_rest_to_the_next_run(world: World) -> None:
    import datetime as dt

    for number in ("FA-1", "FA-2"):
        world.file(number)
    stage = Stage(run_after=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    stage.run("collect_documents")
    [batch] = stage.run("match_criteria")
    assert stage.run("read_documents", batch=batch) == {"read": 0, "unreadable": 0, "left": 2}
    assert set(world.states().values()) == {"matched"}
    assert run_dag().state == "success"
    assert len(world.on_platform()) == 2


def test_only_ids_and_counts_travel_between_tasks(finished: World) -> None:
    finished.file("FA-5")
    run = run_dag()
    assert run.xcoms
    told = {}
    for task_id, key, value in run.xcoms:
        if key == "return_value":
            told[task_id] = value
    assert told.pop("match_criteria") == [{"number": 0, "count": 1}]
    assert told.pop("plan_submission") == [PROVIDER_KEY]
    assert set(told) == {"collect_documents", "read_documents", "map_fields", "submit_invoices", "notify"}
    for task_id, value in told.items():
        assert isinstance(value, dict), task_id
        assert all(isinstance(count, int) for count in value.values()), task_id


def test_what_skips_the_rest_leaves_the_watcher_to_decide_for_itself(world: World) -> None:
    """Else a task that is cleared later and fails would leave a green run: Airflow skips it again with the others."""
    run = run_dag()
    assert run.stateof("watcher") == "skipped" and run.state == "success"
    [skipped] = [value["skipped"] for task, key, value in run.xcoms if key == "skipmixin_key"]
    assert set(skipped) == set(run.tasks) - {"collect_documents", "watcher"}
