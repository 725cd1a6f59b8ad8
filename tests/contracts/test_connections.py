"""Connections that people write on pages (port `Connections`); `tests/orchestration` has them on Airflow."""

from __future__ import annotations

from typing import Protocol

import pytest

from include.application.ports.secrets import Connections, ConnectionSecrets
from include.domain.errors import HeldElsewhereError, SecretMissingError
from tests.fakes.connections import FakeConnections

MINE, THEIRS = "chorus_mine", "chorus_theirs"


class Kept(Protocol):
    """What stands behind the port; the connection THEIRS is held by a backend."""

    connections: Connections

    def read(self, connection_id: str) -> ConnectionSecrets:
        """As whoever uses it reads it."""
        ...


class Fake:
    """The fake."""

    def __init__(self) -> None:
        self.connections = FakeConnections()
        self.connections.elsewhere.add(THEIRS)

    def read(self, connection_id: str) -> ConnectionSecrets:
        return self.connections.get(connection_id)


def connection(connection_id: str = MINE, **parts: object) -> ConnectionSecrets:
    made_up = {"password": "p:1/@%"}  # pragma: allowlist secret
    values = {"host": "https://chorus.example:8443/x", "login": "tech", **made_up, **parts}
    return ConnectionSecrets(connection_id=connection_id, extra={"piste_client_secret": "s"}, **values)  # type: ignore[arg-type]


class ConnectionsSuite:
    """What holds for all."""

    @pytest.fixture
    def kept(self) -> Kept:
        raise NotImplementedError

    def test_what_is_kept_is_read_as_it_was_written_and_may_be_written_again(self, kept: Kept) -> None:
        with pytest.raises(SecretMissingError):
            kept.read(MINE)
        for password in ("p:1/@%", "another"):
            kept.connections.keep(connection(password=password))
            found = kept.read(MINE)
            assert (found.host, found.login, found.password) == ("https://chorus.example:8443/x", "tech", password)
            assert dict(found.extra) == {"piste_client_secret": "s"}

    def test_what_a_backend_holds_is_left_alone(self, kept: Kept) -> None:
        assert (kept.connections.held_elsewhere(THEIRS), kept.connections.held_elsewhere(MINE)) == (True, False)
        with pytest.raises(HeldElsewhereError):
            kept.connections.keep(connection(THEIRS))


class TestFake(ConnectionsSuite):
    @pytest.fixture
    def kept(self) -> Kept:
        return Fake()
