"""Answers of the portal: what they may be, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from include.adapters.http.exchange import AnswerStream
from include.texts import Spoken, Text

ANSWER_BYTES = 64 * 1024 * 1024


class PortalError(Exception):
    """The portal did not give what was asked for; `cause` says why, for a person."""

    def __init__(self, cause: Spoken) -> None:
        super().__init__(cause)
        self.cause = cause


class NoAnswerError(PortalError):
    """No whole answer of the portal came, or one that says "later"; a repeat may help."""


class GoneError(PortalError):
    """What was asked for is not there (404, 410)."""


class RefusedError(PortalError):
    """The portal answers, and not with what was asked for: no right (403), not understood (400), moved (3xx)."""


class TakenError(RefusedError):
    """What was to be made is there already (409)."""


class Received(NamedTuple):
    """A file as it came; `promised` is the SHA-256 that the portal gives with it.

    `whole` is False where nothing tells the end of the bytes: then a connection that broke looks like a shorter file.
    """

    content: bytes
    digest: str
    size: int
    promised: str | None
    whole: bool


def read_object(answer: AnswerStream, struck: Callable[[str], str] = lambda text: text) -> dict[str, Any]:
    """The JSON object of an answer, numbers as printed and without secrets; NoAnswerError for anything else."""
    try:
        data = json.loads(struck(answer.read(ANSWER_BYTES).decode("utf-8")), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        # a login form, a maintenance page, or a torn answer
        raise NoAnswerError(Text("portal.no_json")) from None
    if not isinstance(data, dict):
        raise NoAnswerError(Text("portal.no_json_object"))
    return data


def as_sha256(told: object) -> str | None:
    """A digest in lower case, or None for what is no SHA-256."""
    text = str(told or "").strip().removeprefix("sha256:").casefold()
    return text if len(text) == 64 and all(char in "0123456789abcdef" for char in text) else None
