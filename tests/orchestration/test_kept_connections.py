"""The suite of `Connections` on Airflow's own table, with the environment as the backend that comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airflow.models.crypto import get_fernet
from cryptography.fernet import Fernet

from chorus_airflow.connections import AirflowSecrets
from chorus_airflow.kept_connections import AirflowConnections
from include.application.ports.secrets import ConnectionSecrets
from tests.contracts.test_connections import MINE, THEIRS, ConnectionsSuite, Kept, connection


class OnAirflow:
    """Airflow."""

    def __init__(self) -> None:
        self.connections = AirflowConnections()

    def read(self, connection_id: str) -> ConnectionSecrets:
        return AirflowSecrets().get(connection_id)


@pytest.mark.usefixtures("airflow_database")
class TestAirflow(ConnectionsSuite):
    @pytest.fixture
    def kept(self, monkeypatch: pytest.MonkeyPatch) -> Kept:
        from airflow.models import Connection
        from airflow.utils.session import create_session
        from sqlalchemy import delete

        monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")  # as Airflow's web server says of itself
        monkeypatch.setenv(f"AIRFLOW_CONN_{THEIRS.upper()}", "http://a:b@host")
        with create_session() as session:
            session.execute(delete(Connection).where(Connection.conn_id == MINE))
        return OnAirflow()

    @pytest.fixture
    def key(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Airflow's own key, which an installation has."""
        monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
        get_fernet.cache_clear()
        yield
        get_fernet.cache_clear()

    @pytest.mark.usefixtures("key")
    def test_secrets_are_encrypted_in_the_table(self, kept: Kept) -> None:
        from airflow.models import Connection
        from airflow.utils.session import create_session
        from sqlalchemy import select, text

        kept.connections.keep(connection(password="in the clear"))  # pragma: allowlist secret
        with create_session() as session:
            row = session.execute(text(f"SELECT password, extra FROM connection WHERE conn_id = '{MINE}'")).one()
            kind = session.scalar(select(Connection.conn_type).where(Connection.conn_id == MINE))
        assert "in the clear" not in str(row) and "piste_client_secret" not in str(row)
        assert kind == "chorus_pro"
