"""From a code and its parameters to a sentence.

A parameter is written `{name}`, or with how its value is shown: `{total:amount}`, `{day:date}` (see values.py). An
entry with a plural chooses its form by the parameter `count`.

The `.po` files are read as they are and compiled in memory at first use, one part at a time: no compiled file can be
forgotten, be older than its source, or collide in a merge.
"""

from __future__ import annotations

import functools
import gettext
import io
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from include.texts.values import SHOWN_AS

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
"""French is the first language of people."""

WORDED = frozenset({"state", "status", "stage", "item", "field", "people", "key"})
"""May stand after the colon of a placeholder: its value is a code, and these are the parts that have words for it."""

STORED = "stored"
"""Stands after the colon of a placeholder whose value comes out of a column that `store` filled."""

LOCALE = Path(__file__).resolve().parent.parent / "locale"


@runtime_checkable
class Spoken(Protocol):
    """What can be the parameter of a text and has words of its own: a Text, or an error."""

    def said(self, language: Language) -> str:
        """The words in the language of the text in which it stands."""

    def as_text(self) -> Text | str | tuple[Text, ...]:
        """What the database keeps of it: codes and parameters where there are words for them."""


@dataclass(frozen=True)
class Text:
    """A text before its language is known: a parameter of another text, worded in the language of that one."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said("en")

    def said(self, language: Language) -> str:
        """The words; what is missing is shown instead of raised, since this is what errors speak with."""
        return translate_stored(self.code, language, self.params)

    def as_text(self) -> Text:
        """Itself."""
        return self


def said(value: object, language: Language) -> str:
    """What has words of its own in this language, anything else as it is."""
    if isinstance(value, tuple):
        return " ".join(said(one, language) for one in value)
    return value.said(language) if isinstance(value, Spoken) else str(value)


def restored(stored: str) -> object:
    """A text out of a column that `store` filled; what an older version or another program wrote stays as it is."""
    if not stored.startswith(('{"text"', '[{"text"')):
        return stored
    try:
        return _made(json.loads(stored))
    except (ValueError, LookupError, TypeError, AttributeError):
        return stored


def _made(kept: Any) -> object:
    if isinstance(kept, dict):
        return Text(kept["text"], {name: _made(one) for name, one in kept["params"].items()})
    return tuple(_made(one) for one in kept) if isinstance(kept, list) else kept


def translate(code: str, language: Language, /, **params: object) -> str:
    """The text of a code. KeyError where the catalogue lacks it or a parameter is missing: a mistake of ours."""
    text = _text(code, language, params)
    if text is None:
        raise KeyError(code)
    return _Wording(language).vformat(text, (), params)


def translate_stored(code: str, language: Language, params: Mapping[str, object]) -> str:
    """The text of what another version may have stored: unknown codes show as they are, missing parameters as `?`."""
    text = _text(code, language, params)
    return code.partition(".")[2] if text is None else _WordingWithGaps(language).vformat(text, (), params)


def label(part: str, code: str, language: Language) -> str:
    """The words for a code of a list such as `status`; the code itself where there are none."""
    return _text(f"{part}.{code}", language, {}) or code


def has_text(code: str) -> bool:
    """Whether the catalogues know this code."""
    return _text(code, "fr", {}) is not None


def _text(code: str, language: Language, params: Mapping[str, object]) -> str | None:
    catalogue = _catalogue(code.partition(".")[0], language)
    count = str(params.get("count", ""))
    text = catalogue.ngettext(code, code, int(count)) if count.isdecimal() else code
    text = catalogue.gettext(code) if text == code else text
    return None if text == code else text


@functools.cache
def _catalogue(part: str, language: Language) -> gettext.NullTranslations:
    path = LOCALE / language / "LC_MESSAGES" / f"{part}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class _Wording(string.Formatter):
    """`str.format` that knows how amounts and dates are written in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == STORED:
            value, format_spec = restored(str(value)), ""
        if format_spec in WORDED:
            return label(format_spec, str(value), self._language)
        if isinstance(value, (Spoken, tuple)):
            return said(value, self._language)
        if format_spec in SHOWN_AS:
            return SHOWN_AS[format_spec](value, self._language)
        return format(value, format_spec)


class _WordingWithGaps(_Wording):
    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "?")
