"""After saving, the login of each provider is tried; a failure is a warning with the half and the cure."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable, Sequence

import pytest

from include.application.administration.configure import check_logins, look_around
from include.application.ports.providers import ProviderHealth
from include.application.ports.secrets import ConnectionSecrets
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, LoginRefusedError, NeverLeftError, SecretMissingError
from include.domain.notification import NewEvent
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.providers import FakeProviders
from tests.fakes.secrets import FakeSecrets

SIRET, OTHER = "33254021516357", "12345678200051"
CLOCK = FakeClock()


class Circuits(FakeProviders):
    """Which circuits are open, for which half and how long, and which were closed by a good call."""

    @property
    def opened(self) -> dict[str, tuple[str | None, dt.timedelta]]:
        return {
            key: (health.half, health.next_probe_at - health.open_since)
            for key, health in self.circuits.items()
            if health.open_since and health.next_probe_at
        }

    @property
    def closed(self) -> list[str]:
        return [key for key, health in self.circuits.items() if health.last_success_at and not health.open_since]

    def keep_credentials(self, health: ProviderHealth, alerts: Sequence[NewEvent]) -> None:
        raise AssertionError("a login that is tried tells nothing of its end")


def provider(name: str = "Durand", siret: str = SIRET, **changes: str) -> Provider:
    values = {
        "name": name,
        "siret": siret,
        "environment": "simulator",
        "connection": f"chorus_{name.lower()}",
        **changes,
    }
    return Provider.model_validate(values)


def raising(error: ConnectorError) -> Callable[[Provider], None]:
    def check(tried: Provider) -> None:
        if tried.name == "Durand":
            raise error

    return check


def test_a_login_that_works_says_nothing_and_closes_the_circuit() -> None:
    circuits = Circuits()
    assert check_logins([provider()], lambda _: None, circuits, CLOCK) == []
    assert circuits.closed == [f"simulator:{SIRET}"]


@pytest.mark.parametrize(
    ("half", "authentication", "said"),
    [
        (
            "piste",
            "oauth_piste",
            ["Refused: the PISTE client. 401.", "piste_client_id and piste_client_secret", "chorus_durand"],
        ),
        (
            "account",
            "oauth_piste",
            ["Refused: the technical account. 401.", "login and password in the connection chorus_durand"],
        ),
        ("certificate", "certificate", ["Refused: the client certificate. 401.", "the connection chorus_durand"]),
        ("account", "certificate", ["With port 5443 open, reset the technical password"]),
    ],
)
def test_a_refused_login_names_provider_half_and_cure_and_stops_the_provider(
    half: str, authentication: str, said: list[str]
) -> None:
    circuits = Circuits()
    refused = LoginRefusedError("401.", half=half)
    both = [provider(authentication=authentication), provider("Martin", OTHER)]
    [warning] = map(str, check_logins(both, raising(refused), circuits, CLOCK))
    assert warning.startswith(f"Durand ({SIRET}, simulator) is stored. It is stopped")
    assert all(part in warning for part in said)
    assert circuits.opened == {f"simulator:{SIRET}": (half, dt.timedelta(hours=1))}
    assert circuits.closed == [f"simulator:{OTHER}"]


def test_logins_are_tried_side_by_side() -> None:
    both_are_trying = threading.Barrier(2, timeout=20)
    check_logins([provider(), provider("Martin", OTHER)], lambda _: both_are_trying.wait() and None, Circuits(), CLOCK)
    assert not both_are_trying.broken


@pytest.mark.parametrize(
    "error",
    [
        SecretMissingError("The connection chorus_durand is not defined here.", todo="Define it."),
        NeverLeftError("No connection to 127.0.0.1:9."),
    ],
)
def test_a_login_that_cannot_be_tried_is_a_warning_and_opens_no_circuit(error: ConnectorError) -> None:
    circuits = Circuits()
    [warning] = map(str, check_logins([provider()], raising(error), circuits, CLOCK))
    assert "could not be tried" in warning
    assert str(error) in warning
    assert (circuits.opened, circuits.closed) == ({}, [])


def connection(name: str, **parts: object) -> ConnectionSecrets:
    return ConnectionSecrets(connection_id=name, password=secrets.token_hex(8), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        ({"host": "http://127.0.0.1:8090"}, "http://127.0.0.1:8090"),
        ({"host": "h.example", "schema": "http", "port": 81}, "http://h.example:81"),
        ({"host": "h.example"}, "//h.example"),
        ({}, ""),
    ],
)
def test_addresses_are_read_from_connections(parts: dict[str, object], address: str) -> None:
    chorus = FakeChorus(FakePlatform(CLOCK))
    chorus.environments = {"chorus_durand": "production"}
    around = look_around(
        Configuration(providers=(provider(), provider("Martin", OTHER))),
        secrets=FakeSecrets(connection("chorus_durand", **parts)),
        chorus=chorus,
        allow_production=True,
    )
    assert around.addresses == {"chorus_durand": address}
    assert around.environments == {f"simulator:{SIRET}": "production"}
    assert around.allow_production
