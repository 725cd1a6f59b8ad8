"""A fault: what is wrong, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from include.domain.configuration.schema import Path


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where.

    `absence`: something is missing. `reference`: the section and the name in it that was not found. Both are also
    caused by a typing error elsewhere, and are not told beside it.
    """

    path: Path
    what: str
    allowed: str = ""
    todo: str = ""
    absence: bool = False
    reference: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        """What is wrong; the allowed values; what to do."""
        return "; ".join(part for part in (self.what, self.allowed and f"allowed: {self.allowed}", self.todo) if part)


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for a mistyped word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""
