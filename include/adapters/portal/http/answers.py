"""Answers of the portal: what they may be, and how they are read."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple

import requests
import urllib3
from requests import Response

CHUNK_BYTES = 1 << 16
ANSWER_BYTES = 64 * 1024 * 1024

FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
"""Whatever can break while an answer is fetched."""


class NoAnswerError(Exception):
    """No whole answer of the portal came, or one that says "later"; a repeat may help."""


class GoneError(Exception):
    """What was asked for is not there (404, 410)."""


class RefusedError(Exception):
    """The portal answers, and not with what was asked for: no right (403), not understood (400), moved (3xx)."""


class Received(NamedTuple):
    """A file as it came; `promised` is the SHA-256 that the portal gives with it.

    `whole` is False where nothing tells the end of the bytes: then a connection that broke looks like a shorter file.
    """

    content: bytes
    digest: str
    size: int
    promised: str | None
    whole: bool


def read_object(response: Response) -> dict[str, Any]:
    """The JSON object of an answer, numbers as printed; NoAnswerError for anything else."""
    content = bytearray()
    for piece in response.iter_content(CHUNK_BYTES):
        content += piece
        if len(content) > ANSWER_BYTES:
            raise NoAnswerError(f"the answer is larger than {ANSWER_BYTES} bytes")
    try:
        data = json.loads(content.decode("utf-8"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        # a login form, a maintenance page, or a torn answer
        raise NoAnswerError("the answer is no JSON") from None
    if not isinstance(data, dict):
        raise NoAnswerError("the answer is no JSON object")
    return data


def as_sha256(told: object) -> str | None:
    """A digest in lower case, or None for what is no SHA-256."""
    text = str(told or "").strip().removeprefix("sha256:").casefold()
    return text if len(text) == 64 and all(char in "0123456789abcdef" for char in text) else None


def reason(error: BaseException) -> str:
    """The kind of fault in words; the texts of the libraries hold addresses."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted, or TLS failed"
    if isinstance(error, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | urllib3.exceptions.HTTPError):
        return "the answer broke off"
    if isinstance(error, requests.ConnectionError):
        return "no answer in time" if "timed out" in str(error).casefold() else "no connection"
    return type(error).__name__
