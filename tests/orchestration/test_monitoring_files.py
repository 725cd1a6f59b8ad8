"""The dashboard and the alert rules in deploy/ ask for metrics that are really told, by labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from include.domain.lifecycle import State
from tests.orchestration.test_metrics import hang_up, initialize
from tests.orchestration.world import AIRFLOW, World, run_dag
from tests.services.statsd import StatsdServer

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
RULES = [
    rule for group in json.loads((ROOT / "deploy/alert-rules.json").read_text())["groups"] for rule in group["rules"]
]
SUMMARY = ("_sum", "_count")
"""What the exporter makes of a timer, beside its quantiles."""


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]


def asked() -> Iterator[tuple[str, str]]:
    """Each metric with what stands in its braces."""
    for expression in expressions():
        yield from re.findall(r"\b(airflow_\w+)(?:\{([^}]*)\})?", expression)


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, set[str]]]:
    """Names and labels as the StatsD exporter of Prometheus shows what one run told: points become underscores."""
    server = StatsdServer()
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        patch.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "True")
        patch.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
        patch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.port))
        initialize()
        world.file("FA-1")
        assert run_dag().state == "success"
        found: dict[str, set[str]] = {}
        for line, values in server.received().items():
            name, *tags = line.split(",")
            shown = re.sub(r"\W", "_", name)
            endings = SUMMARY if any(value.endswith("|ms") for value in values) else ("",)
            for ending in endings:
                found.setdefault(shown + ending, set()).update(tag.partition("=")[0] for tag in tags)
        hang_up()
        server.close()
        yield found
    initialize()


def of_airflow() -> dict[str, set[str]]:
    """What Airflow itself tells, by its own list; its labels are not listed there in a form to compare."""
    import airflow

    folder = Path(airflow.__file__).parent / "_shared/observability/metrics/metrics_template.yaml"
    metrics = yaml.safe_load(folder.read_text())["metrics"]
    return {f"airflow_{re.sub(r'[^a-z0-9_]', '_', metric['name'])}": set() for metric in metrics}


def test_every_metric_that_is_asked_for_is_told(told: dict[str, set[str]]) -> None:
    ours = {name: labels for name, labels in asked() if name.startswith("airflow_chorus_")}
    assert len(ours) >= 7
    assert {name for name, _ in asked()} - told.keys() - of_airflow().keys() == set()
    for name, labels in asked():
        if name in told:
            assert set(re.findall(r"(\w+)=~?\"", labels)) <= told[name], name
    grouped = [label for text in expressions() for label in re.findall(r"by \((\w+)\)", text)]
    known = set().union(*told.values()) | {"dag_id", "pool_name"}
    assert set(grouped) <= known


def test_states_and_outcomes_that_are_asked_for_exist() -> None:
    from include.adapters.chorus import failures
    from include.adapters.http import metered_exchange

    written = "".join(Path(module.__file__).read_text() for module in (failures, metered_exchange))
    for name, labels in asked():
        for label, value in re.findall(r'(\w+)=~?"([^"$]+)"', labels):
            for one in value.split("|"):
                if label == "state":
                    assert State(one)
                elif label == "outcome" and name.startswith("airflow_chorus_api"):
                    assert f'"{one}"' in written, one
                elif label == "outcome":
                    assert one in ("submitted", "refused", "unknown", "to_complete", "not_sent")


def test_every_alert_says_what_is_wrong_and_where_the_cure_stands() -> None:
    runbook = (ROOT / "docs/operations.md").read_text().replace("`", "")
    assert len(RULES) >= 8
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert re.fullmatch(r"\d+[mh]", rule["for"])
        page, _, place = rule["annotations"]["runbook"].partition(", ")
        assert page == "docs/operations.md" and place in runbook, place
        assert rule["expr"].count("(") == rule["expr"].count(")")
