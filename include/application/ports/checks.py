"""Checks of what the product stands on."""

from __future__ import annotations

from dataclasses import dataclass

from include.texts import Language, Spoken, label, translate

CHECKS = frozenset(
    {
        "reading processes",
        "openvino",
        "tesseract",
        "tesseract-fra",
        "disk",
        "pools",
        "database",
        "content store",
        "providers",
        "criteria",
        "trial",
        "sending",
        "portal",
        "mail",
        "PISTE",
        "certificate",
        "technical account",
        "technical password",
        "connection",
    }
)
"""Every check there is, by name."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `ok`, what was seen, and what to do if it is not; worded where it is shown.

    `name` is a stable code, `about` the provider whose check it is.
    """

    name: str
    ok: bool
    seen: str | Spoken
    todo: str | Spoken = ""
    about: str = ""

    def title(self, language: Language) -> str:
        """The name for a person, beginning with the provider that it is about."""
        words = label("check.name", self.name.replace(" ", "_").replace("-", "_"), language)
        return translate("check.of", language, provider=self.about, check=words) if self.about else words

    @property
    def full_name(self) -> str:
        """The name for programs, the same in every language."""
        return f"{self.about}: {self.name}" if self.about else self.name
