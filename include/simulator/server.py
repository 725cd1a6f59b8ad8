"""Running the simulator: in a thread for tests and demonstration, or as a process of its own."""

from __future__ import annotations

import errno
import queue
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from include.simulator.app import create_app, create_certificate_app
from include.simulator.backend.platform import Platform
from include.simulator.gate.closing import TransportProtocol

START_SECONDS = 30.0
STOP_SECONDS = 2
BACKLOG = 512


class CannotListen(OSError):
    """The address cannot be had; the text says why and what to do."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        if cause.errno == errno.EADDRINUSE:
            super().__init__(
                f"Port {port} on {host} is already in use: stop what listens there, or choose another port."
            )
        else:
            super().__init__(f"Cannot listen on port {port} of {host} ({cause.strerror}): choose another host or port.")


@dataclass(frozen=True, kw_only=True)
class Tls:
    """The second listener: its own certificate, and the authority whose clients are let in."""

    port: int
    certificate: Path
    key: Path
    client_ca: Path


def bind(host: str, port: int) -> socket.socket:
    """Take the port now, so that a busy one is told before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(host, port, error) from error
    return listener


def _server(app: Starlette, tls: Tls | None = None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=TransportProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # the time of the platform stands there, which the control door may move
        date_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=BACKLOG,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
        ssl_ca_certs=str(tls.client_ca) if tls else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if tls else ssl.CERT_NONE,
    )
    return uvicorn.Server(config)


class Listener:
    """One server in a thread of its own."""

    def __init__(self, app: Starlette, host: str, port: int, tls: Tls | None = None) -> None:
        self._socket = bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server = _server(app, tls)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"simulator-{self.port}", daemon=True
        )

    def start(self) -> None:
        """Start, and come back when the port answers."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start")
            time.sleep(0.005)  # uvicorn tells by a flag alone that it listens

    def stop(self) -> None:
        """Stop, and wait until it has."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


class RunningSimulator:
    """A simulator in this process: `with RunningSimulator() as simulator: ... simulator.url`.

    `platform` is its state, for tests that want to look without HTTP. `credentials` sets any of client_id,
    client_secret, login, password; the others come from the state file, or are generated.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state_file: Path | None = None,
        credentials: Mapping[str, str] | None = None,
        tls: Tls | None = None,
    ) -> None:
        self._host, self._port, self._state_file, self._credentials, self._tls = (
            host,
            port,
            state_file,
            credentials,
            tls,
        )
        self._listeners: list[Listener] = []

    def __enter__(self) -> RunningSimulator:
        """Start on a free port (or the given one)."""
        self.platform = Platform(state_file=self._state_file, credentials=self._credentials)
        try:
            self._listeners = [Listener(create_app(self.platform), self._host, self._port)]
            if self._tls is not None:
                door = create_certificate_app(self.platform)
                self._listeners.append(Listener(door, self._host, self._tls.port, self._tls))
            for listener in self._listeners:
                listener.start()
        except BaseException:  # Ctrl-C too: no door stays open behind a start that failed
            self._stop()
            raise
        return self

    def _stop(self) -> None:
        for listener in self._listeners:
            listener.stop()
        self.platform.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything that was started."""
        self._stop()

    @property
    def url(self) -> str:
        """Address of the plain port."""
        return f"http://{self._host}:{self._listeners[0].port}"

    @property
    def token_url(self) -> str:
        """Address of the tokens."""
        return f"{self.url}/api/oauth/token"

    @property
    def tls_url(self) -> str:
        """Address of the certificate door."""
        return f"https://{self._host}:{self._listeners[1].port}"

    @property
    def client_id(self) -> str:
        """PISTE client."""
        return self.platform.credentials.client_id

    @property
    def client_secret(self) -> str:
        """Its secret."""
        return self.platform.credentials.client_secret

    @property
    def login(self) -> str:
        """Technical account of the first supplier."""
        return self.platform.credentials.login

    @property
    def password(self) -> str:
        """Its password."""
        return self.platform.credentials.password


def serve(
    *,
    host: str,
    port: int,
    state_file: Path | None = None,
    credentials: Mapping[str, str] | None = None,
    tls: Tls | None = None,
    announce: Callable[[RunningSimulator], None],
) -> int:
    """Serve until SIGINT or SIGTERM and give the number of that signal; `announce` is called once the ports answer."""
    received: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received_number, _: received.put(received_number))
    with RunningSimulator(host=host, port=port, state_file=state_file, credentials=credentials, tls=tls) as simulator:
        announce(simulator)
        return received.get()
