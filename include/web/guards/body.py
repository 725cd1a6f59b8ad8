"""Bodies of requests that are longer than allowed are not read to their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.types import Message

from include.domain.completeness.attachments import MAX_ALL
from include.domain.errors import TooLargeError
from include.web.guards.person import Person

AROUND_FILES = 2_000_000
"""Bytes of a form besides its files."""


@dataclass(frozen=True)
class BodyLimit:
    """`most`: how many bytes a body may have, by the configuration that this person sees."""

    most: Callable[[Person], int]


WORDS = BodyLimit(lambda _person: 1_000_000)
"""What people and programs write: values, reasons, ids, a configuration file."""

FILES = BodyLimit(lambda _person: MAX_ALL + AROUND_FILES)
"""With files that go along with an invoice: as much as the platform takes with one."""


def refuse_too_long(request: Request, most: int) -> None:
    """TooLargeError for a body that says beforehand how long it is."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdecimal() and int(told) > most:
        raise _too_long(most)


def limited(request: Request, most: int) -> Request:
    """The request, whose body ends with TooLargeError where it goes on beyond so many bytes."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > most:
            raise _too_long(most)
        return message

    return Request(request.scope, receive)


def _too_long(most: int) -> TooLargeError:
    return TooLargeError("upload_too_large", megabytes=f"{most / 1e6:.0f}")
