"""What pydantic found wrong with one value, said so that a clerk understands it."""

from __future__ import annotations

import re
from typing import Any

from include.adapters.configuration.nodes import Mapping, Scalar, Sequence, Tree
from include.domain.configuration.base import RuleError
from include.domain.configuration.schema import ExpectedValue, Path, expected_at, file_fields
from include.domain.configuration_rules import Fault, nearest
from include.texts import Text, foreign_failure

_UNSAID = Text("fault.the_value")
_CHOOSE = Text("fault.choose")
_SECRET = re.compile(r"passw|passe|secret|token|login|client_id|certificate_", re.IGNORECASE)


def shape_fault(error: Any, tree: Mapping) -> Fault:
    """The fault for one of pydantic's error records."""
    path: Path = error["loc"]
    if error["type"] == "extra_forbidden":
        return unknown_key(path)
    expected = expected_at(path) or ExpectedValue(annotation=str)
    if error["type"] == "missing":
        return Fault(
            path=path, what=Text("fault.missing"), allowed=expected.expectation, todo=Text("fault.add_it"), absence=True
        )
    value = subtree(tree, path)
    what, todo = _wrong_value(error, value, path)
    return Fault(path=path, what=what, allowed=expected.expectation, todo=todo)


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
    model = (expected_at(path[:-1]) or ExpectedValue(annotation=str)).model
    keys = list(file_fields(model)) if model else []
    todo = nearest(key, keys) or Text("fault.take_out")
    if _SECRET.search(key):
        todo = Text("fault.no_secrets")
    return Fault(path=path, what=Text("fault.unknown_key"), allowed=", ".join(keys), todo=todo)


def _wrong_value(error: Any, value: Tree | None, path: Path) -> tuple[Text, Text]:
    kind = error["type"]
    if isinstance(value, Scalar):
        if value.value is None:
            return Text("fault.empty"), Text("fault.write_a_value")
        if value.number and kind == "string_type":
            written = {"written": value.written}
            return Text("fault.bare_number", written), Text("fault.quote_it", written)
        return _wrong_scalar(error, value, _shown(value, path))
    if kind == "too_short":
        return Text("fault.empty_list"), Text("fault.add_one")
    single = kind.startswith(("string", "bool", "int"))
    what = Text("fault.list_here" if isinstance(value, Sequence) else "fault.mapping_here")
    return what, Text("fault.single_value") if single else _CHOOSE


def _shown(value: Scalar, path: Path) -> Text | str:
    """The value as written, unless it is long, or stands where somebody may have put an address with its password."""
    if path[-1:] == ("connection",) or len(value.written) > 60:
        return _UNSAID
    return value.written if value.number else f'"{value.written}"'


_SCALARS: dict[str, str] = {
    "literal_error": "fault.not_one_of",
    "enum": "fault.not_one_of",
    "bool_parsing": "fault.neither_true_nor_false",
    "int_parsing": "fault.no_whole_number",
    "int_from_float": "fault.no_whole_number",
    "float_parsing": "fault.no_number",
    "greater_than_equal": "fault.too_small",
    "greater_than": "fault.too_small",
    "less_than_equal": "fault.too_large",
    "finite_number": "fault.not_finite",
    "string_too_short": "fault.empty_text",
    "string_pattern_mismatch": "fault.other_form",
    "string_type": "fault.no_text",
}


def _wrong_scalar(error: Any, value: Scalar, shown: Text | str) -> tuple[Text, Text]:
    kind = error["type"]
    if kind == "tuple_type":
        listed = Text("fault.write_list", {"written": value.written})
        return Text("fault.no_list", {"value": shown}), listed if shown != _UNSAID else Text("fault.write_as_list")
    if kind in ("model_type", "dict_type"):
        return Text("fault.no_mapping", {"value": shown}), Text("fault.write_keys")
    if kind == "value_error":
        refused = error["ctx"]["error"]
        return refused.text if isinstance(refused, RuleError) else foreign_failure(refused), _CHOOSE
    code = _SCALARS.get(kind)
    if code is None:
        return Text("fault.other", {"value": shown, "words": error["msg"]}), _CHOOSE
    values = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    return Text(code, {"value": shown}), nearest(value.written, values) or _CHOOSE
