"""Connections as tasks see them, and that nothing secret of them reaches a log."""

from __future__ import annotations

import base64
import json
import secrets

import pytest

from include.application.ports.secrets import ConnectionSecrets, Secrets
from include.domain.errors import SecretMissingError
from tests.contracts.test_secrets import Place, SecretsSuite, variable
from tests.orchestration.world import AIRFLOW

pytestmark = AIRFLOW


@pytest.mark.usefixtures("airflow_database")
class TestAirflowSecrets(SecretsSuite):
    @pytest.fixture
    def place(self, monkeypatch: pytest.MonkeyPatch) -> Place:
        from chorus_airflow.connections import AirflowSecrets

        def place(connection: ConnectionSecrets) -> Secrets:
            monkeypatch.setenv(*variable(connection))
            return AirflowSecrets()

        return place


def test_a_connection_of_the_environment_arrives_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus_airflow.connections import AirflowSecrets

    password, client_secret = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    value = {
        "conn_type": "http",
        "host": "http://127.0.0.1",
        "port": 8090,
        "schema": "http",
        "login": "TECH_1@cpro.fr",
        "password": password,
        "extra": {"piste_client_id": "id", "piste_client_secret": client_secret},
    }
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", json.dumps(value))
    found = AirflowSecrets().get("chorus_test")
    assert (found.connection_id, found.host, found.port, found.schema) == (
        "chorus_test",
        "http://127.0.0.1",
        8090,
        "http",
    )
    assert (found.login, found.password) == ("TECH_1@cpro.fr", password)
    assert found.extra == {"piste_client_id": "id", "piste_client_secret": client_secret}
    assert password not in repr(found)


def test_a_connection_as_uri_arrives_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus_airflow.connections import AirflowSecrets

    # pragma: allowlist nextline secret
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", "http://TECH%40cpro.fr:a%2Fb%40c@127.0.0.1:8090/?piste_client_id=id")
    found = AirflowSecrets().get("chorus_test")
    assert (found.login, found.password, found.host, found.port) == ("TECH@cpro.fr", "a/b@c", "127.0.0.1", 8090)
    assert found.extra == {"piste_client_id": "id"}


def test_a_corrected_connection_works_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus_airflow.connections import AirflowSecrets

    asked = AirflowSecrets()
    for login in ("before", "after"):
        monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", json.dumps({"conn_type": "http", "login": login}))
        assert asked.get("chorus_test").login == login


def test_a_missing_connection_is_named_with_its_cure(airflow_database: None) -> None:
    from chorus_airflow.connections import AirflowSecrets

    with pytest.raises(
        SecretMissingError, match=r"'chorus_nowhere' .*Admin > Connections.*AIRFLOW_CONN_CHORUS_NOWHERE"
    ):
        AirflowSecrets().get("chorus_nowhere")


def test_tokens_and_encoded_accounts_are_given_to_airflows_masker(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from airflow.sdk._shared.secrets_masker import redact

    from chorus_airflow.stage import task_services

    task = SimpleNamespace(dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=1)
    found = task_services({"ti": task})  # type: ignore[typeddict-item]
    account = base64.b64encode(secrets.token_bytes(18)).decode()
    found.mask_secret(account)
    assert redact(f"cpro-account: {account}") == "cpro-account: ***"
    assert found.settings.actor == "airflow:d.t"
