"""Our numbers on Airflow's own ways out: a StatsD server and an OpenTelemetry collector on the loopback."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from include.bootstrap import Services
from tests.orchestration.world import AIRFLOW, FIRST, Stage, World, fault, run_dag
from tests.services.statsd import StatsdServer

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

KEY = f"simulator_{FIRST.siret}"


def initialize() -> None:
    """What the process of a task does first; `dag.test` has none of its own."""
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics import stats_utils

    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=True)


def hang_up() -> None:
    """Closes the client's end, as the end of a task's process does."""
    from airflow.sdk._shared.observability.metrics import stats

    client = getattr(stats._get_backend(), "statsd", None)
    if client is not None:
        client.close()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings of [metrics]; off again afterwards."""
    with monkeypatch.context() as patch:
        yield patch
    initialize()


@pytest.fixture
def statsd(settings: pytest.MonkeyPatch) -> Iterator[StatsdServer]:
    server = StatsdServer()
    settings.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
    settings.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
    settings.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.port))
    initialize()
    yield server
    hang_up()
    server.close()


def test_a_run_tells_states_outcomes_the_rate_and_every_call(world: World, statsd: StatsdServer) -> None:
    world.file("FA-1")
    world.file("FA-2")
    fault(world.simulator, operation="transverses/health-check", kind="server_error", times=1)
    assert run_dag().state == "success"
    received = statsd.received()
    assert received[f"airflow.chorus.invoices.{KEY}.submitted"] == ["0|g", "2|g"], "as the run began, and as it ended"
    assert received[f"airflow.chorus.invoices.{KEY}.ready"][-1] == "0|g"
    assert received[f"airflow.chorus.sent_30_days.{KEY}"][-1] == "2|g"
    assert received[f"airflow.chorus.straight_through_rate.{KEY}"] == ["1.0|g"]
    assert received[f"airflow.chorus.oldest_waiting_seconds.{KEY}"][-1] == "0.0|g"
    assert received[f"airflow.chorus.submissions.{KEY}.submitted"] == ["2|c"]
    assert received[f"airflow.chorus.api.calls.{KEY}.factures_soumettre.ok"] == ["1|c", "1|c"]
    assert len(received[f"airflow.chorus.api.duration.{KEY}.factures_soumettre.ok"]) == 2
    assert received[f"airflow.chorus.api.calls.{KEY}.transverses_health-check.server_error"] == ["1|c"]
    assert f"airflow.chorus.api.calls.{KEY}.token.ok" in received
    told = " ".join(received)
    assert not [word for word in (*world.known_secrets, "FA-1", "mdurand", "@") if word in told]


def test_tags_stand_beside_the_name_where_the_server_knows_them(
    world: World, statsd: StatsdServer, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "True")
    initialize()
    world.file("FA-1")
    Stage().run("collect_documents")
    assert f"airflow.chorus.invoices,provider={KEY},state=ready" in statsd.received()


def test_while_metrics_are_off_nothing_is_asked_and_nobody_listens_to_calls(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chorus_airflow.metrics import count_outcomes, measure

    def never(_self: Services) -> Any:
        raise AssertionError("the store was asked")

    monkeypatch.setattr(Services, "figures", never)
    world.file("FA-1")
    Stage().run("collect_documents")
    count_outcomes("p", {"submitted": 1})
    assert measure() is None


def test_numbers_that_cannot_be_told_fail_no_stage(
    world: World, statsd: StatsdServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_self: Services) -> Any:
        raise OSError("no way out")

    monkeypatch.setattr(Services, "figures", broken)
    world.file("FA-1")
    assert Stage().run("collect_documents")["seen"] == 1
    assert "Metrics were not sent: no way out" in caplog.text


def test_an_opentelemetry_collector_hears_the_same(world: World, settings: pytest.MonkeyPatch) -> None:
    from airflow.sdk._shared.observability.metrics.otel_logger import flush_otel_metrics
    from opentelemetry import metrics
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.setenv("AIRFLOW__METRICS__OTEL_ON", "True")
        settings.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        settings.setenv("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none")
        initialize()
        world.file("FA-1")
        assert run_dag().state == "success"
        provider: Any = metrics.get_meter_provider()
        assert provider.force_flush()
        provider.shutdown()
        atexit.unregister(flush_otel_metrics)
        server.shutdown()
        thread.join()
    found: dict[str, list[dict[str, str]]] = {}
    for body in bodies:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                points = metric.gauge.data_points or metric.sum.data_points or metric.exponential_histogram.data_points
                tags = [{tag.key: tag.value.string_value for tag in point.attributes} for point in points]
                found.setdefault(metric.name, []).extend(tags)
    assert {"provider": KEY, "state": "submitted"} in found["airflow.chorus.invoices"]
    assert {"provider": KEY} in found["airflow.chorus.straight_through_rate"]
    called = {"provider": KEY, "operation": "factures_soumettre", "outcome": "ok"}
    assert called in found["airflow.chorus.api.calls"] and called in found["airflow.chorus.api.duration"]
