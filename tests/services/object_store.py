"""An S3 server on loopback (moto's), and a line to it that a test can cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from benchmarks.s3_server import S3Server, s3_server


@pytest.fixture(scope="session")
def running_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of this process."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(running_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The server, whose clients in this process find it by the environment."""
    for name, value in running_s3.environment.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    yield running_s3
    forget_clients()


def forget_clients() -> None:
    """fsspec keeps clients by their arguments, and the environment is none of them."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()


def demand_known_keys(server: S3Server, *, demand: bool) -> None:
    """From now on only keys that the server knows are taken, or all."""
    after = b"0" if demand else b"inf"
    request = urllib.request.Request(
        f"{server.endpoint}/moto-api/reset-auth", data=after, method="POST", headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(request, timeout=10).close()


class Line:
    """Forwards connections to a port; cut, it refuses new ones and drops those that are open."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.port = 0

    def open(self) -> None:
        """Takes connections, at the same port as before."""
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """As if the server were gone."""
        if self._listening is not None:
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        with self._lock:
            ended, self._open = self._open, []
        for one in ended:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
