"""Where connections are read (port `Secrets`); `tests/orchestration` runs the suite on Airflow itself."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.adapters.secrets.airflow_cli import AirflowCliSecrets
from include.adapters.secrets.chain import SecretsChain
from include.adapters.secrets.environment import EnvironmentSecrets
from include.application.ports.secrets import ConnectionSecrets, Secrets
from include.domain.errors import SecretMissingError
from tests.fakes.secrets import FakeSecrets

Place = Callable[[ConnectionSecrets], Secrets]
"""Makes a place that holds this connection, and no other one."""


def variable(connection: ConnectionSecrets) -> tuple[str, str]:
    """The variable that defines it for Airflow: name and value."""
    return f"AIRFLOW_CONN_{connection.connection_id.upper()}", json.dumps({"conn_type": "http", **parts(connection)})


def parts(connection: ConnectionSecrets) -> dict[str, Any]:
    names = ("host", "schema", "login", "password", "port")
    return {**{name: getattr(connection, name) for name in names}, "extra": dict(connection.extra)}


def environment(connection: ConnectionSecrets) -> Secrets:
    return EnvironmentSecrets(dict([variable(connection)]))


def chain(connection: ConnectionSecrets) -> Secrets:
    return SecretsChain(EnvironmentSecrets({}), environment(connection))


def airflow_command(folder: Path) -> Place:
    """The client of `airflow connections get`, on a program that answers as it does."""

    def place(connection: ConnectionSecrets) -> Secrets:
        row = {**parts(connection), "extra_dejson": dict(connection.extra)}
        program = folder / "airflow"
        program.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"if sys.argv[3] != {connection.connection_id!r}:\n    sys.exit('Connection not found.')\n"
            f"print({json.dumps([row])!r})\n"
        )
        program.chmod(0o700)
        return AirflowCliSecrets(program)

    return place


class SecretsSuite:
    """What holds for all."""

    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    def test_a_connection_is_read_with_all_its_parts(self, place: Place) -> None:
        whole = ConnectionSecrets(
            connection_id="chorus_whole",
            host="http://chorus.example",
            login="TECH_1@cpro.fr",
            password=secrets.token_urlsafe(8) + "/@:%é",
            port=8090,
            schema="http",
            extra={"piste_client_id": "id", "piste_client_secret": secrets.token_urlsafe(8)},
        )
        assert place(whole).get("chorus_whole") == whole

    def test_what_a_connection_leaves_out_is_none(self, place: Place) -> None:
        bare = ConnectionSecrets(connection_id="chorus_bare", login="TECH_1@cpro.fr")
        assert place(bare).get("chorus_bare") == bare

    def test_a_connection_that_is_not_defined_is_missing_and_no_other_one_stands_in(self, place: Place) -> None:
        with pytest.raises(SecretMissingError, match="chorus_nowhere"):
            place(ConnectionSecrets(connection_id="chorus_city")).get("chorus_nowhere")


class TestSecrets(SecretsSuite):
    @pytest.fixture(params=["fake", "environment", "chain", "airflow command"])
    def place(self, request: pytest.FixtureRequest, tmp_path: Path) -> Place:
        places: dict[str, Place] = {
            "fake": FakeSecrets,
            "environment": environment,
            "chain": chain,
            "airflow command": airflow_command(tmp_path),
        }
        return places[request.param]
