"""Between values and the JSON that is stored: the shape of stored data outlives a better name or type in the code.

Amounts are stored as text with two decimals, dates as ISO text, rows of VAT as lists of three texts, and a chosen value
flat beside the candidates that were not chosen. Claims stand there only where there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from include.domain.extraction.layout_memory.example import Example
from include.domain.fields import Candidate, Claim, VatRow, from_text
from include.domain.mapping import Draft
from include.domain.reading import Reading

RemoteFields = Mapping[str, Candidate]
"""What the platform read, by field."""

Shape = Callable[[Any], Any]

_CLAIMS = frozenset(Claim)

_ROW = tuple(VatRow.__dataclass_fields__)


def _value_stored(value: Any) -> Any:
    return [[row[part] for part in _ROW] for row in value] if isinstance(value, list) else value


def _candidate_stored(candidate: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in candidate.items() if key != "claims" or value}
    return {**kept, "value": _value_stored(candidate["value"])}


def _candidate_loaded(name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Claims that the code no longer knows are left out; what they made of the confidence is in it."""
    claims = [claim for claim in stored.get("claims", ()) if claim in _CLAIMS]
    return {**stored, "value": from_text(name, stored["value"]), "claims": claims}


def _field_stored(field: Mapping[str, Any]) -> dict[str, Any]:
    return {**_candidate_stored(field["chosen"]), "others": [_candidate_stored(other) for other in field["others"]]}


def _field_loaded(name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {key: value for key, value in stored.items() if key != "others"}
    others = [_candidate_loaded(name, other) for other in stored.get("others", ())]
    return {"chosen": _candidate_loaded(name, chosen), "others": others}


def _draft_stored(data: dict[str, Any]) -> dict[str, Any]:
    data["lessons"] = data.pop("learned_lines")
    data["fields"] = {name: _field_stored(field) for name, field in data["fields"].items()}
    return data


def _draft_loaded(stored: Mapping[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in stored.items() if key != "lessons"}
    fields = {name: _field_loaded(name, field) for name, field in stored.get("fields", {}).items()}
    return {**data, "fields": fields, "learned_lines": stored.get("lessons", ())}


def _reading_stored(data: dict[str, Any]) -> dict[str, Any]:
    fields = data["fields"].items()
    data["fields"] = {name: [_candidate_stored(candidate) for candidate in found] for name, found in fields}
    data["pages"] = rounded_pages(data["pages"])
    return data


def rounded_pages(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pages whose words have their boxes in hundredths of a point: a third less to store, and nobody sees it."""
    for page in pages:
        for line in page["lines"]:
            for word in line["words"]:
                word["box"] = [round(edge, 2) for edge in word["box"]]
    return pages


def _reading_loaded(stored: Mapping[str, Any]) -> dict[str, Any]:
    fields = stored.get("fields", {}).items()
    loaded = {name: [_candidate_loaded(name, candidate) for candidate in found] for name, found in fields}
    return {**stored, "fields": loaded}


def _remote_stored(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _candidate_stored(candidate) for name, candidate in data.items()}


def _remote_loaded(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _candidate_loaded(name, candidate) for name, candidate in stored.items()}


_EXAMPLE_KEYS = {"fingerprint": "look", "learned": "lessons", "regions": "spots"}
_EXAMPLE_NAMES = {stored: name for name, stored in _EXAMPLE_KEYS.items()}


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    if isinstance(data, Mapping):
        return {names.get(key, key): _renamed(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [_renamed(value, names) for value in data]
    return data


_SHAPES: Mapping[Any, tuple[Shape, Shape]] = {
    Draft: (_draft_stored, _draft_loaded),
    Reading: (_reading_stored, _reading_loaded),
    RemoteFields: (_remote_stored, _remote_loaded),
    Example: (lambda data: _renamed(data, _EXAMPLE_KEYS), lambda stored: _renamed(stored, _EXAMPLE_NAMES)),
}
"""By type: from its JSON data to what is stored, and from what is stored to its data."""


def to_stored(kind: Any, data: Any) -> Any:
    """What is stored of a value of this type, from its JSON data."""
    shape = _SHAPES.get(kind)
    return shape[0](data) if shape else data


def from_stored(kind: Any, stored: Any) -> Any:
    """The data of a value of this type, from what is stored."""
    shape = _SHAPES.get(kind)
    return shape[1](stored) if shape else stored
