"""Reasons: why a document is not green, each in words a clerk understands, with what to do.

A reason is stored as code, field and parameters; its text is made when it is shown, in the reader's language, from the
entries `reason.` of the catalogues. Two families share one entry each: codes that end in the name of their field
(`missing_total_tax` is worded by `reason.missing`), and the platform's refusals by their meaning
(`refused_engagement`: `refusal.invoice` with `refusal.todo.engagement`).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

from include.domain.fields.registry import BY_NAME
from include.domain.fields.shown import shown_value
from include.texts import Language, has_text, label, translate, translate_stored

__all__ = ["NUMBER_USED_TWICE", "PASSING", "Language", "Reason", "has_words"]

PASSING = frozenset(
    {
        "portal_still_changing",
        "portal_no_answer",
        "portal_file_unreadable",
        "portal_answer_unclear",
        "internal_error",
    }
)
"""Why a document waits although nobody has to do anything: a later pass takes it, or its own alert tells of it."""

NUMBER_USED_TWICE = "number_used_twice"
"""Why an invoice waits while another unsent one has its number with another total."""

_VALUES = ("value", "chosen", "other", "frozen")
_ORIGINS = frozenset({"metadata", "facturx", "remote", "text", "ocr"})
_PAGED = frozenset({"text", "ocr"})
"""Sources whose place is worth saying, and those of them that stand on a page."""
_REFUSALS = {"correction_refused_": "refusal.correction", "refused_": "refusal.invoice"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One missing or wrong piece: `code` has words in the catalogues, `field` is the field concerned, if one."""

    code: str
    field: str | None = None
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def message(self, language: Language = "fr") -> str:
        """What is wrong and what to do, in the language asked for; KeyError for a code without words."""
        entry, params = self._entry(language)
        return translate(entry, language, **params)

    def message_stored(self, language: Language) -> str:
        """The same for a reason that another version may have stored: what has no words shows as its code."""
        entry, params = self._entry(language)
        return translate_stored(entry, language, params)

    def said(self, language: Language) -> str:
        """The same as a part of another text."""
        return self.message_stored(language)

    def as_text(self) -> str:
        """A reason is a row of its own where it is stored; as a part of an error its English words are."""
        return self.message_stored("en")

    def _entry(self, language: Language) -> tuple[str, Mapping[str, str]]:
        """The entry of the catalogues and all that stands in its placeholders."""
        for start, entry in _REFUSALS.items():
            meaning = f"refusal.todo.{self.code.removeprefix(start)}"
            if self.code.startswith(start) and has_text(meaning):
                return entry, {**self.params, "todo": translate(meaning, language)}
        if self.field and self.code.endswith(f"_{self.field}"):
            family = f"reason.{self.code.removesuffix(f'_{self.field}')}"
            if has_text(family):
                return family, {**self._shown(language, *_VALUES), "field": label("field", self.field, language)}
        return f"reason.{self.code}", self._shown(language)

    def _shown(self, language: Language, *values: str) -> dict[str, str]:
        """The parameters; values of a field (these, and whatever tells where it was read) as people write them."""
        shown = dict(self.params)
        for name, value in self.params.items():
            field = name if name in BY_NAME else self.field or ""
            source = self.params.get(f"{name}_source")
            if source is not None:
                stored = json.loads(value) if field == "vat" else value
                shown[name] = self._read(name, shown_value(field, stored, language), source, language)
            elif name in values:
                shown[name] = shown_value(field, value, language)
        return shown

    def _read(self, name: str, value: str, source: str, language: Language) -> str:
        """A value with where it was read."""
        place = self.params.get(f"{name}_place", "")
        if source not in _ORIGINS:
            return value
        code = f"origin.{source}" if place or source not in _PAGED else f"origin.{source}_somewhere"
        return translate(code, language, value=value, place=place)


def reason_heading(code: str, language: Language) -> str:
    """What all reasons of one code have in common, in a few words, for lists and filters.

    One that speaks of a field (`missing_total_tax`) is worded by its family and the field, a refusal by its family.
    """
    if has_text(f"heading.{code}"):
        return translate(f"heading.{code}", language)
    words = code.split("_")
    for cut in range(len(words) - 1, 0, -1):
        family, name = f"heading.{'_'.join(words[:cut])}", "_".join(words[cut:])
        if has_text(family):
            return translate(family, language, field=label("field", name, language))
    return code


def has_words(code: str) -> bool:
    """Whether this is the code of a reason, one that speaks of no field in particular."""
    return has_text(f"reason.{code}")
