"""Running the portal in this process."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from include.application.ports.secrets import ConnectionSecrets
from include.demo.portal_server.app import Manner, create_app
from include.demo.portal_server.shelf import ROOT_ID, Shelf
from include.simulator.server import Listener


class RunningPortal:
    """A portal over a folder: `with RunningPortal(folder) as portal: ... portal.url`. Its password is made anew."""

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        login: str = "connecteur",
        manner: Manner | None = None,
        metadata_names: Sequence[str] = (),
    ) -> None:
        self.shelf = Shelf(folder, metadata_names)
        self.manner = manner or Manner()
        self.login = login
        self.password = secrets.token_urlsafe(18)
        app = create_app(self.shelf, login=login, password=self.password, manner=self.manner)
        self._host = host
        self._listener = Listener(app, host, port)

    def __enter__(self) -> RunningPortal:
        """Starts it."""
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self._listener.stop()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self._host}:{self._listener.port}"

    @property
    def connection(self) -> dict[str, Any]:
        """The Airflow connection that reaches it, as Airflow writes it in JSON."""
        parts = {"host": self.url, "login": self.login, "password": self.password}
        return {"conn_type": "http", **parts, "extra": {"root_folder": str(ROOT_ID)}}

    def secrets(self, **extra: Any) -> ConnectionSecrets:
        """The same as our adapters get it, with more or other extra."""
        made = ConnectionSecrets(connection_id="chorus_portal", host=self.url, login=self.login, password=self.password)
        told: Mapping[str, Any] = {**self.connection["extra"], **extra}
        return dataclasses.replace(made, extra={name: value for name, value in told.items() if value is not None})
