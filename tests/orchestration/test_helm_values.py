"""deploy/helm-values.yaml as far as it can be checked without the chart; the rest stands in docs/deployment.md."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.services.compose import Services

ROOT = Path(__file__).resolve().parents[2]
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/helm-values.yaml").read_text())
SHARED = (
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL",
    "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES",
    "AIRFLOW__API_AUTH__JWT_LEEWAY",
    "AIRFLOW__WORKERS__EXECUTION_API_RETRIES",
    "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX",
    "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES",
    "AIRFLOW__CORE__TEST_CONNECTION",
)
ITS_OWN = {"kubernetes_executor"}
"""A section of the provider that only the image for Kubernetes has."""
UNLISTED = {"num_stuck_in_queued_retries"}
"""What the scheduler reads although its own list does not name it; tests/e2e/test_celery.py needs it."""
MIGRATIONS = ("chorus db migrate", "airflow db migrate")


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Each value with its keys; lists and what the chart hands on as it is count as one."""
    handed_on = re.fullmatch(r"config|.*(securityContexts\.\w+|resources)", path)
    if isinstance(value, dict) and value and not handed_on:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".strip("."))
    else:
        yield path, value


def test_every_key_is_one_that_was_looked_up_in_the_chart() -> None:
    """The chart refuses keys that it does not know; what this list holds was read in its own values.yaml."""
    known = set((ROOT / "tests/resources/helm_chart_keys.txt").read_text().split("\n"))
    assert sorted({path for path, _ in leaves(VALUES)} - known) == []


def test_every_option_is_one_of_airflow() -> None:
    from airflow.configuration import conf

    options = conf.configuration_description
    for section, values in VALUES["config"].items():
        if section in ITS_OWN:
            continue
        for option, value in values.items():
            assert option in options[section]["options"].keys() | UNLISTED, f"{section}.{option}"
            assert isinstance(value, str), f"{section}.{option}: the chart renders texts"


def test_times_and_rules_are_those_of_the_compose_file(compose_services: Services) -> None:
    composed = compose_services["airflow-scheduler"]["environment"]
    for variable in SHARED:
        _, section, option = variable.lower().split("__")
        assert VALUES["config"][section][option] == composed[variable], variable


def test_every_variable_is_known_and_none_that_is_secret_stands_here(compose_services: Services) -> None:
    composed = compose_services["airflow-scheduler"]["environment"]
    variables = [*VALUES["env"], *VALUES["apiServer"]["env"]]
    names = [one["name"] for one in variables] + [one["envName"] for one in VALUES["secret"]]
    ours = {name for name in names if name.startswith(("CHORUS_", "AWS_", "FORWARDED_", "PYTHON"))}
    assert len(ours) > 8
    assert ours - composed.keys() == set()
    assert [one for one in variables if re.search("PASSWORD|SECRET_|KEY|TOKEN|DATABASE", one["name"])] == []
    assert "://" not in str([one for one in variables if not one["value"].startswith("s3://")])


def test_the_job_migrates_both_and_makes_the_pools_of_the_compose_file(compose_services: Services) -> None:
    shell, options, script = VALUES["migrateDatabaseJob"]["args"]
    assert (shell, options) == ("bash", "-euc")
    assert subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0
    of_init = compose_services["init"]["command"][-1].replace("$$", "$")

    def pools(text: str) -> set[tuple[str, ...]]:
        lines = [call for line in text.splitlines() for call in line.split("||") if "airflow pools" in call]
        return {tuple(shlex.split(call)[:4]) for call in lines}

    assert len(pools(script)) == 4
    assert pools(script) == pools(of_init)
    lines = [line.strip() for line in script.splitlines()]
    ours, theirs = (next(place for place, line in enumerate(lines) if line.endswith(end)) for end in MIGRATIONS)
    assert ours < theirs, "other pods wait for Airflow's schema alone"
    [mounted] = VALUES["migrateDatabaseJob"]["extraVolumeMounts"]
    assert f"$(cat {mounted['mountPath']}/url)" in script, "only this job holds the login that may change tables"


def test_pods_are_contained_as_the_services_are() -> None:
    pod, container = VALUES["securityContexts"]["pod"], VALUES["securityContexts"]["containers"]
    assert container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["runAsNonRoot"] is True and pod["runAsUser"] == 50000
    volumes = {volume["name"] for volume in VALUES["volumes"]}
    assert {mount["name"] for mount in VALUES["volumeMounts"]} == volumes
    assert {"/tmp", "/srv/chorus"} <= {mount["mountPath"] for mount in VALUES["volumeMounts"]}
    assert VALUES["workers"]["serviceAccount"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("component", ["scheduler", "dagProcessor", "triggerer", "apiServer", "workers"])
def test_every_component_has_its_limits(component: str) -> None:
    resources = VALUES[component]["resources"]
    assert resources["limits"]["memory"] and resources["requests"]["cpu"] and resources["requests"]["memory"]


def test_nothing_comes_up_with_a_password_that_everybody_knows() -> None:
    assert VALUES["createUserJob"]["enabled"] is False
    assert VALUES["webserver"]["defaultUser"]["enabled"] is False
    assert VALUES["postgresql"]["enabled"] is False, "the chart's own database has one"


def test_no_sidecar_calls_what_our_image_does_not_have() -> None:
    for component in ("scheduler", "dagProcessor", "triggerer"):
        assert VALUES[component]["logGroomerSidecar"]["enabled"] is False
