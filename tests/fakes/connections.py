"""Connections in memory, as the web server keeps them."""

from __future__ import annotations

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import HeldElsewhereError
from tests.fakes.secrets import FakeSecrets


class FakeConnections(FakeSecrets):
    """Implements the port `Connections`, and is read as `Secrets`; `elsewhere` names those of a secrets backend."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: set[str] = set()

    def held_elsewhere(self, connection_id: str) -> bool:
        return connection_id in self.elsewhere

    def keep(self, connection: ConnectionSecrets) -> None:
        if self.held_elsewhere(connection.connection_id):
            raise HeldElsewhereError("connection_held_elsewhere", connection=connection.connection_id)
        self.put(connection)
