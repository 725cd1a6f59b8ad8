"""What the models say about themselves in words, for messages about faults, the example and the documentation."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from include.domain.configuration.base import Expects
from include.domain.configuration.root import NOT_IN_THE_FILE, Configuration

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top of the file."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """The type that is expected at a path; `field` is the model field it belongs to, where it is one."""

    annotation: Any
    field: FieldInfo | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model whose keys stand here, if it is a section."""
        return next((part for part in _variants(self.annotation) if _is_model(part)), None)

    @property
    def takes_null(self) -> bool:
        """Whether null means something here."""
        return types.NoneType in _variants(self.annotation)

    def takes(self, kind: type) -> bool:
        """Whether a value of this Python type is expected (str, bool, ...)."""
        return any(part is kind or get_origin(part) is kind for part in _variants(self.annotation))

    @property
    def expectation(self) -> str:
        """Which values are taken here, in words."""
        return _expectation(self.annotation, tuple(self.field.metadata) if self.field else ())


def file_fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The keys of a section, in the order of the file."""
    return {name: field for name, field in model.model_fields.items() if name not in NOT_IN_THE_FILE}


def spot_at(path: Sequence[str | int]) -> Spot | None:
    """The expectation at a path of the file, or None where the schema knows no such place."""
    spot = Spot(annotation=Configuration)
    for step in path:
        found = _below(spot, step)
        if found is None:
            return None
        spot = found
    return spot


def children(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a section or a list of sections."""
    spot = Spot(annotation=field.annotation)
    return spot.model or next((model for model in map(_element_model, _variants(field.annotation)) if model), None)


def models() -> Iterator[tuple[str, type[BaseModel], bool]]:
    """Every section as (path such as `providers[].bank_details`, model, whether it is an item of a list)."""
    yield from _models_below("", Configuration)


def _models_below(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel], bool]]:
    for name, field in file_fields(model).items():
        child = children(field)
        if child is not None:
            is_item = Spot(annotation=field.annotation).model is None
            path = f"{prefix}{name}{'[]' if is_item else ''}"
            yield path, child, is_item
            yield from _models_below(f"{path}.", child)


def _below(spot: Spot, step: str | int) -> Spot | None:
    if spot.model is not None and isinstance(step, str):
        field = file_fields(spot.model).get(step)
        return Spot(annotation=field.annotation, field=field) if field else None
    for part in _variants(spot.annotation):
        if get_origin(part) is tuple and isinstance(step, int):
            return Spot(annotation=get_args(part)[0])
        if get_origin(part) is dict:
            return Spot(annotation=get_args(part)[1])
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


def _expectation(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return _expectation(inner, (*_flat(own), *metadata))
    said = next((mark.text for mark in metadata if isinstance(mark, Expects)), None)
    if said is not None:
        return said
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(
            "null" if part is types.NoneType else _expectation(part, metadata) for part in get_args(annotation)
        )
    return _of_one_type(annotation, metadata)


def _of_one_type(annotation: Any, metadata: tuple[Any, ...]) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " | ".join(str(value) for value in get_args(annotation))
    if origin is tuple:
        return f"a list, each: {_expectation(get_args(annotation)[0])}"
    if origin is dict:
        return f"a mapping of names, each: {_expectation(get_args(annotation)[1])}"
    if _is_model(annotation):
        return f"a mapping with the keys {', '.join(file_fields(annotation))}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " | ".join(str(member.value) for member in annotation)
    words = {bool: "true | false", int: "a whole number", float: "a number", str: "a text"}[annotation]
    return words + "".join(_bounds(metadata))


def _bounds(metadata: tuple[Any, ...]) -> Iterator[str]:
    for mark in metadata:
        if isinstance(mark, Ge):
            yield f", at least {mark.ge}"
        elif isinstance(mark, Gt):
            yield f", more than {mark.gt}"
        elif isinstance(mark, Le):
            yield f", at most {mark.le}"


def _flat(marks: Sequence[Any]) -> Iterator[Any]:
    """Constraints, those inside a nested pydantic Field too."""
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark
