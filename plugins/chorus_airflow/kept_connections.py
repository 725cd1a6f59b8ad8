"""Connections that the web server writes in Airflow's own database, encrypted by Airflow (port `Connections`).

The web server may read and write that database; no task can.
"""

from __future__ import annotations

import json

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import HeldElsewhereError

CONN_TYPE = "chorus_pro"


class AirflowConnections:
    """Airflow's table of connections, as long as nothing that Airflow asks before it has the connection."""

    def held_elsewhere(self, connection_id: str) -> bool:
        """See `Connections`; the environment counts as a backend."""
        from airflow.configuration import ensure_secrets_loaded
        from airflow.secrets.metastore import MetastoreBackend

        backends = (one for one in ensure_secrets_loaded() if not isinstance(one, MetastoreBackend))
        return any(one.get_connection(connection_id) is not None for one in backends)

    def keep(self, connection: ConnectionSecrets) -> None:
        """See `Connections`."""
        from airflow.models import Connection
        from airflow.utils.session import create_session
        from sqlalchemy import select

        if self.held_elsewhere(connection.connection_id):
            raise HeldElsewhereError("connection_held_elsewhere", connection=connection.connection_id)
        with create_session() as session:
            stored = session.scalar(select(Connection).where(Connection.conn_id == connection.connection_id))
            if stored is None:
                stored = Connection(conn_id=connection.connection_id, conn_type=CONN_TYPE)
                session.add(stored)
            stored.host, stored.schema, stored.port = connection.host, connection.schema, connection.port
            stored.login = connection.login
            stored.set_password(connection.password)
            stored.set_extra(json.dumps(dict(connection.extra)))
