"""The real `airflow` in this environment, asked as the plain process asks it."""

from __future__ import annotations

import json
import secrets

import pytest

from include.adapters.secrets.airflow_cli import AirflowCliSecrets


@pytest.mark.slow
def test_the_real_airflow_tells_the_connection_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    password, client_secret = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    value = {
        "conn_type": "http",
        "host": "http://127.0.0.1:8090",
        "login": "tech@cpro.fr",
        "password": password,
        "extra": {"piste_client_id": "id", "piste_client_secret": client_secret},
    }
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_ASKED", json.dumps(value))
    found = AirflowCliSecrets().get("chorus_asked")
    assert (found.host, found.login, found.password) == ("http://127.0.0.1:8090", "tech@cpro.fr", password)
    assert found.extra == {"piste_client_id": "id", "piste_client_secret": client_secret}
