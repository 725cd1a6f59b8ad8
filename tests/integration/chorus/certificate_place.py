"""A provider at the certificate door of a simulator, whose connection a test may spoil."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import secrets
from pathlib import Path
from typing import Any

from include.adapters.chorus.chorus import RestChorus
from include.adapters.chorus.gateway import RestChorusGateway
from include.application.ports.secrets import ConnectionSecrets
from include.domain.codes import Environment
from include.domain.configuration import Provider
from include.simulator.server import RunningSimulator
from tests.fakes.clock import FakeClock
from tests.integration.chorus.conftest import KnownSecrets
from tests.services.authority import Authority
from tests.services.control_door import control

NOW = dt.datetime.now(dt.UTC)


class Place:
    """One simulator with its certificate door, and a provider whose connection a test may spoil."""

    def __init__(self, simulator: RunningSimulator, authority: Authority, folder: Path) -> None:
        self.simulator, self.authority, self.folder = simulator, authority, folder
        self.clock = FakeClock(NOW)
        self.masked: list[str] = []
        self.known = KnownSecrets(
            ConnectionSecrets(
                connection_id="chorus_test",
                host=simulator.tls_url,
                login=simulator.login,
                password=simulator.password,
            )
        )
        self.password = secrets.token_hex(12)
        self.store(authority.client_p12(self.password))

    def store(self, content: bytes, *, password: str | None = None, format: str = "p12") -> None:
        path = self.folder / f"client.{format}"
        path.write_bytes(content)
        self.extra(certificate=str(path), certificate_format=format, certificate_password=password or self.password)

    def hold(self, content: bytes | str, *, password: str | None = None, format: str = "p12") -> None:
        """The certificate itself in the connection, as `certificate_base64`."""
        text = base64.encodebytes(content).decode() if isinstance(content, bytes) else content
        self.extra(
            certificate="",
            certificate_base64=text,
            certificate_format=format,
            certificate_password=password or self.password,
        )

    def extra(self, **extra: str) -> None:
        self.known.change(**extra)

    def account(self, **values: str) -> None:
        self.known.put(dataclasses.replace(self.known.connection, **values))  # type: ignore[arg-type]

    def provider(self, environment: Environment = Environment.SIMULATOR) -> Provider:
        return Provider(
            name="P",
            siret="33254021516357",
            environment=environment,
            connection="chorus_test",
            authentication="certificate",
        )

    def chorus(self, **options: Any) -> RestChorus:
        settings = {"connect_seconds": 5.0, "safe_seconds": 10.0, **options}
        return RestChorus(
            secrets=self.known, clock=self.clock, sleep=self.clock.advance, mask_secret=self.masked.append, **settings
        )

    def gateway(self, environment: Environment = Environment.SIMULATOR) -> RestChorusGateway:
        return self.chorus().gateway(self.provider(environment))

    def fault(self, operation: str, kind: str, times: int = 1) -> None:
        body = {"operation": operation, "kind": kind, "times": times}
        control(self.simulator.url, "POST", "faults", body)

    def calls(self, operation: str) -> int:
        return int(control(self.simulator.url, "GET", f"calls?operation={operation}")["total"])
