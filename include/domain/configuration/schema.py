"""What the models say about themselves in words, for messages about faults, the example and the documentation."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from include.domain.configuration.base import Expects
from include.domain.configuration.root import NOT_IN_THE_FILE, Configuration
from include.texts import Text

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top of the file."""


@dataclass(frozen=True, kw_only=True)
class ExpectedValue:
    """The type that is expected at a path; `field` is the model field it belongs to, where it is one."""

    annotation: Any
    field: FieldInfo | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model whose keys stand here, if it is a section."""
        return next((part for part in _variants(self.annotation) if _is_model(part)), None)

    @property
    def types(self) -> tuple[Any, ...]:
        """The types of value that are taken here, that of null too."""
        return _variants(self.annotation)

    @property
    def expectation(self) -> Text | str:
        """Which values are taken here, in words; a list of values as they are written, with ` | ` between them."""
        return _expectation(self.annotation, tuple(self.field.metadata) if self.field else ())


def file_fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The keys of a section, in the order of the file."""
    return {name: field for name, field in model.model_fields.items() if name not in NOT_IN_THE_FILE}


def expected_at(path: Sequence[str | int]) -> ExpectedValue | None:
    """The expectation at a path of the file, or None where the schema knows no such place."""
    expected = ExpectedValue(annotation=Configuration)
    for step in path:
        found = _below(expected, step)
        if found is None:
            return None
        expected = found
    return expected


def children(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a section or a list of sections."""
    expected = ExpectedValue(annotation=field.annotation)
    return expected.model or next((model for model in map(_element_model, _variants(field.annotation)) if model), None)


def models() -> Iterator[tuple[str, type[BaseModel], bool]]:
    """Every section as (path such as `providers[].bank_details`, model, whether it is an item of a list)."""
    yield from _models_below("", Configuration)


def _models_below(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel], bool]]:
    for name, field in file_fields(model).items():
        child = children(field)
        if child is not None:
            is_item = ExpectedValue(annotation=field.annotation).model is None
            path = f"{prefix}{name}{'[]' if is_item else ''}"
            yield path, child, is_item
            yield from _models_below(f"{path}.", child)


def _below(expected: ExpectedValue, step: str | int) -> ExpectedValue | None:
    if expected.model is not None and isinstance(step, str):
        field = file_fields(expected.model).get(step)
        return ExpectedValue(annotation=field.annotation, field=field) if field else None
    for part in _variants(expected.annotation):
        if get_origin(part) is tuple and isinstance(step, int):
            return ExpectedValue(annotation=get_args(part)[0])
        if get_origin(part) is dict:
            return ExpectedValue(annotation=get_args(part)[1])
    return None


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _element_model(part: Any) -> type[BaseModel] | None:
    element = get_args(part)[0] if get_origin(part) is tuple else None
    return element if _is_model(element) else None


def _variants(annotation: Any) -> tuple[Any, ...]:
    """The members of a union (Annotated taken off), or the type itself."""
    if get_origin(annotation) is Annotated:
        return _variants(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(variant for part in get_args(annotation) for variant in _variants(part))
    return (annotation,)


def _expectation(annotation: Any, metadata: tuple[Any, ...] = ()) -> Text | str:
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return _expectation(inner, (*_flat(own), *metadata))
    said = next((mark.text for mark in metadata if isinstance(mark, Expects)), None)
    if said is not None:
        return said
    if get_origin(annotation) in (Union, types.UnionType):
        parts = ["null" if part is types.NoneType else _expectation(part, metadata) for part in get_args(annotation)]
        return reduce(lambda first, second: Text("expected.or", {"first": first, "second": second}), parts)
    return _of_one_type(annotation, metadata)


def _of_one_type(annotation: Any, metadata: tuple[Any, ...]) -> Text | str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " | ".join(str(value) for value in get_args(annotation))
    if origin is tuple:
        return Text("expected.list", {"each": _expectation(get_args(annotation)[0])})
    if origin is dict:
        return Text("expected.mapping_of_names", {"each": _expectation(get_args(annotation)[1])})
    if _is_model(annotation):
        return Text("expected.mapping", {"keys": ", ".join(file_fields(annotation))})
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " | ".join(str(member.value) for member in annotation)
    if annotation is bool:
        return "true | false"
    return _bounded(_PLAIN[annotation], metadata)


_PLAIN = {int: Text("expected.whole_number"), float: Text("expected.number"), str: Text("expected.text")}


def _bounded(what: Text, metadata: tuple[Any, ...]) -> Text:
    for mark in metadata:
        if isinstance(mark, Ge):
            what = Text("expected.at_least", {"what": what, "least": mark.ge})
        elif isinstance(mark, Gt):
            what = Text("expected.more_than", {"what": what, "limit": mark.gt})
        elif isinstance(mark, Le):
            what = Text("expected.at_most", {"what": what, "most": mark.le})
    return what


def _flat(marks: Sequence[Any]) -> Iterator[Any]:
    """Constraints, those inside a nested pydantic Field too."""
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark
