"""One provider on a server that misbehaves as told; its login is made for each test."""

from __future__ import annotations

import dataclasses
import secrets
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.application.ports.secrets import ConnectionSecrets
from include.domain.codes import Environment
from include.domain.configuration import Provider
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets
from tests.integration.chorus import certificates
from tests.integration.chorus.scripted_server import ScriptedServer


class KnownSecrets(FakeSecrets):
    """The one connection of the provider, which a test may change."""

    @property
    def connection(self) -> ConnectionSecrets:
        return self.get("chorus_test")

    def change(self, *, host: str | None = None, **extra: str) -> None:
        """Another host, or other parts of the extra."""
        held = self.connection
        self.put(dataclasses.replace(held, host=host or held.host, extra={**held.extra, **extra}))


def make_connection(host: str | None, **extra: str) -> ConnectionSecrets:
    """A complete connection with a login nobody has used before."""
    return ConnectionSecrets(
        connection_id="chorus_test",
        host=host,
        login=f"TECH_1_{secrets.token_hex(4)}@cpro.fr",
        password=secrets.token_urlsafe(16),
        extra={"piste_client_id": secrets.token_hex(16), "piste_client_secret": secrets.token_hex(16), **extra},
    )


@pytest.fixture
def provider() -> Provider:
    return Provider(name="Test", siret="33254021516357", environment=Environment.SIMULATOR, connection="chorus_test")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def known() -> KnownSecrets:
    return KnownSecrets(make_connection(None))


@pytest.fixture
def make_chorus(clock: FakeClock, known: KnownSecrets) -> Callable[..., RestChorus]:
    """The real adapter for an address; waiting moves the frozen clock."""

    def make(host: str, **options: object) -> RestChorus:
        known.change(host=host)
        settings: dict[str, object] = {"connect_seconds": 5.0, "safe_seconds": 5.0, **options}
        return RestChorus(secrets=known, clock=clock, sleep=clock.advance, **settings)  # type: ignore[arg-type]

    return make


@pytest.fixture
def chorus(server: ScriptedServer, make_chorus: Callable[..., RestChorus]) -> RestChorus:
    return make_chorus(server.url)


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    return certificates.own_certificate(tmp_path)
