"""Files a document in a portal folder as a careful program does: side-car first, each file whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SideCar = Mapping[str, Any]


def publish(folder: Path, portal_id: str, content: bytes, side_car: SideCar | None = None) -> None:
    """Writes the document and before it its side-car; what is there already with the same bytes is left alone."""
    target = folder / portal_id
    target.parent.mkdir(parents=True, exist_ok=True)
    if side_car is not None:
        _write(target.with_name(f"{target.name}.json"), _json(side_car))
    _write(target, content)


def publish_defaults(folder: Path, side_car: SideCar) -> None:
    """The defaults of all documents in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "_folder.json", _json(side_car))


def _json(side_car: SideCar) -> bytes:
    return (json.dumps(side_car, ensure_ascii=False, indent=2) + "\n").encode()


def _write(target: Path, content: bytes) -> None:
    if target.is_file() and target.read_bytes() == content:
        return
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(target)
