"""The monitoring as a DAG, and which runs of the ten-minute flow it counts as good."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.operations.retention import RETENTION
from include.application.operations.watchdog import SUBMISSION
from tests.orchestration.test_tracking_dags import load, run
from tests.orchestration.world import AIRFLOW, World, fault, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]


def test_it_carries_what_the_person_on_duty_needs() -> None:
    dag = load("chorus_watchdog")
    assert dag.owner == "chorus" and "chorus" in dag.tags and dag.description
    assert dag.doc_md and "Clearing any" in dag.doc_md
    assert dag.max_active_runs == 1 and dag.catchup is False
    assert all(task.doc_md and task.execution_timeout for task in dag.tasks)
    assert dag.task_dict["watcher"].upstream_task_ids == {"watch_out", "notify", "retain"}
    assert dag.task_dict["notify"].trigger_rule.value == "all_done"


def test_an_outage_is_mailed_once_to_who_hears_alerts(world: World) -> None:
    world.configure(alerts={"users": ["mdurand"]})
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    world.services.store.watch.record_pass(SUBMISSION, now=long_ago)
    before = len(world.mails())
    for _ in range(2):
        state, tasks = run("chorus_watchdog")
        assert state == "success" and tasks["watcher"] == ["skipped"]
    assert len(world.mails()) == before + 1


def test_a_good_run_counts_and_one_with_a_failed_task_does_not(world: World) -> None:
    store = world.services.store.watch
    world.file("FA-1")
    fault(world.simulator, operation="*", kind="forbidden")
    assert run_dag().state == "failed"
    assert store.last_pass(SUBMISSION) is None
    world.simulator.platform.reset()
    world.file("FA-2")
    assert run_dag().state == "success"
    first = store.last_pass(SUBMISSION)
    assert first is not None
    assert run_dag().state == "success", "nothing to do is a good run too"
    second = store.last_pass(SUBMISSION)
    assert second is not None and second.last_at > first.last_at


def test_personal_data_goes_once_a_day_where_that_is_asked_for(world: World) -> None:
    state, tasks = run("chorus_watchdog")
    assert state == "success" and tasks["retain"] == ["skipped"]
    assert world.services.store.watch.last_pass(RETENTION) is None
    world.configure(retention={"automatic": True})
    state, tasks = run("chorus_watchdog")
    assert state == "success" and tasks["retain"] == ["success"]
    assert world.services.store.watch.last_pass(RETENTION) is not None
    _, tasks = run("chorus_watchdog")
    assert tasks["retain"] == ["skipped"]
