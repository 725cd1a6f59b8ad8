"""The glossary has each word once, in order, and every word that code, mails and screens are built on."""

from __future__ import annotations

import pytest

from tests.house.test_house import ROOT

GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
FOUNDATIONS = (
    "attempt",
    "claim",
    "evidence pack",
    "lease",
    "ledger",
    "outbox",
    "pipeline",
    "reason",
    "reconcile",
    "stage",
    "watermark",
    "write-back",
)


def words(heading: str, column: int) -> list[str]:
    """One column of the table with this heading."""
    lines = GLOSSARY[GLOSSARY.index(heading) :].splitlines()[2:]
    rows = lines[: next(place for place, line in enumerate(lines) if not line.startswith("|"))]
    return [row.split("|")[column].strip() for row in rows]


OWN = words("| our own words |", 1)
THEIRS = words("| French, as people", 2)


def test_each_word_stands_there_once() -> None:
    every = [*OWN, *THEIRS]
    assert sorted(every) == sorted(set(every))


def test_our_own_words_are_in_order() -> None:
    assert sorted(OWN, key=str.casefold) == OWN


@pytest.mark.parametrize("word", FOUNDATIONS)
def test_what_everything_is_built_on_is_explained(word: str) -> None:
    assert word in OWN
