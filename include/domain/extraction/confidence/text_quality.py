"""Can the words of a page be believed? Decided page by page, so that a half-scanned document is read rightly.

What must be caught: old OCR laid invisibly over a scan, fonts whose map to letters is broken (every extractor then
returns the same gibberish), scans with a printed stamp as their only text, text drawn as outlines.
"""

from __future__ import annotations

import re
from enum import StrEnum

from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.text import Page
from include.domain.values import fold

_TOKEN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[0-9]+(?:[.,/-][0-9]+)*")

LEAST_SHARE = 0.12
"""Share of known words among the words of a page. Invoices in French, English or German have 0.2 to 0.6, also lists of
articles; gibberish stays below 0.03."""

FEW_WORDS = 12
"""Below this many words the share says nothing."""

SCANNED_SHARE = 0.5
"""A page that one image covers by half or more was scanned, or has a printed letterhead as its background."""

LEAST_DRAWN = 40
"""Letters drawn as curves, from which on they may be the text of the page; a logo has fewer."""


class Verdict(StrEnum):
    """What to do with a page."""

    TRUST = "trust"
    RECOGNISE = "recognise"
    EMPTY = "empty"


def known_share(page: Page) -> float:
    """Which part of the page's words (of two letters or more) we know."""
    words = _words(page)
    return known_count(page) / len(words) if words else 0.0


def known_count(page: Page) -> int:
    """How many of the page's words we know."""
    return sum(word in LANGUAGE_WORDS for word in _words(page))


def assess(page: Page, *, image_share: float, objects: int, drawn_letters: int) -> Verdict:
    """The verdict on a page's visible text layer; `drawn_letters`: about how many are drawn as curves."""
    words = _words(page)
    numbers = sum(len(_NUMBER.findall(line.text)) for line in page.lines)
    if not words and not numbers:
        return Verdict.RECOGNISE if objects else Verdict.EMPTY
    if drawn_letters >= LEAST_DRAWN and drawn_letters > sum(
        len(word.text) for line in page.lines for word in line.words
    ):
        return Verdict.RECOGNISE  # a page number or a legal line is the only text that is not drawn
    scanned = image_share >= SCANNED_SHARE
    if len(words) < FEW_WORDS:  # many numbers and no words: letters that the font does not map to anything
        return Verdict.RECOGNISE if scanned or numbers >= FEW_WORDS else Verdict.TRUST
    if known_share(page) < LEAST_SHARE:
        return Verdict.RECOGNISE
    return Verdict.RECOGNISE if scanned and len(words) < 3 * FEW_WORDS else Verdict.TRUST


def _words(page: Page) -> list[str]:
    """Folded words of two letters or more."""
    return [
        token
        for line in page.lines
        for token in _TOKEN.findall(fold(line.text))
        if len(token) >= 2 and not token[0].isdigit()
    ]
