"""Side-cars: what a JSON file beside a document tells about it (docs/reference/interfaces.md 4).

`{"classification_rule": "Facture client", "metadata": {"montant": "1800,00", "tag": ["a", "b"]}, "links": ["bl.pdf"]}`:
each key optional. Metadata decide amounts, so what cannot be understood for certain is refused with a code of
wordings/criteria.py, and never guessed.
"""

from __future__ import annotations

import difflib
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.adapters.portal.folder.names import leads_out, portal_id

MAX_BYTES = 1_000_000

_KEYS = ("classification_rule", "metadata", "links")


class SideCarError(Exception):
    """The side-car cannot be used; `code` is its reason, `detail` goes to the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class SideCar:
    """What a side-car says; None: nothing. In `metadata` an empty tuple is "has no value", which hides a default.

    `links` are portal ids.
    """

    classification_rule: str | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: tuple[str, ...] | None = None

    def over(self, defaults: SideCar) -> SideCar:
        """This one, with what it leaves open taken from the defaults."""
        return SideCar(
            classification_rule=self.classification_rule or defaults.classification_rule,
            metadata={**defaults.metadata, **self.metadata},
            links=defaults.links if self.links is None else self.links,
        )


def parse_side_car(content: bytes, folder: str) -> SideCar:
    """The side-car in a folder (relative path, empty for the root); SideCarError when any part of it is unclear."""
    data = _object(content)
    for key in data:
        if key not in _KEYS and difflib.get_close_matches(key.casefold().replace(" ", "_"), _KEYS, cutoff=0.8):
            raise SideCarError("side_car_misspelt", key)
    rule, links = data.get("classification_rule"), data.get("links")
    return SideCar(
        classification_rule=None if rule is None else _text(rule, "side_car_bad_rule").strip() or None,
        metadata=_metadata(data.get("metadata")),
        links=None if links is None else _links(links, folder),
    )


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object of the file; UTF-8 or UTF-16, with or without a byte order mark. Numbers stay as printed."""
    if len(content) > MAX_BYTES:
        raise SideCarError("side_car_too_large")
    try:
        text = content.decode(json.detect_encoding(content))
        data = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates
        )
    except UnicodeError as error:
        raise SideCarError("side_car_encoding", error.__class__.__name__) from error
    except json.JSONDecodeError as error:
        raise SideCarError("side_car_not_json", f"line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise SideCarError("side_car_not_json", "nested too deeply") from error
    if not isinstance(data, dict):
        raise SideCarError("side_car_not_object")
    return data


def _refuse_constant(name: str) -> str:
    raise SideCarError("side_car_not_json", name)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name nobody knows which is meant."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise SideCarError("side_car_duplicate")
    return data


def _metadata(given: object) -> dict[str, tuple[str, ...]]:
    """Values by name as printed; multiple values are unique, null and blank are no value.

    Source: docs/reference/connector-functions.md 2.9.
    """
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise SideCarError("side_car_bad_metadata")
    return {_text(name, "side_car_bad_metadata"): _values(value) for name, value in given.items()}


def _values(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    texts = [_text(item, "side_car_bad_metadata") for item in items if item is not None]
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _text(value: object, fault: str) -> str:
    """A scalar as text; what no database could store is refused here, where the file can be named."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise SideCarError(fault)
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise SideCarError("side_car_encoding")
    return value


def _links(given: object, folder: str) -> tuple[str, ...]:
    """Portal ids of the linked documents, named relative to the side-car's folder."""
    names = given if isinstance(given, list) else [given]
    ids = []
    for name in names:
        relative = _text(name, "side_car_bad_link")
        path = posixpath.normpath(posixpath.join(folder, relative))
        if not relative.strip() or "\\" in path or leads_out(path):
            raise SideCarError("side_car_bad_link")
        ids.append(portal_id(path))
    return tuple(dict.fromkeys(ids))
