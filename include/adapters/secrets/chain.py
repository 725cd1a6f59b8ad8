"""Several places for connections, asked in order, as Airflow asks its own secrets backends."""

from __future__ import annotations

from include.application.ports import ConnectionSecrets, Secrets
from include.domain.errors import SecretMissingError


class SecretsChain:
    """Implements Secrets: the first place that defines the connection wins."""

    def __init__(self, *places: Secrets) -> None:
        self._places = places

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError with what each place said."""
        said = []
        for place in self._places:
            try:
                return place.get(connection_id)
            except SecretMissingError as error:
                said.append(error)
        raise SecretMissingError(
            " ".join(error.what for error in said) or f"Connection {connection_id!r} is not defined.",
            why="Without it the login is unknown.",
            todo=said[-1].todo if said else "Define the connection.",
            connection=connection_id,
        )
