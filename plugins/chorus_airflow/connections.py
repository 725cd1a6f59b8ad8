"""Connections as a task sees them, all through Airflow: environment, secrets backend, database (port `Secrets`)."""

from __future__ import annotations

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.application.ports import ConnectionSecrets
from include.domain.errors import SecretMissingError


class AirflowSecrets:
    """Asks Airflow each time: a connection that was corrected works at once."""

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError when Airflow has none of this id."""
        try:
            found = Connection.get(connection_id)
        except AirflowNotFoundException as error:
            raise SecretMissingError(
                f"Connection {connection_id!r} is not defined in Airflow.",
                why="Without it the login is unknown.",
                todo=f"Create it under Admin > Connections, or set AIRFLOW_CONN_{connection_id.upper()}.",
            ) from error
        return ConnectionSecrets(
            connection_id=connection_id,
            host=found.host,
            login=found.login,
            password=found.password,
            port=found.port,
            schema=found.schema,
            extra=found.extra_dejson,
        )
