"""A fault: what is wrong, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from include.domain.configuration.schema import Path
from include.texts import Language, Text, said


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where; worded in the language of who reads it.

    `absence`: something is missing. `reference`: the section and the name in it that was not found. Both are also
    caused by a typing error elsewhere, and are not told beside it.
    """

    path: Path
    what: Text
    allowed: Text | str = ""
    todo: Text | str = ""
    absence: bool = False
    reference: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        """What is wrong; the allowed values; what to do; in English."""
        return self.said("en")

    def said(self, language: Language) -> str:
        """The same in the reader's language."""
        allowed = self.allowed and Text("fault.allowed", {"values": self.allowed})
        return "; ".join(said(part, language) for part in (self.what, allowed, self.todo) if part)

    def as_text(self) -> str:
        """Faults are shown where they are found, and never stored."""
        return self.text


@dataclass(frozen=True, kw_only=True)
class LocatedFault:
    """A fault of a file with its place; `path`: the way to the value, as a person reads it."""

    file: str
    line: int
    column: int
    path: str
    text: Text

    def said(self, language: Language) -> str:
        """In one line, the place first."""
        return self.as_text().said(language)

    def as_text(self) -> Text:
        """The same as code and parameters."""
        return Text("fault.at", {"place": f"{self.file}:{self.line}", "fault": self.text})


def joined(names: Iterable[str]) -> Text | str:
    """`a and b`, in the language of the text in which it stands."""
    first, *others = names
    made: Text | str = first
    for other in others:
        made = Text("fault.and", {"first": made, "second": other})
    return made


def nearest(word: str, known: Iterable[str]) -> Text | None:
    """`did you mean ...?` for a mistyped word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return Text("fault.did_you_mean", {"word": close[0]}) if close else None
