"""docker-compose.yaml without containers: it is valid, and everything it names exists and works on this machine."""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.services.compose import Services

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yaml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


@pytest.fixture
def services(compose_services: Services) -> Services:
    return compose_services


def words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


def commands(services: Services, name: str) -> list[list[str]]:
    """Every call of the program `name` in a command or a health check, scripts included."""
    found: list[list[str]] = []
    for service in services.values():
        calls = [words(service.get("command", [])), words(service.get("healthcheck", {}).get("test", []))]
        for call in calls:
            lines = call[-1].splitlines() if call[:1] in (["bash"], ["sh"], ["CMD-SHELL"]) else [shlex.join(call)]
            found += [shlex.split(call) for line in lines for call in line.split("||")]
    chosen = [call for call in found if call[:1] == [name]]
    assert chosen, f"no call of {name}: the test would be empty"
    return chosen


def test_make_env_gives_every_secret_a_fresh_value_and_keeps_an_existing_file(compose_project: Path) -> None:
    written = (compose_project / ".env").read_text()
    empty = re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE)
    values = [re.search(rf"^{name}=(.+)$", written, re.MULTILINE) for name in empty]
    assert None not in values
    assert len({found[1] for found in values if found}) == len(empty)
    assert (compose_project / ".env").stat().st_mode & 0o077 == 0
    subprocess.run(["make", "env"], cwd=compose_project, check=True, capture_output=True)
    assert (compose_project / ".env").read_text() == written


def test_every_variable_is_explained_and_no_other_one_is() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    explained = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE)) - {"COMPOSE_PROFILES"}
    assert asked == explained


def test_the_example_holds_no_secret() -> None:
    secret = re.findall(r"^([A-Z_]*(?:PASSWORD|SECRET|KEY|LOGIN|CLIENT_ID)[A-Z_]*)=(.*)$", EXAMPLE, re.MULTILINE)
    assert secret
    # an empty text in quotes is what `make env` leaves empty: the key of a bucket that nobody has to have
    assert [name for name, value in secret if value not in ("", '""')] == []


def test_every_service_of_airflow_shares_keys_database_and_api_server(services: Services) -> None:
    shared = (
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "CHORUS_FILES_URL",
        "PYTHONPATH",
    )
    ours = {name: service for name, service in services.items() if name == "init" or name.startswith("airflow-")}
    parts = {"apiserver", "scheduler", "dag-processor", "triggerer", "worker"}
    assert ours.keys() == {"init", *(f"airflow-{part}" for part in parts)}
    for variable in shared:
        assert len({service["environment"][variable] for service in ours.values()}) == 1, variable
    logins = {name: service["environment"]["CHORUS_DATABASE_URL"].split(":")[1] for name, service in ours.items()}
    assert logins.pop("init") == "//chorus_owner", "the one that may change tables"
    assert set(logins.values()) == {"//chorus"}


def test_the_connection_of_the_demonstration_is_the_simulators_login(services: Services) -> None:
    simulator = services["chorus-simulator"]
    connection = json.loads(services["airflow-scheduler"]["environment"]["AIRFLOW_CONN_CHORUS_DEMO"])
    words_of_it = words(simulator["command"])
    port = words_of_it[words_of_it.index("--port") + 1]
    assert connection["host"] == f"http://chorus-simulator:{port}"
    login = {
        "CHORUS_SIM_LOGIN": connection["login"],
        "CHORUS_SIM_PASSWORD": connection["password"],
        "CHORUS_SIM_CLIENT_ID": connection["extra"]["piste_client_id"],
        "CHORUS_SIM_CLIENT_SECRET": connection["extra"]["piste_client_secret"],
    }
    assert login == simulator["environment"]
    named = yaml.safe_load((ROOT / "include/demo/configuration.yaml").read_text())["providers"][0]["connection"]
    assert named == "chorus_demo"


def test_every_file_that_is_mounted_or_copied_exists(services: Services) -> None:
    mounted = re.findall(r"^ +- \./([^:]+):", COMPOSE, re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = mounted + [name for line in copied for name in line.split()]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_named_volume_is_declared_and_every_folder_of_ours_is_on_one(services: Services) -> None:
    declared = set(yaml.safe_load(COMPOSE)["volumes"])
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith("/")} == declared
    scheduler = services["airflow-scheduler"]
    targets = [volume.split(":")[1] for volume in scheduler["volumes"]]
    for folder in (scheduler["environment"]["CHORUS_HOME"], scheduler["environment"]["CHORUS_FILES_URL"]):
        assert any(folder.removeprefix("file://").startswith(target) for target in targets), folder


def test_airflow_understands_every_command_we_give_it(services: Services, tmp_path: Path) -> None:
    """One process of Airflow's own parser for all: each `airflow` command would cost five seconds."""
    parse = (
        "import json, sys; from airflow.cli.cli_parser import get_parser\n"
        "for call in json.load(sys.stdin): get_parser().parse_args(call[1:])"
    )
    calls = json.dumps(commands(services, "airflow"))
    environment = {**os.environ, **services["init"]["environment"], "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite://"}
    done = subprocess.run(
        [sys.executable, "-c", parse], input=calls, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_chorus_understands_every_command_we_give_it(services: Services) -> None:
    import typer

    from include import cli

    for call in commands(services, "chorus"):
        command, rest = typer.main.get_command(cli.app), call[1:]
        while subcommands := getattr(command, "commands", None):
            command, rest = subcommands[rest[0]], rest[1:]
        command.make_context("chorus", rest)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # kombu leaves its socket to the garbage collector
def test_the_lock_can_reach_a_redis_broker(redis_server: str) -> None:
    """Celery's own client with the packages of our lock, against a real Redis."""
    from kombu import Connection

    with Connection(redis_server) as broker:
        queue = broker.SimpleQueue("chorus")
        queue.put({"task": 1})
        assert queue.get(timeout=10).payload == {"task": 1}
        queue.close()
    del queue, broker
    gc.collect()


def test_make_env_fills_in_nothing_but_logins_and_secrets() -> None:
    """It writes a fresh secret behind each bare `=`: a switch that stood empty there would be set to nonsense."""
    empty = re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE)
    assert empty
    assert [name for name in empty if not name.endswith(("_PASSWORD", "_SECRET", "_KEY", "_LOGIN", "_CLIENT_ID"))] == []
