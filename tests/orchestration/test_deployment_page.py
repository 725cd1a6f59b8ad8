"""docs/deployment.md: behind each command stands who runs it, and that is true."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/deployment.md").read_text()
SIGN_OF = {
    "make env": '"env"',
    "docker/create-databases.sh": "docker/create-databases.sh",
    "chorus db migrate": "def upgrade",
}
"""What a test that runs this command has in it."""


def commands() -> list[tuple[str, str]]:
    """Each line of the page's shell blocks: command, and what is said of it."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    return [(command.strip(), said.strip()) for command, _, said in (line.rpartition("  # ") for line in lines)]


def test_every_command_says_who_tried_it() -> None:
    told = commands()
    assert len(told) > 15
    assert [
        said for _, said in told if not re.fullmatch(r"(tried|parsed): tests/[\w/]+\.py|not tried here", said)
    ] == []


def test_who_is_said_to_run_a_command_runs_it() -> None:
    tried = [(command, said.removeprefix("tried: ")) for command, said in commands() if said.startswith("tried")]
    assert len(tried) >= 3
    for command, file in tried:
        [sign] = [sign for part, sign in SIGN_OF.items() if part in command]
        read = [ROOT / file, *([ROOT / "tests/services/compose.py"] if "make" in command else [])]
        assert any(sign in path.read_text() for path in read), command


def test_airflow_understands_every_command_that_is_said_to_be_parsed() -> None:
    """Also those that are typed in a container; one process, because each would cost seconds."""
    calls = [shlex.split(command) for command, said in commands() if said.startswith("parsed")]
    inner = [command.partition(" -- ")[2] for command, _ in commands() if " -- airflow " in command]
    calls += [shlex.split(command) for command in inner]
    assert len(calls) >= 4 and all(call[0] == "airflow" for call in calls)
    parse = (
        "import json, sys; from airflow.cli.cli_parser import get_parser\n"
        "for call in json.load(sys.stdin): get_parser().parse_args(call[1:])"
    )
    fab = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
    environment = {**os.environ, "AIRFLOW__CORE__AUTH_MANAGER": fab, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite://"}
    done = subprocess.run(
        [sys.executable, "-c", parse],
        input=json.dumps(calls),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_secrets_that_the_page_makes_are_those_that_the_values_name() -> None:
    values = yaml.safe_load((ROOT / "deploy/helm-values.yaml").read_text())
    made: dict[str, set[str]] = {}
    for command, _ in commands():
        if found := re.search(r"create secret generic (\S+)", command):
            made[found[1]] = set(re.findall(r"--from-literal=([\w-]+)=", command))
    [owner] = values["migrateDatabaseJob"]["extraVolumes"]
    needed = {
        "chorus-keys": {"fernet-key", "api-secret-key", "jwt-secret"},
        values["data"]["metadataSecretName"]: {"connection"},
        owner["secret"]["secretName"]: {"url"},
    }
    for one in values["secret"]:
        needed.setdefault(one["secretName"], set()).add(one["secretKey"])
    assert made == needed
    named = {values[name] for name in ("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")}
    assert named == {"chorus-keys"}
