"""Connections with their secrets, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True, repr=False)
class ConnectionSecrets:
    """One connection as the secrets backend holds it; never printed."""

    connection_id: str
    host: str | None = None
    login: str | None = None
    password: str | None = None
    port: int | None = None
    schema: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The id only."""
        return f"ConnectionSecrets({self.connection_id!r})"


class Connections(Protocol):
    """Where the web server keeps the connections that a person writes on a page."""

    def held_elsewhere(self, connection_id: str) -> bool:
        """Whether the environment or a secrets backend has it: that one counts, and only its owner changes it."""

    def keep(self, connection: ConnectionSecrets) -> None:
        """Stores it, made where it is missing; HeldElsewhereError where it is held elsewhere."""


class Secrets(Protocol):
    """Where connections are read: environment, Airflow in a task, Airflow in the web server."""

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError when it is not defined here."""
