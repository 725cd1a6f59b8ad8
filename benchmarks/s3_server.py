"""An S3 on loopback (moto's server, a development package), for benchmarks and tests."""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.demo.processes import free_port

_REQUEST = re.compile(r'"(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP')
_READY_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """A running server: the address, the environment of its clients, and its log of requests."""

    endpoint: str
    environment: Mapping[str, str]
    log: Path

    def requests(self) -> list[tuple[str, str]]:
        """Method and path of each request so far."""
        return _REQUEST.findall(self.log.read_text())

    @property
    def options(self) -> dict[str, str]:
        """The same for a client in this process, as fsspec takes it."""
        given = self.environment
        key, secret = given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]
        return {"endpoint_url": self.endpoint, "key": key, "secret": secret}

    def make_bucket(self, name: str) -> str:
        """URL of a new bucket, as fsspec reads it."""
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")
        urllib.request.urlopen(request, timeout=_READY_SECONDS).close()
        return f"s3://{name}"


@contextlib.contextmanager
def s3_server(folder: Path, *, port: int | None = None) -> Iterator[S3Server]:
    """The server, which keeps everything in its memory; its log goes into the folder."""
    port = port or free_port()
    log = folder / f"s3-{port}.log"
    command = [sys.executable, "-m", "benchmarks.s3_server", str(port)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            _wait_for(port, server)
            yield S3Server(endpoint=f"http://127.0.0.1:{port}", environment=_environment(port), log=log)
        finally:
            server.terminate()


def _environment(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": f"AKIA{secrets.token_hex(8).upper()}",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(24),
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _serve(port: int) -> None:
    """In a process of its own. Connections are kept open, as every object store does and moto's own server does not."""
    import uvicorn
    from a2wsgi import WSGIMiddleware
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    application: Any = DomainDispatcherApplication(create_backend_app)
    served = WSGIMiddleware(application, workers=16)
    uvicorn.run(served, host="127.0.0.1", port=port, log_level="info", timeout_graceful_shutdown=1)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)  # between two looks: a process that starts tells nobody when its port is open
    raise RuntimeError(f"no S3 server on port {port}: is moto installed (requirements-dev.txt)?")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
