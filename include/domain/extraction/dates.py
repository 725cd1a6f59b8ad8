"""Issue date and due date, chosen together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from include.domain.extraction.evidence import candidate, ranked
from include.domain.extraction.patterns import Found, Text, dates
from include.domain.extraction.search import Announced, Document, Place
from include.domain.fields import Candidate

FARTHEST = 30
"""Signs between a label and its date in one cell: more is a sentence that mentions some other date."""

WEAK = 0.4
NUMBERED = 0.85
"""`Facture n° 12 du 3 mai`: the small word after an invoice number announces the issue date."""

DATELINE = 0.75
_DATELINE = re.compile(r"(?:(?:fait à )?[^\W\d][\w' -]{1,30},? )?le [0-9]\S* ?\S* ?[0-9]*$", re.IGNORECASE)
"""`Lyon, le 3 mai 2026` alone in its cell, as letters have it."""

LONGEST_DATELINE = 10
"""Words of `Facture n° 12 du 3 mai 2026` or `Lyon, le 3 mai 2026`; longer ones quote a decree and its date."""

BEHIND_NUMBER = 0.75
_JUST_A_NUMBER = re.compile(r"[\W_]*\S*[0-9]\S*[\W_]*")
UNLABELLED = 0.15
ONLY_ONE = 0.55
_TOP = 0.45


def issue_and_due_dates(document: Document) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Candidates for both; the best issue date is one that the best due date does not precede."""
    named = [*_announced(document, "issue_date"), *_behind_number(document)]
    issued = ranked([*named, *(_unlabelled(document) if named else _only_one(_unlabelled(document)))])
    due = ranked(_announced(document, "due_date"))
    promised = {(found.page, found.box): found.confidence for found in due}
    issued = tuple(
        found for found in issued if promised.get((found.page, found.box), 0.0) < found.confidence
    )  # `avant le 3 mai` is not the day of the invoice because `le` stands before it
    if not issued or not due:
        return issued, due
    pairs = [(first, second) for first in issued for second in due if second.value >= first.value]  # type: ignore[operator]
    if not pairs:
        return issued, due
    first, second = max(pairs, key=lambda pair: pair[0].confidence + pair[1].confidence)
    return _to_front(first, issued), _to_front(second, due)


def _to_front(chosen: Candidate, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return (chosen, *(other for other in candidates if other is not chosen))


def _announced(document: Document, field: str) -> Iterator[Candidate]:
    for seen in document.announced(field, _read):
        weight = _weight(document, seen)
        if weight and len(seen.after.strip(" :.-")) <= FARTHEST:
            confidence = weight * seen.place.value * (0.5 + 0.5 * seen.found.confidence)
            yield candidate(seen.found.value.isoformat(), seen.found, seen.cell, confidence)


def _weight(document: Document, seen: Announced[dt.date]) -> float:
    """The label's weight; a small word (`le`, `du`) announces only what stands directly after it."""
    if seen.label.weight >= WEAK:
        return seen.label.weight
    if _DATELINE.match(seen.label_cell.text):
        return DATELINE
    if seen.place is not Place.INLINE or seen.after.strip(" :,"):
        return 0.0
    if len(seen.label_cell.words) > LONGEST_DATELINE:
        return 0.0
    numbered = any(
        label.field == "invoice_number"
        for announcement in document.announcements
        if announcement.cell is seen.cell
        for label in announcement.labels
    )
    return NUMBERED if numbered else seen.label.weight


def _unlabelled(document: Document) -> Iterator[Candidate]:
    """Dates alone in their cell in the upper part of the first page."""
    for cell in document.layout.cells():
        if cell.page != document.layout.pages[0].number:
            return
        if cell.box[1] > _TOP * document.layout.page_size(cell.page)[1]:
            return
        for found in dates(Text(cell.words)):
            if len(found.text) + 3 >= len(cell.text):
                yield candidate(found.value.isoformat(), found, cell, UNLABELLED)


def _behind_number(document: Document) -> Iterator[Candidate]:
    """`Facture n° 12 - 03/05/2026`: the date that follows the number in its line."""
    for seen in document.announced("invoice_number", _read):
        short = len(seen.label_cell.words) <= LONGEST_DATELINE and len(seen.after) <= FARTHEST
        if seen.place is Place.INLINE and short and _JUST_A_NUMBER.fullmatch(seen.after):
            yield candidate(seen.found.value.isoformat(), seen.found, seen.cell, BEHIND_NUMBER * seen.label.weight)


def _only_one(dates_alone: Iterator[Candidate]) -> list[Candidate]:
    """Where no label announces a date, the only one that stands alone in the upper part of the page."""
    found = list(dates_alone)
    if len({candidate.value for candidate in found}) == 1:
        return [replace(candidate, confidence=ONLY_ONE) for candidate in found]
    return found


def _read(text: Text) -> list[Found[dt.date]]:
    return list(dates(text))
