from __future__ import annotations

import secrets
from typing import Any

import pytest

from include.adapters.chorus.addresses import addresses_for, require_prepared
from include.adapters.chorus.chorus import RestChorus
from include.adapters.http.exchange import Call, HttpExchange
from include.application.ports.secrets import ConnectionSecrets
from include.domain.codes import Environment
from include.domain.configuration import Provider
from include.domain.errors import ConfigurationError, ProductionForbiddenError, SecretMissingError
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets

SANDBOX = "https://sandbox-api.piste.gouv.fr"
SANDBOX_TOKEN = "https://sandbox-oauth.piste.gouv.fr/api/oauth/token"


def make_provider(environment: str, **values: Any) -> Provider:
    return Provider(
        name="P", siret="33254021516357", environment=Environment(environment), connection="chorus_p", **values
    )


def make_connection(host: str | None = None, **values: Any) -> ConnectionSecrets:
    extra = {"piste_client_id": secrets.token_hex(4), "piste_client_secret": secrets.token_hex(4)}
    extra |= values.pop("extra", {})
    login = {"login": secrets.token_hex(4), "password": secrets.token_hex(4)}
    return ConnectionSecrets(connection_id="chorus_p", host=host, extra=extra, **{**login, **values})


def make_chorus(connection: ConnectionSecrets, *, allow_production: bool = False) -> RestChorus:
    return RestChorus(secrets=FakeSecrets(connection), clock=FakeClock(), allow_production=allow_production)


def test_without_a_host_the_environments_own_addresses_are_used() -> None:
    qualification = addresses_for(make_provider("qualification"), make_connection())
    assert (qualification.api, qualification.token) == (SANDBOX, SANDBOX_TOKEN)
    production = addresses_for(make_provider("production"), make_connection())
    assert (production.api, production.token) == (
        "https://api.piste.gouv.fr",
        "https://oauth.piste.gouv.fr/api/oauth/token",
    )


@pytest.mark.parametrize(
    ("connection", "api"),
    [
        ({"host": "http://127.0.0.1:8090"}, "http://127.0.0.1:8090"),
        ({"host": "127.0.0.1", "port": 8090}, "http://127.0.0.1:8090"),
        ({"host": "localhost", "port": 8090, "schema": "http"}, "http://localhost:8090"),
        ({"host": "simulator.example", "port": 8090, "schema": "http"}, "http://simulator.example:8090"),
        ({"host": "simulator.example"}, "https://simulator.example"),
        ({"host": "https://relay.example/chorus/"}, "https://relay.example/chorus"),
        ({"host": "http://[::1]:8090"}, "http://[::1]:8090"),
    ],
)
def test_a_host_replaces_both_addresses(connection: dict[str, Any], api: str) -> None:
    found = addresses_for(make_provider("qualification"), make_connection(**connection))
    assert (found.api, found.token) == (api, api + "/api/oauth/token")


def test_a_token_address_may_be_named() -> None:
    named = make_connection("http://127.0.0.1:1", extra={"token_url": "http://127.0.0.1:2/token"})
    assert addresses_for(make_provider("simulator"), named).token == "http://127.0.0.1:2/token"


@pytest.mark.parametrize("host", ["ftp://x.example", "http://", "http://:80"])
def test_a_host_that_is_no_web_address_is_told(host: str) -> None:
    with pytest.raises(ConfigurationError):
        addresses_for(make_provider("simulator"), make_connection(host))


def test_a_simulator_needs_a_host() -> None:
    with pytest.raises(SecretMissingError, match="no host"):
        addresses_for(make_provider("simulator"), make_connection())


@pytest.mark.parametrize(
    ("environment", "host", "extra", "effective"),
    [
        ("simulator", "http://127.0.0.1:1", {}, "simulator"),
        ("qualification", None, {}, "qualification"),
        ("qualification", "http://127.0.0.1:1", {}, "qualification"),
        ("production", "http://127.0.0.1:1", {}, "production"),
        ("simulator", SANDBOX, {}, "qualification"),
        ("simulator", "https://api.piste.gouv.fr", {}, "production"),
        ("qualification", "https://API.PISTE.gouv.fr.", {}, "production"),
        ("qualification", "https://chorus-pro.gouv.fr:5443", {}, "production"),
        ("qualification", "https://cpro.aife.economie.gouv.fr", {}, "production"),
        ("simulator", "http://127.0.0.1:1", {"token_url": "https://oauth.piste.gouv.fr/api/oauth/token"}, "production"),
        ("simulator", "https://notgouv.fr", {}, "simulator"),
        ("simulator", "https://api.piste%2Egouv.fr", {}, "production"),
        ("simulator", "https://api.piste%2egouv%2efr:443", {}, "production"),
        ("simulator", "https://api.piste.gouv.fr..", {}, "production"),
        ("simulator", "https://api\u3002piste\u3002gouv\u3002fr", {}, "production"),
        ("simulator", "https://\uff41pi.piste.gouv.\uff46r", {}, "production"),
        ("simulator", "https://api.piste.GOUV.FR:8443/x", {}, "production"),
        ("simulator", "https://api.piste.gouv.fr/service-qualif", {}, "production"),
        ("simulator", "http://127.0.0.1:1", {"token_url": "https://x:y@oauth.piste%2Egouv.fr/t"}, "production"),
        ("simulator", "http://127.0.0.1:1", {"token_url": "https://oauth.piste.gouv.fr\\@127.0.0.1/t"}, "production"),
        ("simulator", "http://127.0.0.1:1", {"token_url": "https://127.0.0.1@oauth.piste.gouv.fr/t"}, "production"),
    ],
)
def test_an_address_of_production_counts_as_production_whatever_the_provider_says(
    environment: str, host: str | None, extra: dict[str, str], effective: str
) -> None:
    chorus = make_chorus(make_connection(host, extra=extra))
    assert chorus.effective_environment(make_provider(environment)) == effective


@pytest.mark.parametrize(("environment", "host"), [("production", None), ("simulator", "https://api.piste.gouv.fr")])
def test_production_is_refused_before_any_connection_unless_allowed(environment: str, host: str | None) -> None:
    provider, connection = make_provider(environment), make_connection(host)
    for make in (make_chorus(connection).gateway, make_chorus(connection).directory):
        with pytest.raises(ProductionForbiddenError, match="CHORUS_ALLOW_PRODUCTION"):
            make(provider)
    make_chorus(connection, allow_production=True).gateway(provider)


def test_the_states_addresses_are_never_called_in_clear() -> None:
    with pytest.raises(ConfigurationError, match="without encryption"):
        make_chorus(make_connection("http://sandbox-api.piste.gouv.fr")).gateway(make_provider("qualification"))


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"login": None}, "login"),
        ({"password": ""}, "password"),
        ({"extra": {"piste_client_id": ""}}, "extra.piste_client_id"),
        ({"extra": {"piste_client_secret": None}}, "extra.piste_client_secret"),
    ],
)
def test_a_part_that_the_connection_lacks_is_named(missing: dict[str, Any], named: str) -> None:
    with pytest.raises(SecretMissingError, match=named):
        make_chorus(make_connection(**missing)).gateway(make_provider("qualification"))


@pytest.mark.parametrize(
    "url", ["https://api.piste.gouv.fr/x", "https://api.piste%2Egouv.fr/x", "https://API.piste.gouv.fr.:8443/x"]
)
def test_the_address_of_the_very_request_is_looked_at_before_anything_leaves(url: str) -> None:
    exchange = HttpExchange(
        user_agent="test",
        connect_seconds=1,
        use_proxies=False,
        guard=lambda found: require_prepared(found, make_provider("simulator"), allow_production=False),
    )
    call = Call(method="GET", url=url, operation="x")
    with pytest.raises(ProductionForbiddenError):
        exchange.exchange(call, seconds=1, limit=10, auth=lambda request: request)
