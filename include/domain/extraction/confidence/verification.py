"""A second reader for doubtful values of a scan: which are doubtful, and what its answer means.

The second reader is another program that sees the same place of the page. Where it agrees, the value is surer than
before; where it does not, neither reading can be relied on, and both stay in sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stdnum import iban

from include.domain.extraction.fields.evidence import READ_WELL
from include.domain.extraction.fields.guesses import CENTS
from include.domain.extraction.lexicon.lookalikes import shape
from include.domain.fields import Candidate, Claim, Source, Value
from include.domain.fields.registry import AMOUNT_FIELDS, DATE_FIELDS, TOTALS, Kind, of_kind
from include.domain.text import Box, Page, Word
from include.domain.values import (
    cents,
    normalise_iban,
    normalise_siret,
    parse_amount,
    parse_date,
    siret_checks,
)

Fields = Mapping[str, tuple[Candidate, ...]]

_LEAST_HEARD = 0.3
"""Lowest confidence of a second reading that counts."""

_SIRET_LONG = re.compile(r"[0-9OILSB]{14}")
_SMALL_IN_CAPITALS = re.compile(r"[A-Z][a-z](?![a-z])|(?<![a-z])[a-z][A-Z]")
_LETTER_AMONG_DIGITS = re.compile(r"(?<!\bP)[OQ](?=[0-9])|(?<=[0-9])[OQ]", re.IGNORECASE)
"""How a zero stands that was taken for a letter; `PO` alone before digits is a purchase order."""
_CURRENCY = re.compile(r"€|EUR(?:OS?)?", re.IGNORECASE)

_WITHOUT = of_kind(Kind.CHOICE, Kind.CURRENCY, Kind.VAT, Kind.NAME)
"""Fields that are not read a second time: they are found by words that many places repeat, or proven by arithmetic, or
stand on several lines."""

_CODES = of_kind(Kind.IDENTIFIER)
_SIRETS = of_kind(Kind.SIRET)


WHICH_IS_OPEN = frozenset(
    {
        Claim.ONLY_MENTIONED,
        Claim.SEVERAL_CANDIDATES,
        Claim.BARE_REFERENCE,
        Claim.OF_ANOTHER_INVOICE,
        Claim.DATE_WITHOUT_LABEL,
        Claim.DUE_FOR_TOTAL,
        Claim.DUE_NOT_PRINTED,
        Claim.REMEMBERED_UNSEEN,
        Claim.REMEMBERED_FAILS_CHECK,
        Claim.PLACE_UNCLEAR,
        Claim.MEMORY_DIFFERS,
        Claim.MEMORY_UNPROVEN,
    }
)
"""Claims by which a value may be another one of the page: that its signs were read rightly says nothing to that."""


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
        if (proven and name in TOTALS) or not _is_doubtful(name, found, by_number[best.page]):
            continue
        yield Question(field=name, page=best.page, box=best.box)


def _is_doubtful(name: str, found: Sequence[Candidate], page: Page) -> bool:
    best = found[0]
    assert best.box is not None
    if name in _SIRETS and _stands_for_its_firm(best):
        return False
    if min((word.confidence for word in _words_in(page, best.box)), default=1.0) < READ_WELL:
        return True
    if not _check_holds(name, str(best.value)):
        return True
    if name in _CODES and _LETTER_AMONG_DIGITS.search(str(best.value)):
        return True
    return any(shape(str(other.value)) == shape(str(best.value)) for other in found[1:])


def _stands_for_its_firm(best: Candidate) -> bool:
    """Whether the page holds the firm's number only, whose check digits were right: there is no SIRET to read again."""
    read = _plain(best.text or "")
    return str(best.value)[:9] in read and _SIRET_LONG.search(read) is None


def _words_in(page: Page, box: Box) -> Iterator[Word]:
    for line in page.lines:
        for word in line.words:
            left, top, right, bottom = word.box
            if left < box[2] and right > box[0] and top < box[3] and bottom > box[1]:
                yield word


def _sums_up(fields: Fields) -> bool:
    """Whether the three totals are printed and add up: then none of them was misread."""
    best = [fields[name][0] for name in TOTALS if fields.get(name)]
    if len(best) < len(TOTALS) or any(found.text is None for found in best):
        return False
    excl, tax, incl = (found.amount for found in best)
    return abs(excl + tax - incl) <= CENTS


def _check_holds(name: str, value: str) -> bool:
    if name in _SIRETS:
        return siret_checks(value)
    return iban.is_valid(value) if name == "iban" else True


def unverified(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A doubtful field that nobody could read again."""
    return (found[0].but(Claim.SECOND_READER_MISSING, *_letter_among_digits(found[0])), *found[1:])


def agreed(name: str, found: tuple[Candidate, ...], text: str, sure: float) -> tuple[Candidate, ...]:
    """The candidates of a field after the second reader read `text` in the place of the best one."""
    best = found[0]
    if sure < _LEAST_HEARD or not _plain(text):
        return unverified(found)
    if _agrees(best, text):
        # two readers take `O` for `0` alike, and no check digit of a code tells them apart
        alike = (Claim.SIGNS_LOOK_ALIKE, *_letter_among_digits(best)) if name in _CODES else ()
        agrees = () if WHICH_IS_OPEN & set(best.claims) else (Claim.SECOND_READER_AGREES,)
        return (best.but(*agrees, *alike), *found[1:])
    by_look = name in _CODES and _differs_by_look(str(best.value), text)
    disputed = best.but(Claim.SECOND_READER_SEES_ALIKE if by_look else Claim.SECOND_READER_DIFFERS)
    value = _value(name, text)
    if value is None or value == best.value:
        return (disputed, *found[1:])
    other = replace(best, value=value, text=text, confidence=sure, claims=()).but(Claim.ONLY_SECOND_READER)
    rest = tuple(candidate for candidate in found[1:] if candidate.value != value)
    if not _check_holds(name, str(best.value)) and _check_holds(name, str(value)):
        return (other.but(Claim.SECOND_READER_CHECKS), disputed, *rest)
    return (disputed, other, *rest)


def _letter_among_digits(best: Candidate) -> tuple[Claim, ...]:
    """Whether a code has an `O` beside a digit: it may be a zero, and both readers may be sure of the letter."""
    return (Claim.LETTER_AMONG_DIGITS,) if _LETTER_AMONG_DIGITS.search(str(best.value)) else ()


def _differs_by_look(code: str, text: str) -> bool:
    """Whether two readings of a code differ in signs that look alike, and the first has no small letter in capitals.

    The second reader takes O for 0 far more often than the first one does; the first misreads capitals with a small
    letter among them (`VOl`).
    """
    return shape(code) == shape(text.strip(" :.,;-*#|")) and _SMALL_IN_CAPITALS.search(code) is None


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _agrees(best: Candidate, text: str) -> bool:
    """Whether the second reading holds the same signs, with at most some speck at either end."""
    mine, theirs = _plain(best.text or str(best.value)), _plain(text)
    return mine == theirs or (mine in theirs and len(theirs) <= len(mine) + 2 and len(mine) > 2)


def _value(name: str, text: str) -> Value | None:
    """The second reading as a value of the field, if it is one."""
    if name in AMOUNT_FIELDS:
        amount = parse_amount(_CURRENCY.sub("", text).strip(" -"))
        return cents(abs(amount)) if amount is not None else None
    if name in DATE_FIELDS:
        return parse_date(text.strip())
    if name in _SIRETS:
        return normalise_siret(text)
    if name == "iban":
        return normalise_iban(text)
    return text.strip(" :.,;-*#|") or None if name in _CODES else None
