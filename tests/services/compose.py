"""docker-compose.yaml without containers: its services, and what surrounds them on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.services.programs import free_port, program

ROOT = Path(__file__).resolve().parents[2]

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def compose_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout's compose part in which somebody typed `make env`."""
    folder = tmp_path_factory.mktemp("compose")
    for name in ("Makefile", ".env.example", "docker-compose.yaml", "Dockerfile"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "docker", folder / "docker")
    subprocess.run([program("make", "make"), "env"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def compose_services(compose_project: Path) -> Services:
    """The services with every variable filled in."""
    command = [program("docker-compose", "docker-compose"), "--profile", "simulator", "--profile", "celery", "config"]
    done = subprocess.run(command, cwd=compose_project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a variable has neither a value in .env nor a default"
    return dict(yaml.safe_load(done.stdout)["services"])


@pytest.fixture(scope="session")
def compose_surroundings(
    compose_services: Services, postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of the services, with two databases of a real PostgreSQL, folders and ports of this machine."""
    from sqlalchemy import create_engine, make_url, text

    folder, server = tmp_path_factory.mktemp("deployment"), make_url(postgresql)
    names = ("compose_airflow", "compose_chorus")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    airflow = server.set(drivername="postgresql+psycopg2", database=names[0])
    api = free_port()
    yield {
        **os.environ,
        **compose_services["init"]["environment"],
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow.render_as_string(hide_password=False),
        "AIRFLOW__API__PORT": str(api),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{api}/execution/",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "CHORUS_DATABASE_URL": server.set(database=names[1]).render_as_string(hide_password=False),
        "CHORUS_HOME": str(folder / "chorus"),
        "CHORUS_FILES_URL": f"file://{folder}/files",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def words(command: str | list[str]) -> list[str]:
    """A command as the container would get it: docker-compose doubles each `$` that is the shell's."""
    return [word.replace("$$", "$") for word in (shlex.split(command) if isinstance(command, str) else command)]


def first_start(services: Services, surroundings: dict[str, str]) -> None:
    """The one-shot service that fills both databases."""
    script = words(services["init"]["command"])
    done = subprocess.run(
        script, env=surroundings, cwd=surroundings["AIRFLOW_HOME"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@contextmanager
def started(commands: Mapping[str, list[str]], surroundings: Mapping[str, dict[str, str]]) -> Iterator[dict[str, Path]]:
    """These programs by name, each in its own process group and environment; yields where each one's output is."""
    with ExitStack() as stack:
        outputs, groups = {}, []
        for name, command in commands.items():
            home = Path(surroundings[name]["AIRFLOW_HOME"])
            outputs[name] = home / f"{name}.log"
            log = stack.enter_context(outputs[name].open("w"))
            options = {"env": surroundings[name], "cwd": home, "stdout": log, "stderr": log}
            groups.append(stack.enter_context(subprocess.Popen(command, start_new_session=True, **options)))
        try:
            yield outputs
        finally:
            for sign in (signal.SIGTERM, signal.SIGKILL):
                for process in groups:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, sign)
                _wait(groups, seconds=15)


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    end = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, end - time.monotonic()))
