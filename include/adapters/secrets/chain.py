"""Several places for connections, asked in order, as Airflow asks its own secrets backends."""

from __future__ import annotations

from include.application.ports.secrets import ConnectionSecrets, Secrets
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
        if not said:
            raise SecretMissingError("connection_not_defined", connection=connection_id)
        if len(said) == 1:
            raise said[0]
        raise SecretMissingError(
            "connection_in_no_place",
            connection=connection_id,
            said=tuple(error.headline for error in said),
            cure=said[-1].cure,
        )
