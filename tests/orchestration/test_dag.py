"""The DAG files: what the bag holds, what each task carries, and what parsing must not cost."""

from __future__ import annotations

import ast
import copy
import datetime as dt
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pendulum
import pytest

from tests.conftest import ROOT
from tests.orchestration.world import AIRFLOW, DAG_ID

if TYPE_CHECKING:
    from airflow.sdk import DAG

pytestmark = AIRFLOW

DAGS = {DAG_ID, "chorus_local_retrieval", "chorus_resubmission", "chorus_status_watch", "chorus_watchdog"}
HEAVY = {"include.bootstrap", "ocrmypdf", "pandas", "sqlalchemy", "requests", "lxml", "pikepdf", "openvino", "numpy"}
HEAVY |= {"openlineage", "openpyxl", "opentelemetry", "pyarrow", "statsd"}
"""Nothing of this may be paid by the DAG processor, which parses each file again and again."""

PARSE = """
import socket, sys

def closed(*_arguments, **_options):
    raise AssertionError("parsing a DAG opened a connection")

import airflow.sdk
before = set(sys.modules)
socket.socket.connect = closed
sys.path.insert(0, "dags")
import importlib, json
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def bag() -> Any:
    """All DAGs, loaded where no connection is defined and Airflow's database does not exist."""
    from airflow.dag_processing.dagbag import DagBag

    assert not any(name.startswith("AIRFLOW_CONN_") for name in os.environ)
    return DagBag(str(ROOT / "dags"))


@pytest.fixture(scope="module")
def dag(bag: Any) -> DAG:
    found: DAG = bag.dags[DAG_ID]
    return found


def test_the_bag_holds_exactly_our_dags(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == DAGS
    files = {path.stem for path in (ROOT / "dags").glob("*.py")}
    assert files == DAGS, "one file per DAG, named after it"


def test_parsing_imports_nothing_heavy_and_opens_no_connection() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "CHORUS_DATABASE_URL": "nonsense"}
    for dag_id in sorted(DAGS):
        done = subprocess.run(
            [sys.executable, "-c", PARSE, dag_id],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        loaded = json.loads(done.stdout.splitlines()[-1])
        assert HEAVY & set(loaded) == set()
        assert not [name for name in loaded if name.startswith(("include.adapters", "include.web"))]


def test_dag_files_import_only_airflow_sdk_our_operators_settings_and_the_standard_library() -> None:
    for path in (ROOT / "dags").glob("*.py"):
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            top = name.split(".")[0]
            allowed = name in ("airflow.sdk", "include.settings") or top == "chorus_airflow"
            assert allowed or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that the code imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield str(node.module)


def test_the_dag_says_whose_it_is_and_what_to_do(dag: DAG) -> None:
    assert dag.owner == "chorus"
    assert "chorus" in dag.tags
    assert dag.doc_md and "Clearing any task" in dag.doc_md
    assert dag.description


def test_runs_never_overlap_and_missed_ones_are_not_made_up_for(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.dagrun_timeout == dt.timedelta(hours=2)


def test_every_task_carries_what_the_person_on_duty_needs(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.owner == "chorus"
        assert task.doc_md, task.task_id
        assert task.execution_timeout, task.task_id
        assert task.execution_timeout < dag.dagrun_timeout, task.task_id


def test_a_task_is_tried_twice_at_most_and_the_watcher_once(dag: DAG) -> None:
    tries = {task.task_id: task.retries for task in dag.tasks}
    assert tries.pop("watcher") == 0
    assert set(tries.values()) == {1}
    assert {task.retry_delay for task in dag.tasks} == {dt.timedelta(seconds=30)}


def test_reading_and_sending_have_pools_of_their_own(dag: DAG) -> None:
    from include.adapters.scheduler.pools import POOLS

    pools = {task.task_id: task.pool for task in dag.tasks}
    assert pools.pop("read_documents") == "ocr"
    assert pools.pop("submit_invoices") == "chorus_api"
    assert set(pools.values()) == {"default_pool"}
    assert set(POOLS) == {"ocr", "chorus_api"}, "`make run` creates exactly the pools that the DAGs name"


def test_the_order_is_the_pipeline_and_the_watcher_hears_of_everyone(dag: DAG) -> None:
    stages = [
        "collect_documents",
        "match_criteria",
        "read_documents",
        "map_fields",
        "plan_submission",
        "submit_invoices",
        "notify",
    ]
    for stage, following in itertools.pairwise(stages):
        assert following in dag.task_dict[stage].downstream_task_ids
    assert dag.task_dict["watcher"].upstream_task_ids == set(stages)
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}
    assert {task for task, rule in rules.items() if rule == "all_done"} == {"map_fields", "plan_submission", "notify"}
    assert rules["watcher"] == "one_failed"


def test_sending_emits_the_asset_that_other_teams_follow(dag: DAG) -> None:
    outlets = dag.task_dict["submit_invoices"].partial_kwargs["outlets"]  # type: ignore[union-attr]
    assert [asset.uri for asset in outlets] == ["chorus://submitted/"]


def test_what_emits_an_asset_is_spoken_for_when_it_fails(bag: Any) -> None:
    spoken = {}
    for dag_id, found in bag.dags.items():
        emitting = {
            task.task_id: {asset.uri for asset in task.partial_kwargs.get("outlets", ())}
            if hasattr(task, "partial_kwargs")
            else {asset.uri for asset in task.outlets}
            for task in found.tasks
            if task.task_id != "notify"
        }
        emitting = {task_id: uris for task_id, uris in emitting.items() if uris}
        told = {task_id: {asset.uri} for task_id, asset in found.task_dict["notify"].speaks_for.items()}
        assert told == emitting, dag_id
        spoken.update({dag_id: told} if told else {})
    assert set(spoken) == DAGS - {"chorus_watchdog"}


def test_a_run_has_the_interval_of_its_ten_minutes_in_paris(dag: DAG) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable

    timetable = coerce_to_core_timetable(dag.timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.datetime(2026, 7, 14, 0, 34))
    assert interval.end - interval.start == dt.timedelta(minutes=10)
    assert interval.end == dt.datetime(2026, 7, 14, 0, 30, tzinfo=dt.UTC)
    assert timetable.summary == "*/10 * * * *"


def test_the_schedule_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.encoders import coerce_to_core_timetable

    monkeypatch.setenv("CHORUS_SUBMISSION_SCHEDULE", "5 7 * * *")
    dag = DagBag(str(ROOT / "dags")).dags[DAG_ID]
    timetable = coerce_to_core_timetable(dag.timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.datetime(2026, 7, 14, 12, 0))
    assert interval.end == dt.datetime(2026, 7, 14, 5, 5, tzinfo=dt.UTC), "07:05 in Paris"


SCHEDULES = {
    DAG_ID: "CHORUS_SUBMISSION_SCHEDULE",
    "chorus_local_retrieval": "CHORUS_RETRIEVAL_SCHEDULE",
    "chorus_status_watch": "CHORUS_WATCH_SCHEDULE",
    "chorus_watchdog": "CHORUS_WATCHDOG_SCHEDULE",
}


def test_every_schedule_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.encoders import coerce_to_core_timetable

    for minute, variable in enumerate(SCHEDULES.values()):
        monkeypatch.setenv(variable, f"{minute} 3 * * *")
    dags = DagBag(str(ROOT / "dags")).dags
    found = {dag_id: coerce_to_core_timetable(dags[dag_id].timetable).summary for dag_id in SCHEDULES}
    assert found == {dag_id: f"{minute} 3 * * *" for minute, dag_id in enumerate(SCHEDULES)}
    assert set(dags) - set(SCHEDULES) == {"chorus_resubmission"}, "by hand only"


def test_a_failed_run_of_any_dag_is_told(bag: Any) -> None:
    from chorus_airflow.notifications.failed_run import FailedRunNotifier

    for dag_id, found in bag.dags.items():
        assert isinstance(found.on_failure_callback, FailedRunNotifier), dag_id


def test_what_is_mapped_says_in_the_grid_what_it_is(bag: Any) -> None:
    templates = {
        task.task_id: task.partial_kwargs.get("map_index_template")
        for found in bag.dags.values()
        for task in found.tasks
        if hasattr(task, "partial_kwargs")
    }
    assert set(templates) == {"read_documents", "submit_invoices", "retrieve_invoices", "watch_statuses"}
    assert all(templates.values())


@pytest.mark.parametrize(
    "conf",
    [
        {"document_ids": ["1 OR 1"]},
        {"document_ids": [0]},
        {"document_ids": 7},
        {"dry_run": "yes"},
        {"retry": "yes"},
        {"provider": 33254021516357},
    ],
)
def test_a_bad_value_is_refused_by_the_form_before_any_task_runs(dag: DAG, conf: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        copy.deepcopy(dag.params).update(conf)
