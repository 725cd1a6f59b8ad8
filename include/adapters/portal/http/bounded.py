"""HTTP connections whose answers end within a time, whatever the server does.

A time-out of requests bounds each read alone: a server that drips a byte now and then would hold the pass for hours.
Here every read of an answer (status line, headers, body) gets only what is left of the answer's time.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Reads(io.RawIOBase):
    """The reading half of a socket, until `ends` of the monotonic clock."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """What comes within the time that is left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        patience = self._sock.gettimeout()
        self._sock.settimeout(left if patience is None else min(left, patience))
        try:
            return self._raw.readinto(buffer)
        finally:
            if self._sock.fileno() >= 0:
                self._sock.settimeout(patience)

    def close(self) -> None:
        """Gives the socket back."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is whole within `seconds`, or ends with TimeoutError."""

    def __init__(self, sock: socket.socket, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Reads(sock, seconds))


class BoundedAdapter(HTTPAdapter):
    """Connections whose answers take at most `seconds`; nothing is repeated underneath us."""

    def __init__(self, seconds: float) -> None:
        answer = staticmethod(functools.partial(_Answer, seconds=seconds))
        plain = type("_BoundedHTTPConnection", (HTTPConnection,), {"response_class": answer})
        secure = type("_BoundedHTTPSConnection", (HTTPSConnection,), {"response_class": answer})
        self._pools = {
            "http": type("_BoundedHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_BoundedHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Pools of bounded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
