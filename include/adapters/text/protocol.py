"""What the reader and its workers say to each other: frames of JSON with bytes behind them, of one fixed schema.

A worker has opened foreign files, so nothing that it says is trusted: no pickle, no code, every answer checked against
the types below and bounded in size before it is looked at.
"""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from pydantic import TypeAdapter

from include.adapters.text.cage.walls import Walls
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.extraction.layout_memory.example import Memory
from include.domain.fields import Value, as_text, from_text
from include.domain.reading import Reading
from include.domain.reasons import Reason

LARGEST_FRAME = 1024**3
"""Bytes of one frame: a searchable copy is the largest, about twice its document."""

_LENGTH = struct.Struct(">Q")


LARGEST_PICTURE = 64 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page to be drawn instead of a document to be read: its number, from 1, and how many pixels wide."""

    page: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The page as JPEG."""

    jpeg: bytes


@dataclass(frozen=True, kw_only=True)
class Request:
    """One document to read, or a page of it to draw.

    `memory` is what `packed` made of the layouts that it may have, b"" for none.
    """

    content: bytes
    limits: ReadingLimits
    hints: ReadingHints
    memory: bytes = b""
    picture: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a worker gives: the reading, the page, or why there is none; the searchable copy if one was asked for."""

    result: Reading | Reason | Drawn
    searchable_copy: bytes | None = None


class ProtocolError(Exception):
    """The other side said something that is no frame, or ended in the middle of one."""


def packed(memory: Memory) -> bytes:
    """The layouts as bytes, to be made once for all documents that share them."""
    return _types(Memory).dump_json(memory)


@functools.lru_cache(maxsize=8)
def unpacked(memory: bytes) -> Memory:
    """The layouts; the same for all documents of a rule."""
    found: Memory = _types(Memory).validate_json(memory) if memory else ()
    return found


def write_walls(stream: IO[bytes], walls: Walls) -> None:
    """The worker's first word: it is ready, and what stands around it."""
    _write(stream, _types(Walls).dump_json(walls))


def read_walls(stream: IO[bytes]) -> Walls:
    """See `write_walls`; ProtocolError where the worker ended before."""
    frames = _read(stream, 1)
    if frames is None:
        raise ProtocolError("the worker ended before it was ready")
    try:
        found: Walls = _types(Walls).validate_json(frames[0])
    except ValueError as error:
        raise ProtocolError(f"no walls: {error}") from error
    return found


def write_request(stream: IO[bytes], request: Request) -> None:
    """Sends a document to a worker."""
    head = {
        "limits": request.limits.model_dump(mode="json"),
        "hints": _types(ReadingHints).dump_python(request.hints, mode="json"),
        "picture": _types(Picture | None).dump_python(request.picture, mode="json"),
    }
    _write(stream, json.dumps(head).encode(), request.memory, request.content)


def read_request(stream: IO[bytes]) -> Request | None:
    """The next document; None when the reader has no more of them."""
    frames = _read(stream, 3)
    if frames is None:
        return None
    head: Mapping[str, Any] = json.loads(frames[0])
    return Request(
        limits=ReadingLimits.model_validate(head["limits"]),
        hints=_types(ReadingHints).validate_python(head["hints"]),
        picture=_types(Picture | None).validate_python(head["picture"]),
        memory=frames[1],
        content=frames[2],
    )


def write_answer(stream: IO[bytes], answer: Answer) -> None:
    """Answers the reader."""
    if isinstance(answer.result, Drawn):
        _write(stream, b"picture", b"{}", answer.result.jpeg)
        return
    if isinstance(answer.result, Reason):
        kind, data = b"reason", _types(Reason).dump_python(answer.result, mode="json")
    else:
        kind, data = b"reading", _reading_as_data(answer.result)
    _write(stream, kind, json.dumps(data).encode(), answer.searchable_copy or b"")


def read_answer(stream: IO[bytes]) -> Answer:
    """A worker's answer; ProtocolError for whatever is none, also for values of a wrong type."""
    frames = _read(stream, 3)
    if frames is None:
        raise ProtocolError("the worker ended without an answer")
    kind, result, copy = frames
    if kind == b"picture":
        return Answer(result=_picture(copy))
    known: dict[bytes, Callable[[Any], Reading | Reason]] = {
        b"reason": _types(Reason).validate_python,
        b"reading": _reading_of_data,
    }
    read = known.get(kind)
    if read is None:
        raise ProtocolError("an answer is a reading or a reason")
    try:
        return Answer(result=read(json.loads(result)), searchable_copy=copy or None)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ProtocolError(f"an answer that does not fit its schema: {error}") from error


def _picture(jpeg: bytes) -> Drawn:
    """Browsers look at the first bytes too: nothing else may be served as a picture."""
    if not jpeg.startswith(b"\xff\xd8\xff") or len(jpeg) > LARGEST_PICTURE:
        raise ProtocolError("an answer that is no picture")
    return Drawn(jpeg=jpeg)


def _reading_as_data(reading: Reading) -> dict[str, Any]:
    """JSON data of a reading; its values as texts, which `_reading_of_data` types again by their fields."""
    data: dict[str, Any] = _types(Reading).dump_python(reading, mode="json")
    for name, candidates in reading.fields.items():
        for shown, candidate in zip(data["fields"][name], candidates, strict=True):
            shown["value"] = _value_as_data(candidate.value)
    return data


def _value_as_data(value: Value) -> Any:
    return [row.as_texts() for row in value] if isinstance(value, tuple) else as_text(value)


def _reading_of_data(data: Any) -> Reading:
    typed = {
        name: [{**candidate, "value": from_text(name, candidate["value"])} for candidate in candidates]
        for name, candidates in data["fields"].items()
    }
    reading: Reading = _types(Reading).validate_python({**data, "fields": typed})
    return reading


def _write(stream: IO[bytes], *frames: bytes) -> None:
    for frame in frames:
        stream.write(_LENGTH.pack(len(frame)))
        stream.write(frame)
    stream.flush()


def _read(stream: IO[bytes], count: int) -> Sequence[bytes] | None:
    """So many frames; None where the stream ends before the first of them."""
    frames: list[bytes] = []
    for _ in range(count):
        head = stream.read(_LENGTH.size)
        if not head and not frames:
            return None
        if len(head) < _LENGTH.size or _LENGTH.unpack(head)[0] > LARGEST_FRAME:
            raise ProtocolError("no frame, or one that is too large")
        length = _LENGTH.unpack(head)[0]
        frame = stream.read(length)
        if len(frame) < length:
            raise ProtocolError("the other side ended in the middle of a frame")
        frames.append(frame)
    return frames


@functools.cache
def _types(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
