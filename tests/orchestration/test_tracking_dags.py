"""The nightly retrieval and the hourly watch: what the files say, and whole runs on a small real world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from include.adapters.storage.core.tables import events
from include.application.ports.invoice_views import InvoiceFilter
from include.domain.rights import OWNER
from tests.conftest import ROOT
from tests.orchestration.world import AIRFLOW, FIRST, SECOND, World, fault, provider, seed
from tests.services.control_door import control

if TYPE_CHECKING:
    from airflow.sdk import DAG

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

NIGHTLY, HOURLY = "chorus_local_retrieval", "chorus_status_watch"
TRACKERS = {NIGHTLY: "retrieve_invoices", HOURLY: "watch_statuses"}


def load(dag_id: str) -> DAG:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags" / f"{dag_id}.py"))
    assert bag.import_errors == {}
    dag: DAG = bag.dags[dag_id]  # type: ignore[assignment]
    for task in dag.tasks:
        task.retry_delay = dt.timedelta(0)
        task.max_retry_delay = dt.timedelta(0)
    return dag


def run(dag_id: str, conf: Mapping[str, Any] | None = None, *, retries: int = 1) -> tuple[str, dict[str, list[str]]]:
    """One run to its end: its state, and the states of its tasks."""
    dag = load(dag_id)
    for task in dag.tasks:
        task.retries = min(task.retries, retries)
    finished = dag.test(run_conf=dict(conf or {}))
    tasks: dict[str, list[str]] = {}
    for instance in sorted(finished.get_task_instances(), key=lambda ti: ti.map_index):
        tasks.setdefault(instance.task_id, []).append(str(instance.state))
    return str(finished.state), tasks


def on_platform(world: World, count: int, **statuses: float) -> None:
    wanted = {"supplier_siret": FIRST.siret, "count": count, "statuses": statuses, "prefix": "P-"}
    seed(world.simulator, {"invoices": wanted})


def move(world: World, start: str, to: str) -> None:
    control(world.simulator.url, "POST", "move", {"from": start, "to": to})


def statuses(world: World) -> dict[str, str]:
    rows = world.services.store.invoice_views.rows(OWNER, InvoiceFilter())
    return {row.invoice_number: row.status for row in rows}


def in_mode(world: World, loading: str) -> None:
    world.configure(providers=[provider(FIRST, "chorus_first", loading=loading)])


@pytest.mark.parametrize("dag_id", [NIGHTLY, HOURLY])
class TestFiles:
    def test_it_carries_what_the_person_on_duty_needs(self, dag_id: str) -> None:
        dag = load(dag_id)
        assert dag.owner == "chorus" and "chorus" in dag.tags and dag.description
        assert dag.doc_md and "Clearing any" in dag.doc_md
        assert dag.max_active_runs == 1 and dag.catchup is False
        for task in dag.tasks:
            assert task.doc_md and task.execution_timeout and task.owner == "chorus", task.task_id

    def test_the_watcher_hears_of_everyone_and_the_asset_is_emitted(self, dag_id: str) -> None:
        dag = load(dag_id)
        tracker = TRACKERS[dag_id]
        others = {"reconcile"} if dag_id == NIGHTLY else set()
        assert dag.task_dict["watcher"].upstream_task_ids == {"plan_retrieval", tracker, "notify"} | others
        assert dag.task_dict["watcher"].retries == 0
        assert dag.task_dict["notify"].trigger_rule.value == "all_done"
        outlets = dag.task_dict[tracker].partial_kwargs["outlets"]  # type: ignore[union-attr]
        assert [asset.uri for asset in outlets] == ["chorus://statuses/"]
        assert dag.task_dict[tracker].pool == "chorus_api"


def test_the_night_backs_off_and_comes_when_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_RETRIEVAL_SCHEDULE", "30 3 * * *")
    dag = load(NIGHTLY)
    from airflow.serialization.encoders import coerce_to_core_timetable

    assert coerce_to_core_timetable(dag.timetable).summary == "30 3 * * *"
    task = dag.task_dict["retrieve_invoices"]
    assert task.retries == 7 and task.retry_exponential_backoff == 2.0


def test_a_night_loads_all_and_the_next_tells_the_difference_once(world: World) -> None:
    in_mode(world, "local")
    on_platform(world, 12, MISE_A_DISPOSITION=1)
    state, tasks = run(NIGHTLY)
    assert state == "success"
    assert tasks["retrieve_invoices"] == ["success"] and tasks["watcher"] == ["skipped"]
    assert set(statuses(world).values()) == {"MISE_A_DISPOSITION"} and len(statuses(world)) == 12
    assert world.mails() == []
    move(world, "MISE_A_DISPOSITION", "SUSPENDUE")
    for _ in range(2):
        assert run(NIGHTLY)[0] == "success"
    assert set(statuses(world).values()) == {"SUSPENDUE"}
    assert len(world.mails()) == 1, "one digest, once"


def test_the_night_compares_after_it_retrieved_and_before_it_tells() -> None:
    task = load(NIGHTLY).task_dict["reconcile"]
    assert task.upstream_task_ids == {"retrieve_invoices"} and task.downstream_task_ids == {"notify", "watcher"}
    assert task.trigger_rule.value == "all_done"


def test_a_provider_that_fails_does_not_stop_the_other(world: World) -> None:
    world.second_provider(right_password=False)
    both = [provider(FIRST, "chorus_first", loading="local"), provider(SECOND, "chorus_second", loading="local")]
    world.configure(providers=both)
    on_platform(world, 3, MANDATEE=1)
    state, tasks = run(NIGHTLY)
    assert state == "failed"
    assert sorted(tasks["retrieve_invoices"]) == ["failed", "success"]
    assert tasks["notify"] == ["success"] and tasks["watcher"] == ["failed"]
    assert len(statuses(world)) == 3


def test_a_night_of_outage_fails_after_its_retries_and_the_next_catches_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.adapters.chorus.transport.SAFE_TRIES", 1)
    in_mode(world, "local")
    on_platform(world, 3, MANDATEE=1)
    fault(world.simulator, operation="*", kind="maintenance_page")
    assert run(NIGHTLY)[0] == "failed"
    control(world.simulator.url, "DELETE", "faults")
    assert run(NIGHTLY)[0] == "success"
    assert len(statuses(world)) == 3


def test_with_no_provider_in_this_mode_nothing_is_asked(world: World) -> None:
    in_mode(world, "remote")
    state, tasks = run(NIGHTLY)
    assert state == "success"
    assert tasks["retrieve_invoices"] == ["skipped"]


def test_the_watch_tells_of_changes_in_remote_mode(world: World) -> None:
    in_mode(world, "remote")
    on_platform(world, 4, MISE_A_DISPOSITION=1)
    assert run(HOURLY)[0] == "success"
    move(world, "MISE_A_DISPOSITION", "A_RECYCLER")
    assert run(HOURLY)[0] == "success"
    assert statuses(world) and set(statuses(world).values()) == {"A_RECYCLER"}
    assert len(world.mails()) == 1


class TestWindows:
    """The operator alone: `dag.test` makes no backfill."""

    @pytest.fixture
    def since(self, world: World, monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime | None]:
        """What the use case is asked for."""
        in_mode(world, "local")
        asked: list[dt.datetime | None] = []
        from include.application.tracking import retrieve_invoices as module

        def instead(_provider: object, _use: object, *, since: dt.datetime | None) -> module.RetrievalReport:
            asked.append(since)
            return module.RetrievalReport()

        monkeypatch.setattr(module, "retrieve_invoices", instead)
        return asked

    def _execute(self, run_type: str, **params: Any) -> None:
        from chorus_airflow.operators.retrieve_invoices import RetrieveInvoicesOperator

        operator = RetrieveInvoicesOperator(task_id="t", provider_key=f"simulator:{FIRST.siret}")
        dag_run = SimpleNamespace(run_type=run_type, data_interval_start=dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC))
        task = SimpleNamespace(dag_id=NIGHTLY, run_id="r", task_id="t", map_index=-1, try_number=1)
        operator.execute({"params": params, "dag_run": dag_run, "ti": task})  # type: ignore[arg-type]

    def test_a_scheduled_run_starts_from_the_watermark(self, since: list[dt.datetime | None]) -> None:
        self._execute("scheduled")
        assert since == [None]

    def test_a_backfilled_interval_is_asked_for_from_its_start(self, since: list[dt.datetime | None]) -> None:
        self._execute("backfill")
        assert since == [dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC)]

    def test_days_of_the_form_are_those_of_paris(self, since: list[dt.datetime | None]) -> None:
        self._execute("manual", from_date="2026-10-05", to_date="2026-10-11")
        assert since == [dt.datetime(2026, 10, 4, 22, tzinfo=dt.UTC)]

    def test_days_in_the_wrong_order_are_refused_without_a_retry(self, since: list[dt.datetime | None]) -> None:
        from airflow.sdk.exceptions import AirflowFailException

        with pytest.raises(AirflowFailException, match="before the first day"):
            self._execute("manual", from_date="2026-10-11", to_date="2026-10-05")
        assert since == []


def test_nothing_of_the_invoices_travels_between_tasks(world: World) -> None:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    in_mode(world, "local")
    on_platform(world, 2, SUSPENDUE=1)
    run(NIGHTLY)
    with create_session() as session:
        values = [row.value for row in session.query(XComModel).filter(XComModel.dag_id == NIGHTLY).all()]
    assert values and not any("P-0" in str(value) for value in values)
    with world.services.store.database.read() as connection:
        assert connection.execute(events.select()).all(), "they are in our store"
