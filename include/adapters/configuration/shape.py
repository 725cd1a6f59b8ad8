"""What pydantic found wrong with one value, said so that a clerk understands it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from include.adapters.configuration.nodes import Mapping, Scalar, Sequence, Tree
from include.domain.configuration.schema import Path, Spot, file_fields, spot_at
from include.domain.configuration_rules import Fault, nearest

_UNSAID = "the value"
_CHOOSE = "write one of the allowed values"
_SECRET = re.compile(r"passw|passe|secret|token|login|client_id|certificate_", re.IGNORECASE)


def shape_fault(error: Any, tree: Mapping) -> Fault:
    """The fault for one of pydantic's error records."""
    path: Path = error["loc"]
    if error["type"] == "extra_forbidden":
        return unknown_key(path)
    spot = spot_at(path) or Spot(annotation=str)
    if error["type"] == "missing":
        return Fault(path=path, what="is missing", allowed=spot.expectation, todo="add it", absence=True)
    value = subtree(tree, path)
    what, todo = _wrong_value(error, value, path)
    return Fault(path=path, what=what, allowed=spot.expectation, todo=todo)


def subtree(tree: Tree, path: Path) -> Tree | None:
    """The part of the tree at a path."""
    part: Tree | None = tree
    for step in path:
        if isinstance(part, Mapping):
            part = part.items.get(str(step))
        elif isinstance(part, Sequence) and isinstance(step, int) and step < len(part.items):
            part = part.items[step]
        else:
            return None
    return part


def unknown_key(path: Path) -> Fault:
    """A key that the file may not have here."""
    key = str(path[-1])
    model = (spot_at(path[:-1]) or Spot(annotation=str)).model
    keys = list(file_fields(model)) if model else []
    todo = nearest(key, keys) or "take it out, or correct it"
    if _SECRET.search(key):
        todo = "secrets never stand in this file: put them into the Airflow connection that `connection` names"
    return Fault(path=path, what="unknown key", allowed=", ".join(keys), todo=todo)


def _wrong_value(error: Any, value: Tree | None, path: Path) -> tuple[str, str]:
    kind = error["type"]
    if isinstance(value, Scalar):
        if value.value is None:
            return "is empty", "write a value, or leave the key out"
        if value.number and kind == "string_type":
            bare = f"{value.written} is a bare number, and YAML reads a code such as 00000000415073 as another number"
            return bare, f'write it in quotes: "{value.written}"'
        return _wrong_scalar(error, value, _shown(value, path))
    form = "a list" if isinstance(value, Sequence) else "a mapping"
    if kind == "too_short":
        return "is an empty list", "add at least one, or leave the whole item out"
    return f"{form} stands here", "write a single value" if kind.startswith(("string", "bool", "int")) else _CHOOSE


def _shown(value: Scalar, path: Path) -> str:
    """The value as written, unless it is long, or stands where somebody may have put an address with its password."""
    if path[-1:] == ("connection",) or len(value.written) > 60:
        return _UNSAID
    return value.written if value.number else f'"{value.written}"'


_SCALARS: dict[str, Callable[[str], str]] = {
    "literal_error": "{} is not one of the values".format,
    "enum": "{} is not one of the values".format,
    "bool_parsing": "{} is neither true nor false".format,
    "int_parsing": "{} is not a whole number".format,
    "int_from_float": "{} is not a whole number".format,
    "float_parsing": "{} is not a number".format,
    "greater_than_equal": "{} is too small".format,
    "greater_than": "{} is too small".format,
    "less_than_equal": "{} is too large".format,
    "finite_number": "{} is not a number one can count with".format,
    "string_too_short": "is an empty text{:.0}".format,
    "string_pattern_mismatch": "{} does not have that form".format,
    "string_type": "{} is not a text".format,
}


def _wrong_scalar(error: Any, value: Scalar, shown: str) -> tuple[str, str]:
    kind = error["type"]
    if kind == "tuple_type":
        return f"{shown} is not a list", f"write [{value.written}]" if shown != _UNSAID else "write it as a list"
    if kind in ("model_type", "dict_type"):
        return f"{shown} is not a mapping", "write its keys below it, indented"
    if kind == "value_error":
        return str(error["ctx"]["error"]), _CHOOSE
    say = _SCALARS.get(kind)
    if say is None:
        return f"{shown}: {error['msg']}", _CHOOSE
    values = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    return say(shown), nearest(value.written, values) or _CHOOSE
