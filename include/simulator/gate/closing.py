"""Responses of the simulator, among them the one that is none: the connection is closed under the client."""

from __future__ import annotations

import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "transport"


class TransportProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which also hands the connection to the application, so that it can be cut."""

    def connection_made(self, transport: Any) -> None:
        """Keep the transport where the application finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}

    def shutdown(self) -> None:
        """The server stops: an idle connection is closed, one of TLS without waiting for the client's own end."""
        super().shutdown()
        if self.transport.is_closing() and self.transport.get_extra_info("ssl_object") is not None:
            self.transport.abort()


def body_response(status: int, body: bytes, headers: dict[str, str]) -> Response:
    """A response with exactly these headers, and a length."""
    response = Response(status_code=status, headers=headers)
    response.body = body
    response.headers["content-length"] = str(len(body))
    return response


class Closed(Response):
    """Closes the connection without a byte; `hard` resets it (TCP RST)."""

    def __init__(self, *, hard: bool) -> None:
        super().__init__()
        self._hard = hard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut, and wait until the server has noticed."""
        transport = scope["state"][TRANSPORT]
        if self._hard:
            # Linger of zero seconds: the kernel sends RST instead of FIN.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        elif transport.get_extra_info("ssl_object") is not None:
            # A polite end of TLS would wait for the client's own.
            transport.abort()
        else:
            transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass
