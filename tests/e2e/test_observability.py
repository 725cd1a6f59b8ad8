"""A real Airflow whose metrics and lineage are switched on: what its task processes tell, and to whom."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.deployment import SUBMISSION, Dag, Deployment, running_deployment
from tests.e2e.watching import await_that
from tests.orchestration.world import FIRST, fault, provider
from tests.services.statsd import StatsdServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

KEY = f"simulator:{FIRST.siret}"


@pytest.fixture(scope="module")
def statsd() -> Iterator[StatsdServer]:
    server = StatsdServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def lineage_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lineage") / "events.jsonl"


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, statsd: StatsdServer, lineage_file: Path
) -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        patch.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
        patch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(statsd.port))
        transport = {"type": "file", "log_file_path": str(lineage_file), "append": True}
        patch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
        patch.setenv("AIRFLOW__OPENLINEAGE__NAMESPACE", "chorus-tests")
        with running_deployment(tmp_path_factory.mktemp("deployment")) as made:
            made.dag(SUBMISSION).pause(paused=False)
            yield made


@pytest.fixture
def dag(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Dag:
    """This process looks at the same state as the tasks."""
    monkeypatch.setenv("CHORUS_HOME", str(deployment.chorus_home))
    return deployment.dag(SUBMISSION)


def lineage(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def told(dag: Dag, run: str) -> list[dict[str, Any]]:
    path = f"/api/v2/assets/events?source_dag_id={SUBMISSION}&source_run_id={quote(run)}"
    events: list[dict[str, Any]] = dag.ask("GET", path)["asset_events"]
    return events


def test_a_run_tells_its_metrics_and_its_lineage_and_nothing_of_an_invoice(
    deployment: Deployment, dag: Dag, statsd: StatsdServer, lineage_file: Path
) -> None:
    world = deployment.new_world()
    for number in ("SEEN-1", "SEEN-2"):
        world.file(number)
    lineage_file.unlink(missing_ok=True)
    statsd.received()
    run = dag.trigger()
    assert dag.ended(run) == "success", dag.states(run)
    key, received = KEY.replace(":", "_"), statsd.received()
    assert received[f"airflow.chorus.submissions.{key}.submitted"] == ["2|c"]
    assert received[f"airflow.chorus.invoices.{key}.submitted"][-1] == "2|g"
    assert len(received[f"airflow.chorus.api.duration.{key}.factures_soumettre.ok"]) == 2

    await_that(lambda: any(_of(lineage_file, "notify")), "the lineage of the last stage", 60)
    [collected] = _of(lineage_file, "collect_documents")
    [portal] = collected["inputs"]
    assert (portal["namespace"], portal["name"]) == ("file", str(world.portal))
    assert portal["inputFacets"]["inputStatistics"]["rowCount"] == 2
    [sent] = _of(lineage_file, "submit_invoices")
    [output] = sent["outputs"]
    assert (output["namespace"], output["name"]) == ("chorus", "submitted")
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 2
    everything = lineage_file.read_text()
    row = world.documents()["SEEN-1"]
    private = [*world.known_secrets, "SEEN-1", "m.durand@", str(row.total_incl_tax), str(row.recipient_siret)]
    assert not [word for word in private if word in everything]


def test_what_a_task_had_sent_before_the_platform_broke_reaches_those_who_follow(
    deployment: Deployment, dag: Dag
) -> None:
    world = deployment.new_world()
    world.configure(submission={"parallel": 1}, providers=[provider(FIRST, "chorus_first")])
    for number in range(6):
        world.file(f"PART-{number}")
    fault(world.simulator, operation="factures/soumettre", kind="slow", seconds=1, times=100)

    def break_after_the_first() -> None:
        await_that(lambda: bool(world.on_platform()), "the first invoice", 120)
        fault(world.simulator, operation="*", kind="maintenance_page", times=100_000)

    breaker = threading.Thread(target=break_after_the_first)
    breaker.start()
    run = dag.trigger()
    assert dag.ended(run) == "failed", dag.states(run)
    breaker.join()
    assert dag.states(run)["submit_invoices"] == ["failed"]
    sent = [state for state in world.states().values() if state == "submitted"]
    assert 0 < len(sent) < 6
    [event] = told(dag, run)
    assert (event["uri"], event["source_task_id"]) == ("chorus://submitted/", "notify")
    assert event["extra"]["provider"] == KEY and event["extra"]["failed"] is True
    assert event["extra"]["submitted"] == len(sent)


def _of(file: Path, task_id: str) -> list[dict[str, Any]]:
    """Events at the end of this task."""
    if not file.exists():
        return []
    ends = [event for event in lineage(file) if event["eventType"] == "COMPLETE"]
    return [event for event in ends if event["job"]["name"] == f"{SUBMISSION}.{task_id}"]
