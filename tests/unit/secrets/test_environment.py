"""The expected values were compared with Airflow's own `Connection` (3.3)."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import quote

import pytest

from include.adapters.secrets.chain import SecretsChain
from include.adapters.secrets.environment import EnvironmentSecrets
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import SecretMissingError

PASSWORD = secrets.token_urlsafe(12) + "/@:?&%é"
QUOTED = quote(PASSWORD, safe="")


def read(value: str) -> ConnectionSecrets:
    return EnvironmentSecrets({"AIRFLOW_CONN_CHORUS_CITY": value}).get("chorus_city")


def shown(connection: ConnectionSecrets) -> dict[str, Any]:
    names = ("host", "login", "password", "port", "schema", "extra")
    return {name: value for name in names if (value := getattr(connection, name))}


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        (
            f"http://tech%40cpro.fr:{QUOTED}@127.0.0.1:8090",
            {"login": "tech@cpro.fr", "host": "127.0.0.1", "port": 8090},
        ),
        (f"http://l:{QUOTED}@h.example/https", {"login": "l", "host": "h.example", "schema": "https"}),
        (
            f"http://l:{QUOTED}@http%3A%2F%2FHost.example:8090",
            {"login": "l", "host": "http://Host.example", "port": 8090},
        ),
        (
            f"http://https://l:{QUOTED}@h.example:1/s",
            {"login": "l", "host": "https://h.example", "port": 1, "schema": "s"},
        ),
        (
            f"http://l:{QUOTED}@/?piste_client_id=a%20b&empty=",
            {"login": "l", "extra": {"piste_client_id": "a b", "empty": ""}},
        ),
        (
            f"http://l:{QUOTED}@h?__extra__=" + quote(json.dumps({"piste_client_id": "1", "deep": {"a": [1]}})),
            {"login": "l", "host": "h", "extra": {"piste_client_id": "1", "deep": {"a": [1]}}},
        ),
        (f"  my-type://l:{QUOTED}@H  ", {"login": "l", "host": "h"}),
    ],
)
def test_the_uri_form_is_read_as_airflow_reads_it(uri: str, parts: dict[str, Any]) -> None:
    assert shown(read(uri)) == {"password": PASSWORD, **parts}


@pytest.mark.parametrize("extra", [{"piste_client_id": "a"}, '{"piste_client_id": "a"}'], ids=["object", "text"])
@pytest.mark.parametrize("port", [8090, "8090"])
def test_the_json_form_is_read_as_airflow_reads_it(extra: object, port: object) -> None:
    value = {"conn_type": "http", "login": "l", "password": PASSWORD, "host": "http://h", "port": port, "extra": extra}
    assert shown(read(json.dumps(value))) == {
        "login": "l",
        "password": PASSWORD,
        "host": "http://h",
        "port": 8090,
        "extra": {"piste_client_id": "a"},
    }


def test_what_is_left_out_is_none() -> None:
    assert read('{"conn_type": "http", "extra": null}') == ConnectionSecrets(connection_id="chorus_city")


@pytest.mark.parametrize("variables", [{}, {"AIRFLOW_CONN_CHORUS_CITY": "  "}, {"AIRFLOW_CONN_OTHER": "http://h"}])
def test_a_missing_connection_names_its_variable(variables: dict[str, str]) -> None:
    with pytest.raises(SecretMissingError, match="AIRFLOW_CONN_CHORUS_CITY"):
        EnvironmentSecrets(variables).get("chorus_city")


@pytest.mark.parametrize(
    "value",
    [
        '{"password": "%s"',
        '{"password": "%s", "port": "abc"}',
        '{"password": "%s", "extra": [1]}',
        '{"password": "%s", "extra": "{"}',
        "l:%s@host",
        "http://l:%s@host:port",
        "http://a://b://c:%s@host",
        "http://l:%s@https://host",
    ],
)
def test_what_cannot_be_read_is_told_without_showing_it(value: str) -> None:
    secret = secrets.token_hex(8)
    with pytest.raises(SecretMissingError, match="cannot be read") as caught:
        read(value % secret)
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_connection_is_never_printed() -> None:
    assert PASSWORD not in repr(read(f"http://l:{QUOTED}@h"))


def test_the_first_place_that_knows_the_connection_wins() -> None:
    first = EnvironmentSecrets({"AIRFLOW_CONN_A": "http://one"})
    second = EnvironmentSecrets({"AIRFLOW_CONN_A": "http://two", "AIRFLOW_CONN_B": "http://two"})
    chain = SecretsChain(first, second)
    assert (chain.get("a").host, chain.get("b").host) == ("one", "two")
    with pytest.raises(SecretMissingError, match="AIRFLOW_CONN_C"):
        chain.get("c")
    with pytest.raises(SecretMissingError, match="'c' is not defined"):
        SecretsChain().get("c")
