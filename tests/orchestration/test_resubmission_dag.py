"""Sending again by hand: the form, the person's yes or no, and what is sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.orchestration.test_tracking_dags import load, run
from tests.orchestration.world import AIRFLOW, FIRST, World, provider, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

DAG_ID = "chorus_resubmission"
FOLLOWERS = ("approve", "submit_unchanged", "notify", "watcher")


@pytest.fixture
def waiting(world: World) -> World:
    """One invoice that is ready, of a provider that does not send by itself."""
    world.configure(providers=[provider(FIRST, "chorus_first", automatic_submission=False)])
    world.file("FA-1")
    run_dag()
    assert world.states() == {"FA-1": "ready"}
    return world


def answered(monkeypatch: pytest.MonkeyPatch, choice: str) -> list[str]:
    """A person answers at once; what that person was shown."""
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    shown: list[str] = []

    def execute(self: ApprovalOperator, context: Any) -> Any:
        shown.append(str(self.body))
        event = {
            "chosen_options": [choice],
            "params_input": {},
            "responded_at": dt.datetime.now(dt.UTC),
            "responded_by_user": {"id": "1", "name": "anna"},
            "timedout": False,
        }
        return self.execute_complete(context, event)

    monkeypatch.setattr(ApprovalOperator, "execute", execute)
    return shown


def test_it_carries_what_the_person_on_duty_needs() -> None:
    dag = load(DAG_ID)
    assert dag.owner == "chorus" and "chorus" in dag.tags and dag.description
    assert dag.doc_md and "Clearing any" in dag.doc_md
    assert all(task.doc_md for task in dag.tasks)
    approve = dag.task_dict["approve"]
    assert approve.execution_timeout is None, "a person takes longer than a task"
    assert dag.task_dict["submit_unchanged"].pool == "chorus_api"
    assert dag.task_dict["watcher"].upstream_task_ids == {
        "select_invoices", "preview", "approve", "submit_unchanged", "notify",
    }  # fmt: skip


def test_a_dry_run_shows_and_a_confirmed_run_sends(waiting: World) -> None:
    state, tasks = run(DAG_ID, {"states": ["ready"], "dry_run": True})
    assert state == "success"
    assert {task: tasks[task] for task in FOLLOWERS} == {task: ["skipped"] for task in FOLLOWERS}
    assert waiting.on_platform() == []
    state, tasks = run(DAG_ID, {"states": ["ready"], "confirmed": True})
    assert state == "success"
    assert tasks["approve"] == ["skipped"] and tasks["submit_unchanged"] == ["success"]
    assert waiting.on_platform() == ["FA-1"]


def test_a_no_sends_nothing_and_a_yes_sends_what_was_shown(waiting: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, "Reject")
    state, tasks = run(DAG_ID, {"states": ["ready"]})
    assert (state, tasks["submit_unchanged"]) == ("success", ["skipped"])
    assert waiting.on_platform() == []
    shown = answered(monkeypatch, "Approve")
    state, tasks = run(DAG_ID, {"states": ["ready"]})
    assert (state, tasks["submit_unchanged"]) == ("success", ["success"])
    assert waiting.on_platform() == ["FA-1"]
    assert "FA-1" in shown[0] and "| Prête à déposer | 1 |" in shown[0]


def test_a_question_that_nobody_answered_in_time_is_not_asked_again_and_one_that_broke_is() -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.providers.standard.exceptions import HITLTriggerEventError
    from airflow.sdk.exceptions import AirflowFailException

    approve = DagBag("dags").dags[DAG_ID].task_dict["approve"]
    with pytest.raises(AirflowFailException, match="Trigger a new run"):
        approve.execute_complete({}, {"error": "late", "error_type": "timeout"})
    with pytest.raises(HITLTriggerEventError):
        approve.execute_complete({}, {"error": "broken", "error_type": "unknown"})


def test_only_the_request_and_counts_travel_and_the_text_that_a_person_approves(waiting: World) -> None:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    run(DAG_ID, {"states": ["ready"], "confirmed": True})
    with create_session() as session:
        rows = session.query(XComModel).filter(XComModel.dag_id == DAG_ID, XComModel.key != "skipmixin_key").all()
        latest = max(rows, key=lambda row: row.timestamp).run_id
        mine = [row for row in rows if row.run_id == latest and not row.key.startswith("_link_")]
        told = {(row.task_id, row.key): row.value for row in mine}
    assert set(told) <= {
        (task, "return_value") for task in ("select_invoices", "preview", "submit_unchanged", "notify")
    }
    chosen = told["select_invoices", "return_value"]
    assert set(chosen) == {"request", "count"} and chosen["count"] == 1
    assert isinstance(told["preview", "return_value"], str)
    assert all(isinstance(count, int) for count in told["submit_unchanged", "return_value"].values())
    stored = waiting.services.store.bulk_requests.get(chosen["request"], now=dt.datetime.now(dt.UTC))
    assert stored is not None and stored.done == 1
    assert stored.actor.startswith("airflow:chorus_resubmission.")


def test_a_run_whose_selection_an_older_version_made_sends_nothing(
    waiting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chorus_airflow.operators.resubmission import SelectInvoicesOperator

    monkeypatch.setattr(SelectInvoicesOperator, "work", lambda *_: [1])
    state, tasks = run(DAG_ID, {"states": ["ready"], "confirmed": True}, retries=0)
    assert (state, tasks["preview"]) == ("failed", ["failed"])
    assert waiting.on_platform() == []


def test_documents_that_there_are_not_are_a_failed_run(world: World) -> None:
    state, tasks = run(DAG_ID, {"document_ids": [999]}, retries=0)
    assert state == "failed" and tasks["select_invoices"] == ["failed"]
