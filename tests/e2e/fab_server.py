"""Airflow's web server with FAB's users and roles, behind a prefix, by two processes."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from include.demo.airflow_server import airflow_environment
from include.demo.processes import Processes
from tests.conftest import ROOT
from tests.services.programs import free_port

PREFIX = "/airflow"

COMMANDS = """
import json, sys
from airflow.cli.cli_parser import get_parser

for call in json.load(sys.stdin):
    made = get_parser().parse_args(call)
    made.func(made)
"""
"""Airflow's own commands, one after the other, in one process: each by itself would cost ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """The running web server; everybody has the same password. `environment`: that of its processes."""

    url: str
    password: str
    home: Path
    environment: Mapping[str, str]

    def token(self, user: str) -> str:
        """What FAB gives a program of this user; the same stands in the cookie of a browser."""
        body = {"username": user, "password": self.password}
        answer = httpx.post(f"{self.url}/auth/token", json=body, timeout=60)
        assert answer.is_success, answer.text
        return str(answer.json()["access_token"])

    def cookies(self, user: str) -> dict[str, str]:
        """Those of a browser in which this user is signed in."""
        return {"_token": self.token(user)}

    def page(self, path: str, cookies: dict[str, str] | None = None) -> httpx.Response:
        """A page as a browser asks for it."""
        return httpx.get(f"{self.url}/chorus{path}", cookies=cookies, timeout=60)

    def ask(self, user: str, path: str) -> httpx.Response:
        """The JSON twin, as a program of this user asks it."""
        headers = {"Authorization": f"Bearer {self.token(user)}"}
        return httpx.get(f"{self.url}/chorus/api/v1/{path}", headers=headers, timeout=60)


@contextlib.contextmanager
def served_by_fab(
    home: Path, roles: Mapping[str, str], prepare: Callable[[Mapping[str, str]], None]
) -> Iterator[Served]:
    """`roles`: user -> role; `prepare` makes our database, given the environment of the server."""
    port, password = free_port(), secrets.token_hex(9)
    environment = _environment(home, port)
    prepare(environment)
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS], input=json.dumps(_commands(roles, password)), env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    processes = Processes(home)
    url = f"http://127.0.0.1:{port}{PREFIX}"
    made = Served(url=url, password=password, home=home, environment=environment)
    try:
        processes.start("api-server", [str(Path(sys.executable).with_name("airflow")), "api-server"], environment)
        processes.wait_until(lambda: _answers(made), "The web server", 300)
        yield made
    finally:
        processes.stop()


def _environment(home: Path, port: int) -> dict[str, str]:
    base = airflow_environment(os.environ, project=ROOT, home=home / "airflow", port=port)
    return {
        **base,
        "CHORUS_HOME": str(home / "chorus"),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}{PREFIX}",
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__API__WORKERS": "2",
    }


def _commands(roles: Mapping[str, str], password: str) -> list[list[str]]:
    """As docs/deployment.md and the compose file have them."""
    people = [
        ["users", "create", "--username", user, "--role", role, "--firstname", user, "--lastname", "x",
         "--email", f"{user}@example.org", "--password", password]
        for user, role in roles.items()
    ]  # fmt: skip
    menu = ["roles", "add-perms", "Viewer", "User", "--action", "can_read", "--resource", "Plugins"]
    return [["db", "migrate"], *people, menu]


def _answers(made: Served) -> bool:
    try:
        return httpx.get(f"{made.url}/api/v2/version", timeout=10).is_success
    except httpx.TransportError:
        return False
