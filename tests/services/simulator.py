"""The login of a simulator that runs, as a connection holds it."""

from __future__ import annotations

from include.application.ports.secrets import ConnectionSecrets
from include.simulator.server import RunningSimulator


def connection_to(simulator: RunningSimulator, connection_id: str = "chorus_test") -> ConnectionSecrets:
    """PISTE client and technical account of its first supplier, at its plain port."""
    return ConnectionSecrets(
        connection_id=connection_id,
        host=simulator.url,
        login=simulator.login,
        password=simulator.password,
        extra={"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret},
    )
