"""Connections as whoever uses one reads it, in memory."""

from __future__ import annotations

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import SecretMissingError


class FakeSecrets:
    """Implements the port `Secrets` on the connections given, `kept` by id."""

    def __init__(self, *connections: ConnectionSecrets) -> None:
        self.kept = {connection.connection_id: connection for connection in connections}

    def get(self, connection_id: str) -> ConnectionSecrets:
        if connection_id not in self.kept:
            raise SecretMissingError("connection_not_defined", connection=connection_id)
        return self.kept[connection_id]

    def put(self, connection: ConnectionSecrets) -> None:
        """Puts a connection there, or another one in its place."""
        self.kept[connection.connection_id] = connection
