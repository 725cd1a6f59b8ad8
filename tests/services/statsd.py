"""A StatsD server on the loopback."""

from __future__ import annotations

import socket


class StatsdServer:
    """What was sent to it, by name: values as they came."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def received(self) -> dict[str, list[str]]:
        """Everything since the last question: on the loopback it has arrived when the sender goes on."""
        found: dict[str, list[str]] = {}
        while True:
            try:
                packet = self._socket.recv(65_536)
            except BlockingIOError:
                return {name: values for name, values in found.items() if ".chorus." in name}
            for line in packet.decode().splitlines():
                name, _, value = line.partition(":")
                found.setdefault(name, []).append(value)

    def close(self) -> None:
        self._socket.close()
