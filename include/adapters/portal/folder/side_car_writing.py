"""Our metadata inside a side-car: everything else in it stays as it is printed, numbers to the last digit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from include.adapters.portal.folder.side_car import SideCarError, parse_side_car

_MARK = "\ue000"
"""Around a number while it is a text; a character that no writing system uses."""
_NUMBER = re.compile(f'"{_MARK}([^"{_MARK}]*){_MARK}"')


def with_metadata(content: bytes | None, folder: str, values: Mapping[str, str]) -> bytes:
    """The side-car with these metadata set (an empty text: no value); None is a side-car that does not exist.

    SideCarError when the one that is there cannot be understood for certain: then it is not touched.
    """
    if content is None:
        encoding, data = "utf-8", {}
    else:
        parse_side_car(content, folder)
        encoding = json.detect_encoding(content)
        printed = content.decode(encoding)
        if _MARK in json.dumps(json.loads(printed), ensure_ascii=False):
            raise SideCarError("side_car_encoding")
        data = json.loads(printed, parse_float=_kept, parse_int=_kept)
    metadata: dict[str, Any] = dict(data.get("metadata") or {})
    for name, text in values.items():
        if text:
            metadata[name] = text
        else:
            metadata.pop(name, None)
    text = json.dumps({**data, "metadata": metadata}, ensure_ascii=False, indent=2) + "\n"
    return _NUMBER.sub(r"\1", text).encode(encoding)


def _kept(printed: str) -> str:
    return f"{_MARK}{printed}{_MARK}"
