"""Administrators' own templates: they may show and choose, never call or reach inside objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from include.texts import Text

LONGEST_RESULT = 200_000
FILTERS = frozenset({"upper", "lower", "title", "capitalize", "trim", "default", "join", "length", "first", "last"})


class NotAllowedError(SecurityError):
    """What our sandbox forbids beyond Jinja2's; `text` says it to a person."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class OwnTemplates(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, narrowed: no calls, no operators that build giant texts, a short list of filters."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(autoescape=False, undefined=StrictUndefined)
        self.globals.clear()
        self.filters = {name: function for name, function in self.filters.items() if name in FILTERS}

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing may be called."""
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers may be added; a text times a million may not be built."""
        if operator == "+" and isinstance(left, int) and isinstance(right, int):
            return left + right
        raise NotAllowedError(Text("fault.template_operator", {"operator": operator}))


def render_own(template: Template, values: Mapping[str, object]) -> str:
    """The text; NotAllowedError when it grows beyond all measure."""
    return "".join(_bounded(template.generate(values)))


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    room = LONGEST_RESULT
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise NotAllowedError(Text("fault.template_too_long", {"limit": LONGEST_RESULT}))
        yield piece
