"""Connections as a task sees them, all through Airflow: environment, secrets backend, database (port `Secrets`)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConnectorError, SecretMissingError

if TYPE_CHECKING:
    from include.application.ports.runs import RunRef
    from include.bootstrap import Services


def airflow_services(*, actor: str | None = None, run: RunRef | None = None) -> Services:
    """The product's services with Airflow's connections and masker, for a process of Airflow's own."""
    from airflow.sdk.log import mask_secret

    from chorus_airflow.metrics import measure
    from include.bootstrap import services
    from include.settings import settings

    own = settings() if actor is None else dataclasses.replace(settings(), actor=actor)
    return services(given=own, secrets=AirflowSecrets(), mask_secret=mask_secret, measure=measure(), run=run)


def sentence(error: ConnectorError) -> str:
    """The error for a place that shows one line."""
    return " ".join(filter(None, (error.what, error.why, error.todo)))


class AirflowSecrets:
    """Asks Airflow each time: a connection that was corrected works at once."""

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError when Airflow has none of this id."""
        try:
            connection = Connection.get(connection_id)
        except AirflowNotFoundException as error:
            raise SecretMissingError(
                "connection_not_in_airflow", connection=connection_id, suffix=connection_id.upper()
            ) from error
        return ConnectionSecrets(
            connection_id=connection_id,
            host=connection.host,
            login=connection.login,
            password=connection.password,
            port=connection.port,
            schema=connection.schema,
            extra=connection.extra_dejson,
        )
