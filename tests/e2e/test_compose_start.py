"""The deployment of docker-compose.yaml, its own commands and health checks, started on this machine."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.services.compose import Services

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

LONG_RUNNING = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")


def words(command: str | list[str]) -> list[str]:
    """A command as the container would get it: docker-compose doubles each `$` that is the shell's."""
    return [word.replace("$$", "$") for word in (shlex.split(command) if isinstance(command, str) else command)]


def first_start(services: Services, surroundings: dict[str, str]) -> None:
    script = words(services["init"]["command"])
    done = subprocess.run(
        script, env=surroundings, cwd=surroundings["AIRFLOW_HOME"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.fixture(scope="module")
def surroundings(compose_services: Services, compose_surroundings: dict[str, str]) -> dict[str, str]:
    """After the first `docker compose up` the databases are filled."""
    first_start(compose_services, compose_surroundings)
    return compose_surroundings


def test_the_first_start_fills_both_databases_and_can_be_repeated(
    compose_services: Services, surroundings: dict[str, str]
) -> None:
    first_start(compose_services, surroundings)
    airflow = create_engine(surroundings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with airflow.connect() as connection:
        pools = connection.execute(text("SELECT pool FROM slot_pool")).scalars().all()
        users = connection.execute(text("SELECT username FROM ab_user")).scalars().all()
    airflow.dispose()
    assert {"ocr", "chorus_api"} <= set(pools)
    assert users == ["admin"]
    ours = create_engine(surroundings["CHORUS_DATABASE_URL"])
    with ours.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    ours.dispose()


@pytest.fixture
def running(compose_services: Services, surroundings: dict[str, str]) -> Iterator[dict[str, Path]]:
    """The four services of Airflow, each in its own process group; yields where each one's output is."""
    home = Path(surroundings["AIRFLOW_HOME"])
    outputs = {name: home / f"{name}.log" for name in LONG_RUNNING}
    with ExitStack() as stack:
        groups = []
        for name, output in outputs.items():
            log = stack.enter_context(output.open("w"))
            command = words(compose_services[name]["command"])
            process = stack.enter_context(
                subprocess.Popen(command, env=surroundings, cwd=home, stdout=log, stderr=log, start_new_session=True)
            )
            groups.append(process)
        try:
            yield outputs
        finally:
            for sign in (signal.SIGTERM, signal.SIGKILL):
                for process in groups:
                    _signal_group(process.pid, sign)
                _wait(groups, seconds=15)


def _signal_group(group: int, sign: signal.Signals) -> None:
    try:
        os.killpg(group, sign)
    except ProcessLookupError:
        return


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    end = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return


def test_every_service_passes_its_own_health_check(
    compose_services: Services, surroundings: dict[str, str], running: dict[str, Path]
) -> None:
    """The checks are run as written, only with this machine's ports in place of the containers'."""
    ports = {
        "localhost:8080": f"localhost:{surroundings['AIRFLOW__API__PORT']}",
        "localhost:8974": f"localhost:{surroundings['AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT']}",
    }
    end = time.monotonic() + 180
    for name in LONG_RUNNING:
        kind, *check = words(compose_services[name]["healthcheck"]["test"])
        for ours, theirs in ports.items():
            check = [word.replace(ours, theirs) for word in check]
        command = ["sh", "-c", *check] if kind == "CMD-SHELL" else check
        while subprocess.run(command, env=surroundings, capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < end, f"{name} is not healthy:\n{running[name].read_text()[-3000:]}"
            time.sleep(1)
