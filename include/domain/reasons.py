"""Reasons: why a document is not green, each in words a clerk understands, with what to do.

A reason is stored as code, field and parameters; its text is made when it is shown, in the reader's language.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from include.domain.wordings import completeness, corrections, criteria, messages, reading, sending

Language = Literal["fr", "en"]

WORDINGS: dict[str, tuple[str, str]] = {
    **reading.WORDINGS,
    **criteria.WORDINGS,
    **completeness.WORDINGS,
    **sending.WORDINGS,
    **messages.WORDINGS,
    **corrections.WORDINGS,
}
"""Every reason there is: code -> (French, English), with `{parameters}`."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One missing or wrong piece: `code` is a key of WORDINGS, `field` the field concerned, if one."""

    code: str
    field: str | None = None
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def message(self, language: Language = "fr") -> str:
        """What is wrong and what to do, in the language asked for."""
        french, english = WORDINGS[self.code]
        return (french if language == "fr" else english).format(**self.params)
