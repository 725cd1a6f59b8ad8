"""Headers of every answer, and the last net under errors that nobody foresaw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

Unforeseen = Callable[[Scope, Exception], Awaitable[ASGIApp]]
"""Logs an error that nobody foresaw; the answer that tells of it."""


class GuardedAnswers:
    """The outermost layer: no answer leaves without these headers, an answer about an error neither.

    What a route says about caching stays; what it does not say is `no-store`, since pages show what one person sees.
    """

    def __init__(self, app: ASGIApp, *, unforeseen: Unforeseen) -> None:
        self._app = app
        self._unforeseen = unforeseen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _guard(message)
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:  # the last place: an answer with a reference, and the headers of every answer
            if begun:  # half an answer cannot be taken back: the server cuts the connection
                raise
            answer = await self._unforeseen(scope, error)
            await answer(scope, receive, send_guarded)


def _guard(message: dict[str, Any] | Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")
