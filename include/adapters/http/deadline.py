"""A deadline for a whole HTTP exchange, and certainty about whether a request can have left.

A client library's time-out bounds each read, so that a server which dribbles one byte per second holds a call for
hours. Here a timer shuts the socket at the deadline, whatever is going on in it (docs/reference/exactly-once.md 2.3).
The socket is held through a duplicate of its descriptor: so it can be shut during a TLS handshake, without touching the
TLS object that another thread uses.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

PARALLEL_CONNECTIONS = 32


class Deadline:
    """The deadline of one exchange: holds its socket, shuts it when time is up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.connected = False
        self._expired = False
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0.0), self._expire)
        self._timer.daemon = True

    @contextmanager
    def running(self) -> Iterator[Deadline]:
        """The exchange inside is the one that this deadline is for."""
        token = _current.set(self)
        self._timer.start()
        try:
            yield self
        finally:
            self._timer.cancel()
            _current.reset(token)
            with self._lock:
                for held in self._held:
                    held.close()
                self._held.clear()

    @property
    def expired(self) -> bool:
        """Whether time was up before the answer was whole."""
        with self._lock:
            return self._expired

    def hold(self, sock: socket.socket) -> None:
        """This socket is shut at the deadline, at once if that is past."""
        duplicate = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._held.append(duplicate)
            if self._expired:
                self._shut()

    def connection_made(self, sock: socket.socket | None) -> None:
        """From here on a byte may leave, so not after the deadline."""
        with self._lock:
            if self._expired:
                raise TimeoutError("the deadline passed while the connection was being made")
            self.connected = True
        if sock is not None:
            # urllib3 sends under the connect time-out, which is too short for a large file on a slow line.
            sock.settimeout(self.seconds)

    def _expire(self) -> None:
        with self._lock:
            self._expired = True
            self._shut()

    def _shut(self) -> None:
        for held in self._held:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Deadline] = ContextVar("deadline")


if TYPE_CHECKING:
    # What the mixin stands before; at run time it adds to either of urllib3's two connections.
    _Connection = HTTPConnection
else:
    _Connection = object


class _UnderDeadline(_Connection):
    """Mixed into urllib3's connections: tells the running exchange about its socket."""

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()
        _current.get().hold(made)
        return made

    def connect(self) -> None:
        super().connect()
        _current.get().connection_made(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        deadline = _current.get()
        if self.sock is not None and not deadline.connected:  # one that was kept alive
            deadline.hold(self.sock)
            deadline.connection_made(self.sock)
        super().request(*args, **kwargs)


class _HTTPConnectionUnderDeadline(_UnderDeadline, HTTPConnection):
    pass


class _HTTPSConnectionUnderDeadline(_UnderDeadline, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnectionUnderDeadline


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnectionUnderDeadline


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """Connections under a deadline, and no repeat of any kind underneath us; `tls` may show a client certificate."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls  # before super, which makes the pools
        super().__init__(max_retries=0, pool_maxsize=PARALLEL_CONNECTIONS)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Pools of connections under a deadline."""
        super().init_poolmanager(*args, **{**kwargs, **self._extra()})
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same through a proxy."""
        manager = super().proxy_manager_for(proxy, **{**kwargs, **self._extra()})
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def _extra(self) -> dict[str, Any]:
        return {} if self._tls is None else {"ssl_context": self._tls}
