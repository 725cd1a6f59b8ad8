"""The catalogues as tests look at them: tables of (French, English), and entries of a test's own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from include.texts import Language, catalogue
from tools.po_files import path_of, read


@functools.cache
def entries(part: str) -> Mapping[str, tuple[str, str]]:
    """All of one part, without its name: `no_siret.what` of `error`. Entries with a plural are left out."""
    french, english = (
        {str(one.id): str(one.string) for one in read(path_of(part, language), language) if isinstance(one.id, str)}
        for language in ("fr", "en")
    )
    return MappingProxyType({code.partition(".")[2]: (french[code], english[code]) for code in french if code})


def codes(part: str) -> list[str]:
    """All of one part in French, without its name; entries with a plural too."""
    found = [one.id if isinstance(one.id, str) else one.id[0] for one in read(path_of(part, "fr"), "fr") if one.id]
    return [code.partition(".")[2] for code in found]


def table(start: str) -> dict[str, tuple[str, str]]:
    """The entries right below `start`: for `status` those like `status.DEPOSEE`, not `status.todo.SUSPENDUE`."""
    part, _, rest = start.partition(".")
    within = f"{rest}." if rest else ""
    found = {code.removeprefix(within): texts for code, texts in entries(part).items() if code.startswith(within)}
    return {code: texts for code, texts in found.items() if "." not in code}


def add_text(monkeypatch: pytest.MonkeyPatch, code: str, french: str, english: str) -> None:
    """An entry that is there for one test only."""
    known = catalogue._text

    def with_one_more(wanted: str, language: Language, params: Mapping[str, object]) -> str | None:
        if wanted == code:
            return french if language == "fr" else english
        return known(wanted, language, params)

    monkeypatch.setattr(catalogue, "_text", with_one_more)
