"""A second reader for doubtful values of a scan: which are doubtful, and what its answer means.

The second reader is another program that sees the same place of the page. Where it agrees, the value is surer than
before; where it does not, neither reading can be relied on, and both stay in sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from stdnum import iban

from include.domain.codes import AMOUNT_FIELDS, DATE_FIELDS
from include.domain.extraction.amounts import CENTS, TOTAL_FIELDS
from include.domain.extraction.lookalikes import shape
from include.domain.fields import Candidate, Source
from include.domain.text import Box, Page, Word
from include.domain.values import (
    canonical_amount,
    normalise_iban,
    normalise_siret,
    parse_amount,
    parse_date,
    siret_checks,
)

Fields = Mapping[str, tuple[Candidate, ...]]

DOUBTFUL = 0.97
"""Words read with less are asked for again. Measured on generated scans: of 740 values read with .999 and more, and 131
with .98 and more, all were right; below .97 one in ten was wrong, nearly all of them O for 0 or the like."""

UNHEARD = 0.85
"""What a doubtful value may claim at most where there is no second reader; and a doubtful code even if it agrees: both
take `O` for `0` alike, and no check digit tells them apart."""

DISPUTED = 0.5
"""What a value may claim at most that the second reader read otherwise."""

PROVEN = 0.75
"""What the second reading may claim where its check digits are right and those of the first are not."""

_LEAST_HEARD = 0.3
"""A second reading less sure than this says nothing."""

_CURRENCY = re.compile(r"€|EUR(?:OS?)?", re.IGNORECASE)

_WITHOUT = frozenset({"type", "currency", "vat", "recipient_name"})
"""Not asked for: they are found by words that many places repeat, or proven by arithmetic, or no single line."""

_CODES = frozenset({"invoice_number", "service_code", "engagement_number", "contract_number"})
_SIRETS = frozenset({"supplier_siret", "recipient_siret"})


@dataclass(frozen=True, kw_only=True)
class Question:
    """A value to be read again: where it stands on which page."""

    field: str
    page: int
    box: Box


def questions(fields: Fields, pages: Sequence[Page]) -> Iterator[Question]:
    """The values that need a second reader, in the order of the fields."""
    by_number = {page.number: page for page in pages}
    proven = _sums_up(fields)
    for name, found in fields.items():
        best = found[0]
        if name in _WITHOUT or best.source is not Source.OCR or best.box is None or best.page not in by_number:
            continue
        if (proven and name in TOTAL_FIELDS) or not _is_doubtful(name, found, by_number[best.page]):
            continue
        yield Question(field=name, page=best.page, box=best.box)


def _is_doubtful(name: str, found: Sequence[Candidate], page: Page) -> bool:
    best = found[0]
    assert best.box is not None
    if min((word.confidence for word in _words_in(page, best.box)), default=1.0) < DOUBTFUL:
        return True
    if not _check_holds(name, str(best.value)):
        return True
    return any(shape(str(other.value)) == shape(str(best.value)) for other in found[1:])


def _words_in(page: Page, box: Box) -> Iterator[Word]:
    for line in page.lines:
        for word in line.words:
            left, top, right, bottom = word.box
            if left < box[2] and right > box[0] and top < box[3] and bottom > box[1]:
                yield word


def _sums_up(fields: Fields) -> bool:
    """Whether the three totals are printed and add up: no misread one would."""
    best = [fields[name][0] for name in TOTAL_FIELDS if fields.get(name)]
    if len(best) < len(TOTAL_FIELDS) or any(found.text is None for found in best):
        return False
    excl, tax, incl = (Decimal(str(found.value)) for found in best)
    return abs(excl + tax - incl) <= CENTS


def _check_holds(name: str, value: str) -> bool:
    if name in _SIRETS:
        return siret_checks(value)
    return iban.is_valid(value) if name == "iban" else True


def unheard(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A doubtful field that nobody could read again."""
    return (replace(found[0], confidence=min(found[0].confidence, UNHEARD)), *found[1:])


def heard(name: str, found: tuple[Candidate, ...], text: str, sure: float) -> tuple[Candidate, ...]:
    """The candidates of a field after the second reader read `text` in the place of the best one."""
    best = found[0]
    if sure < _LEAST_HEARD or not _plain(text):
        return unheard(found)
    if _agrees(best, text):
        raised = best.confidence + (1 - best.confidence) / 2
        return (replace(best, confidence=round(min(raised, UNHEARD) if name in _CODES else raised, 3)), *found[1:])
    disputed = replace(best, confidence=min(best.confidence, DISPUTED))
    value = _value(name, text)
    if value is None or value == best.value:
        return (disputed, *found[1:])
    other = replace(best, value=value, text=text, confidence=round(DISPUTED * sure, 3))
    rest = tuple(candidate for candidate in found[1:] if candidate.value != value)
    if not _check_holds(name, str(best.value)) and _check_holds(name, value):
        return (replace(other, confidence=PROVEN), disputed, *rest)
    return (disputed, other, *rest)


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _agrees(best: Candidate, text: str) -> bool:
    """Whether the second reading holds the same signs, with at most some speck at either end."""
    mine, theirs = _plain(best.text or str(best.value)), _plain(text)
    return mine == theirs or (mine in theirs and len(theirs) <= len(mine) + 2 and len(mine) > 2)


def _value(name: str, text: str) -> str | None:
    """The second reading as a value of the field, if it is one."""
    if name in AMOUNT_FIELDS:
        amount = parse_amount(_CURRENCY.sub("", text).strip(" -"))
        return canonical_amount(abs(amount)) if amount is not None else None
    if name in DATE_FIELDS:
        day = parse_date(text.strip())
        return day.isoformat() if day else None
    if name in _SIRETS:
        return normalise_siret(text)
    if name == "iban":
        return normalise_iban(text)
    return text.strip(" :.,;-*#|") or None if name in _CODES else None
