"""What people chose on the screens, carried out by Airflow: begun, looked at, and sent to the end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chorus_airflow.sending_flow import DAG_ID, AirflowSendingFlow
from include.application.mapping.edit_document import hold
from include.application.ports.document_views import DocumentRow
from include.application.ports.sending_flow import SendingFlow
from include.application.resend.bulk_actions import BulkAction, BulkActions
from include.domain.rights import viewer
from tests.conftest import ROOT
from tests.contracts.test_sending_flow import SendingFlowSuite
from tests.fakes.sending_flow import FakeSendingFlow
from tests.orchestration.airflow_rows import forget
from tests.orchestration.test_resubmission_dag import waiting
from tests.orchestration.test_tracking_dags import run
from tests.orchestration.world import AIRFLOW, FIRST, World, provider

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

__all__ = ["waiting"]

BUNDLE = "screens"


class OnAirflow:
    """The DAG in Airflow's database, and a scheduler that gave a sign of life just now."""

    def __init__(self) -> None:
        from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
        from airflow.jobs.job import Job
        from airflow.models import DagModel, DagRun
        from airflow.models.dagbundle import DagBundleModel
        from airflow.utils.session import create_session

        self.flow = AirflowSendingFlow()
        with create_session() as session:
            if session.get(DagBundleModel, BUNDLE) is None:
                session.add(DagBundleModel(name=BUNDLE))
        sync_bag_to_db(DagBag(str(ROOT / "dags" / f"{DAG_ID}.py"), bundle_name=BUNDLE), BUNDLE, None)
        with create_session() as session:
            session.query(DagModel).filter(DagModel.dag_id == DAG_ID).update({"is_paused": False, "is_stale": False})
            session.query(DagRun).filter(DagRun.run_id.startswith("chorus__request_")).delete(False)
            session.query(Job).delete(False)
            now = dt.datetime.now(dt.UTC)
            session.add(Job(job_type="SchedulerJob", state="running", latest_heartbeat=now))

    def _change(self, model: Any, **values: Any) -> None:
        from airflow.utils.session import create_session

        with create_session() as session:
            session.query(model).update(values)

    def pause(self) -> None:
        from airflow.models import DagModel

        self._change(DagModel, is_paused=True)

    def fall_silent(self) -> None:
        from airflow.jobs.job import Job

        self._change(Job, latest_heartbeat=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))

    def take_away(self) -> None:
        forget(DAG_ID)

    def begun(self) -> list[tuple[int, str]]:
        from airflow.models import DagRun
        from airflow.utils.session import create_session

        with create_session() as session:
            runs = session.query(DagRun).filter(DagRun.run_id.startswith("chorus__request_")).all()
            assert all(run.conf == {"request": int(run.run_id[16:]), "confirmed": True} for run in runs)
            return [(run.conf["request"], run.triggering_user_name) for run in runs]


class TestOnAirflow(SendingFlowSuite):
    @pytest.fixture
    def scheduler(self) -> OnAirflow:
        return OnAirflow()


def chosen_by_a_person(world: World, flow: SendingFlow) -> tuple[DocumentRow, BulkActions]:
    """The one document, and what somebody who uses its provider does to many."""
    using = {"automatic_submission": False, "use": {"users": ["mdurand"]}}
    world.configure(providers=[provider(FIRST, "chorus_first", **using)])
    world.services.pipeline().map()
    [row] = world.documents().values()
    seen = viewer(world.services.store.configuration.current()[1], "mdurand")
    return row, world.services.bulk_actions(viewer=seen, actor="mdurand", flow=flow)


def test_the_run_of_a_request_sends_what_was_ready_and_tells_each_result(waiting: World) -> None:
    flow = FakeSendingFlow()
    row, bulk = chosen_by_a_person(waiting, flow)
    job = bulk.ask(BulkAction.SUBMIT, ids=[row.id, 999])
    assert flow.begun == {job.id: "mdurand"}
    assert waiting.on_platform() == []
    state, tasks = run(DAG_ID, {"request": job.id, "confirmed": True})
    assert (state, tasks["approve"], tasks["submit_unchanged"]) == ("success", ["skipped"], ["success"])
    assert waiting.on_platform() == ["FA-1"]
    assert [item.result and item.result.state for item in bulk.request(job.id).items] == ["submitted", None]


def test_a_request_of_which_nothing_is_left_to_send_still_tells_its_results(waiting: World) -> None:
    row, bulk = chosen_by_a_person(waiting, FakeSendingFlow())
    job = bulk.ask(BulkAction.SUBMIT, ids=[row.id])
    hold(waiting.services.document_editing(viewer=bulk.viewer, actor="ben"), row.id, reason="x")
    assert run(DAG_ID, {"request": job.id, "confirmed": True})[0] == "success"
    assert waiting.on_platform() == []
    [item] = bulk.request(job.id).items
    assert item.result is not None and (item.result.state, bool(item.result.message)) == ("held", True)
