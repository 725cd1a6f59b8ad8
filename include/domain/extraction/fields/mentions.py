"""Codes that a page mentions beside words which no label knows: enough for a doubt, never for a value that goes out.

An invoice that lacks the engagement or the service it prints is refused by the recipient, so where labels announced
nothing and a line still speaks of one, a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.domain.extraction.fields.evidence import candidate
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.patterns import amounts, dates, sirets
from include.domain.fields import Candidate, Claim
from include.domain.values import fold

_CODE = r"(?P<code>(?=[a-z/_-]*[0-9]{3})[a-z0-9][a-z0-9/_-]{3,24})(?![\w,.][0-9])"
MENTIONS = {
    "engagement_number": re.compile(
        rf"\b(?<!fin d')(?<!notre )(?:engagement|engt|commande|bdc|e\.?j)\b(?: [a-z'.]+){{0,3}}"
        rf"\W{{0,4}}(?:n\W{{1,3}})?{_CODE}"
    ),
    "service_code": re.compile(
        rf"\bservice\b(?! (?:client|apres|fait|comptab|technique|factur))(?: [a-z'()]+){{0,4}} ?[:=] ?{_CODE}"
    ),
}


def mentioned(document: LabelledPage, field: str) -> tuple[Candidate, ...]:
    """The first code beside a word that speaks of the field, hardly claiming anything."""
    return next(((found,) for found in _mentions(document, MENTIONS[field])), ())


def _mentions(document: LabelledPage, words: re.Pattern[str]) -> Iterator[Candidate]:
    for cell in document.layout.cells():
        text = cell.written
        match = words.search(fold(text.plain))
        if match is None or len(fold(text.plain)) != len(text.plain):
            continue
        start, end = match.span("code")
        others = [(other.start, other.end) for read in (dates, amounts, sirets) for other in read(text)]
        if not any(begin < end and start < stop for begin, stop in others):
            found = text.found(text.plain[start:end], start, end)
            yield candidate(found.value, found, cell, 1.0, Claim.ONLY_MENTIONED)
