"""Issue date and due date, chosen together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from include.domain.extraction.evidence import CLOSE, candidate, ranked
from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import Found, Text, dates
from include.domain.extraction.search import Announced, Document, Place
from include.domain.fields import Candidate
from include.domain.values import fold

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
TITLES = (("facture",), ("avoir",))
"""`Facture du` without its small word: what a title announces stands directly behind it, or behind the number."""

ANYBODYS = (("date",), ("en", "date"), ("dated",), ("etablie",), ("emise",))
"""Wordings that any paper has: `votre commande en date du`."""

BESIDE_TITLE = 0.7
_SMALL_WORDS = re.compile(r"\W*(?:(?:en date )?d[ue]|le|dated?)?\W*")
OTHER_PAPER = re.compile(
    r"\b(?:devis|commandes?|bons?|bl|livr\w+|marche|contrat|convention|courrier|lettre|avenant|ordre|notifi\w+|accept\w+"
    r"|signee?|acomptes?|periode|(?<!facture de )(?<!facture d')(?:travaux|prestations?|intervention)|releve|session"
    r"|abonnement|decret|arrete|valable|jusqu\w*|recue?|versee?|validee?|concern\w+|origine|initiale?|annul\w+|rectifi\w+"
    r"|remplac\w+|precedente?|anterieure?|associee?|(?:sur|relati\w+ a|regularis\w+)(?: la| votre| notre)? facture)\b"
)
"""Words for other papers and deeds, in the same part of a line before a date: it is theirs, whatever stands nearer."""

_UNTIL = re.compile(r"\s*(?:inclus )?(?:jusqu')?au [0-9]")
_PART = re.compile(r"[;|•,]| [-/] ")
UNLABELLED = 0.15
ONLY_ONE = 0.55
_TOP = 0.45


def issue_and_due_dates(
    document: Document, numbers: tuple[Candidate, ...]
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Candidates for both; the best issue date is one that the best due date does not precede.

    `numbers` are the candidates for the invoice number: a small word beside another number announces another paper.
    """
    close = tuple(found for found in numbers if found.confidence >= CLOSE * numbers[0].confidence)
    named = [*_announced(document, "issue_date", close), *_behind_number(document, close)]
    issued = ranked([*named, *(_unlabelled(document) if named else _only_one(_unlabelled(document)))])
    due = ranked(_announced(document, "due_date", close))
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


def _announced(document: Document, field: str, numbers: tuple[Candidate, ...]) -> Iterator[Candidate]:
    for seen in document.announced(field, _read):
        weight = 0.0 if _begins_period(seen) else _weight(seen, numbers)
        if weight and len(seen.after.strip(" :.-")) <= FARTHEST:
            confidence = weight * seen.place.value * (0.5 + 0.5 * seen.found.confidence)
            yield candidate(seen.found.value.isoformat(), seen.found, seen.cell, confidence)


def _weight(seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> float:
    """The label's weight; a title and a small word (`le`, `du`) announce only what stands directly after them."""
    if seen.label.tokens in TITLES:
        return _weight_of_title(seen, numbers)
    if seen.label.tokens in ANYBODYS and _of_other_paper(seen):
        return 0.0
    if seen.label.weight >= WEAK:
        return seen.label.weight
    if _DATELINE.match(seen.label_cell.text):
        return DATELINE
    if seen.place is not Place.INLINE or seen.after.strip(" :,"):
        return 0.0
    if len(seen.label_cell.words) > LONGEST_DATELINE:
        return 0.0
    return NUMBERED if _is_beside_number(seen, numbers) else seen.label.weight


def _begins_period(seen: Announced[dt.date]) -> bool:
    """`Facture du 01/05/2026 au 31/05/2026`: a date that another one follows with `au` begins a period."""
    return _UNTIL.match(fold(seen.rest)) is not None


def _weight_of_title(seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> float:
    """`Facture du 3 mai` and `Facture n° 12 du 3 mai` say it, and `Facture concernée : 11 du 2 mai` does not."""
    if _of_other_paper(seen):
        return 0.0
    if seen.place is not Place.INLINE:
        return BESIDE_TITLE
    if _SMALL_WORDS.fullmatch(seen.after) or _is_beside_number(seen, numbers):
        return seen.label.weight
    return UNLABELLED


def _is_beside_number(seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> bool:
    """Whether the invoice's own number stands in the date's cell, and no word of another paper before the date."""
    return not _of_other_paper(seen) and any(_holds(seen.cell, number) for number in numbers)


def _of_other_paper(seen: Announced[dt.date]) -> bool:
    text = Text(seen.cell.words).plain
    before = text[: text.rfind(seen.found.text, 0, len(text) - len(seen.rest))]
    return OTHER_PAPER.search(fold(_PART.split(before)[-1])) is not None


def _holds(cell: Cell, found: Candidate) -> bool:
    if found.page != cell.page or found.box is None:
        return False
    left, top, right, bottom = found.box
    return cell.box[0] <= (left + right) / 2 <= cell.box[2] and cell.box[1] <= (top + bottom) / 2 <= cell.box[3]


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


def _behind_number(document: Document, numbers: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """`Facture n° 12 - 03/05/2026`: the date that follows the number in its line."""
    for seen in document.announced("invoice_number", _read):
        short = len(seen.label_cell.words) <= LONGEST_DATELINE and len(seen.after) <= FARTHEST
        own = [number.confidence for number in numbers if _holds(seen.cell, number)]
        if own and seen.place is Place.INLINE and short and _JUST_A_NUMBER.fullmatch(seen.after):
            yield candidate(seen.found.value.isoformat(), seen.found, seen.cell, BEHIND_NUMBER * max(own))


def _only_one(dates_alone: Iterator[Candidate]) -> list[Candidate]:
    """Where no label announces a date, the only one that stands alone in the upper part of the page."""
    found = list(dates_alone)
    if len({candidate.value for candidate in found}) == 1:
        return [replace(candidate, confidence=ONLY_ONE) for candidate in found]
    return found


def _read(text: Text) -> list[Found[dt.date]]:
    return list(dates(text))
