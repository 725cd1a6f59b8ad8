"""Can the words of a page be believed? Decided page by page, so that a half-scanned document is read rightly.

What must be caught: old OCR laid invisibly over a scan, fonts whose map to letters is broken (every extractor then
returns the same gibberish), scans with a printed stamp as their only text, text drawn as outlines.
"""

from __future__ import annotations

import re
from enum import StrEnum

from include.domain.extraction.known_words import KNOWN_WORDS
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

OUTLINES = 400
"""So many drawings and no text: the text was drawn."""


class Verdict(StrEnum):
    """What to do with a page."""

    TRUST = "trust"
    RECOGNISE = "recognise"
    EMPTY = "empty"


def known_share(page: Page) -> float:
    """Which part of the page's words (of two letters or more) we know."""
    words = _words(page)
    return sum(word in KNOWN_WORDS for word in words) / len(words) if words else 0.0


def is_plausible(page: Page) -> bool:
    """Whether the words make sense as a page of an invoice."""
    words = _words(page)
    if len(words) < FEW_WORDS:
        return known_share(page) >= 0.5
    return known_share(page) >= LEAST_SHARE


def judge(page: Page, *, image_share: float, objects: int, paths: int) -> Verdict:
    """The verdict on a page's visible text layer."""
    words = _words(page)
    numbers = sum(len(_NUMBER.findall(line.text)) for line in page.lines)
    if not words and not numbers:
        return Verdict.RECOGNISE if objects else Verdict.EMPTY
    scanned = image_share >= SCANNED_SHARE or (paths >= OUTLINES and len(words) < FEW_WORDS)
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
