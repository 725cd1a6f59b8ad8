"""A server on loopback that misbehaves on a raw socket, as told: what no well-made HTTP server can be made to do."""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

TOKEN_PATH = "/api/oauth/token"
PATIENCE_SECONDS = 15.0
TLS_HELLO = b"\x16\x03"
LONG_TLS_RECORD = b"\x16\x03\x03\x40\x00"


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


Behaviour = Callable[["ScriptedServer", socket.socket], None]


@dataclass
class ScriptedServer:
    """Answers each API call with the next behaviour, the last one for ever; gives tokens unless told otherwise.

    `lost_patience` is set where a client left it to the server to end what never ends.
    """

    tls: ssl.SSLContext | None = None
    endless_handshake: bool = False
    reads_after_seconds: float = 0.0
    keep_alive: bool = False
    lost_patience: bool = False
    received: list[Received] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._api: deque[Behaviour] = deque()
        self._by_path: dict[str, Behaviour] = {}
        self._token: deque[Behaviour] = deque()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> ScriptedServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    @property
    def url(self) -> str:
        """With the schema that it speaks."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def connections(self) -> int:
        """How many were made, also those that ended before a request was read."""
        return len(self._threads) - 1

    def answers(self, *behaviours: Behaviour) -> None:
        self._api = deque(behaviours)

    def answers_on(self, ending: str, behaviour: Behaviour) -> None:
        """Always, to calls whose path ends so."""
        self._by_path[ending] = behaviour

    def answers_for_token(self, *behaviours: Behaviour) -> None:
        """Then tokens are given again."""
        self._token = deque(behaviours)

    def calls(self, ending: str = "") -> list[Received]:
        """API calls, without those for tokens."""
        return [call for call in self.received if call.path != TOKEN_PATH and call.path.endswith(ending)]

    def token_calls(self) -> list[Received]:
        return [call for call in self.received if call.path == TOKEN_PATH]

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection, len(self._threads)), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        with suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            if self.endless_handshake and connection.recv(1, socket.MSG_PEEK) == TLS_HELLO[:1]:
                _dribble(self, connection, LONG_TLS_RECORD)
            self.over.wait(self.reads_after_seconds)
            while (request := _receive(connection, number)) is not None:
                self.received.append(request)
                self._behaviour(request)(self, connection)
                if not self.keep_alive:
                    break
        with suppress(OSError):
            connection.close()

    def _behaviour(self, request: Received) -> Behaviour:
        if request.path == TOKEN_PATH:
            return self._token.popleft() if self._token else give_token
        for ending, behaviour in self._by_path.items():
            if request.path.endswith(ending):
                return behaviour
        return self._api.popleft() if len(self._api) > 1 else self._api[0]


def _receive(connection: socket.socket, number: int) -> Received | None:
    content = b""
    while b"\r\n\r\n" not in content:
        piece = connection.recv(65_536)
        if not piece:
            return None
        content += piece
        if content.startswith(TLS_HELLO):
            connection.sendall(b"HTTP/1.1 400 plain HTTP only\r\n\r\n")
            return None
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    method, path, _ = first.split(" ")
    return Received(method, path, headers, body, number)


def reply(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> Behaviour:
    """A whole answer."""
    return lambda server, connection: connection.sendall(_whole(server, status, body, headers or {}))


def reply_json(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Behaviour:
    return reply(status, json.dumps(payload), {"Content-Type": "application/json;charset=utf-8", **(headers or {})})


def give_token(server: ScriptedServer, connection: socket.socket) -> None:
    token = secrets.token_hex(27)
    server.tokens.append(token)
    payload = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": "openid"}
    connection.sendall(_whole(server, 200, json.dumps(payload), {}))


def drop(_server: ScriptedServer, connection: socket.socket) -> None:
    """The request was read in full; then the connection is closed."""
    connection.close()


def drop_after_headers(_server: ScriptedServer, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")


def drop_in_the_body(_server: ScriptedServer, connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{"codeRetour":0,"identifiantFactureCPP":86')


def hang(server: ScriptedServer, connection: socket.socket) -> None:
    """Silence until the client goes or the test is over."""
    connection.settimeout(0.05)
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if server.over.is_set():
            return
        with suppress(TimeoutError):
            if not connection.recv(1):
                return
    server.lost_patience = True


def _dribble(server: ScriptedServer, connection: socket.socket, start: bytes) -> None:
    connection.sendall(start)
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if server.over.wait(0.05):
            return
        connection.sendall(b" ")
    server.lost_patience = True


def dribble_in_the_head(server: ScriptedServer, connection: socket.socket) -> None:
    """A byte now and then: each read succeeds, the answer never ends."""
    _dribble(server, connection, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def dribble_in_the_body(server: ScriptedServer, connection: socket.socket) -> None:
    _dribble(server, connection, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")


def dribble_without_a_length(server: ScriptedServer, connection: socket.socket) -> None:
    """Cut at any place this looks whole: the JSON in it is, and there is no length to miss."""
    _dribble(server, connection, b'HTTP/1.1 200 OK\r\n\r\n{"codeRetour":0,"identifiantFactureCPP":8600001}')


def _whole(server: ScriptedServer, status: int, body: str, headers: Mapping[str, str]) -> bytes:
    content = body.encode()
    kept = "keep-alive" if server.keep_alive else "close"
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", f"Connection: {kept}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content
