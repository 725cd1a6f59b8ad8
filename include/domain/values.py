"""Values as people write them, turned into canonical form: amounts, dates, SIRET, IBAN, wordings.

Each `parse_*` takes a text that should be the whole value and answers None where it is not one, or where it could mean
two things: a wrong amount costs more than a missing one. Looking for values inside running text is the business of
`extraction/lexicon/patterns.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from stdnum import iban, luhn

CENT = Decimal("0.01")

MOST_DIGITS = 15
"""Before the point, and behind it: no amount has more, and arithmetic with 28 digits stays exact."""

LONGEST_NUMBER = 100
"""Signs that a text with an amount may have."""

_REMEMBERED = 8192
"""Number of words whose plain forms are kept in memory: those of a page are asked for again and again, and most
invoices share theirs."""

_BLANKS = re.compile(r"\s+")
_CURRENCY = re.compile(r"(?:€|(?<![a-z])eur(?:os?)?(?![a-z]))", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ .,'][0-9]{3})+")
_PLAIN = str.maketrans(
    {
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{LATIN SMALL LIGATURE OE}": "oe",
        "\N{LATIN CAPITAL LIGATURE OE}": "OE",
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HYPHEN}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{SOFT HYPHEN}": "-",
    }
)

LA_POSTE = "356000000"
"""The only SIREN whose establishments do not follow Luhn: the sum of their digits is a multiple of 5 instead."""

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil jul july",
            "aout august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names and abbreviations, folded: French first, English second."""

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})(?: \d{1,2}[:h]\d{2}.*)?")
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?[-/. ]*([a-z]+)[-/., ]*(\d{4}|\d{2})")
_MONTH_NAME_DAY = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_WEEKDAY = re.compile(
    r"^(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day),? "
)


@lru_cache(maxsize=_REMEMBERED)
def strip_accents(text: str) -> str:
    """The text without accents, ligatures opened, typographic quotes, dashes and blanks made plain; case kept."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=_REMEMBERED)
def fold(text: str) -> str:
    """The text for comparing wordings: lower case, no accents, single blanks."""
    return _BLANKS.sub(" ", strip_accents(text).lower()).strip()


def compact(text: str) -> str:
    """An identifier for comparing: upper case without any blank."""
    return _BLANKS.sub("", text).upper()


def parse_amount(text: str) -> Decimal | None:
    """An amount in any French or English spelling, with or without currency and sign; None if it is none or ambiguous.

    `1 800,00`, `1.800,00`, `1,800.00`, `1'800.00`, `-12,5 €`, `(12,50)`. A single separator before exactly three digits
    (`1.800`, `1,800`) may be thousands or decimals: None. In `0,800` and `1800.000` it can only be decimals.
    """
    if len(text) > LONGEST_NUMBER:
        return None
    bare = _BLANKS.sub(" ", _CURRENCY.sub(" ", strip_accents(text))).strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1].strip()}"
    negative = bool(bare) and (bare[0] == "-" or bare[-1] == "-")
    bare = bare.strip("-+ ")
    number = _plain_number(bare)
    if number is None:
        return None
    return -number if negative else number


def _plain_number(text: str) -> Decimal | None:
    """Digits with separators, no sign."""
    match = re.fullmatch(r"([0-9][0-9 .,']*?)(?:([.,])([0-9]+))?", text)
    if match is None:
        return None
    whole, mark, decimals = match.group(1), match.group(2), match.group(3)
    if mark and mark in whole:  # the same sign twice: 1.800.000
        whole, mark, decimals = f"{whole}{mark}{decimals}", None, None
    if not whole.isdigit() and not _GROUPED.fullmatch(whole):
        return None
    if len({char for char in whole if not char.isdigit()}) > 1:
        return None
    if mark and len(decimals) == 3 and whole.isdigit() and len(whole) <= 3 and whole.strip("0"):
        return None
    digits = re.sub(r"\D", "", whole)
    return within_reach(Decimal(f"{digits}.{decimals}" if mark else digits))


def within_reach(number: Decimal) -> Decimal | None:
    """The number, if it can be an amount; None for what is not finite, or has too many digits on either side."""
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS:
        return None
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -MOST_DIGITS else None


def cents(amount: Decimal) -> Decimal:
    """The amount with exactly two decimals and no minus zero; the sign is kept (fields hold absolute amounts)."""
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def canonical_amount(amount: Decimal) -> str:
    """The amount as text: two decimals, a point, no blanks."""
    return str(cents(amount))


def parse_date(text: str) -> dt.date | None:
    """A date as French and English invoices print it; None if it is none. Day before month where both would do.

    `18/11/2026`, `18.11.26`, `18 novembre 2026`, `1er mars 2026`, `18-nov-2026`, `November 18, 2026`, `2026-11-18`,
    `20261118`, each with an optional weekday before and an optional time after.
    """
    bare = _WEEKDAY.sub("", fold(text).strip(" .,;:"))
    if match := _YEAR_FIRST.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return _date(match.group(1), match.group(2), match.group(3))
    if match := _DAY_FIRST.fullmatch(bare):
        day, month, year = match.groups()
        return _date(year, month, day) or _date(year, day, month)
    if match := _DAY_MONTH_NAME.fullmatch(bare):
        return _date(match.group(3), MONTHS.get(match.group(2), 0), match.group(1))
    if match := _MONTH_NAME_DAY.fullmatch(bare):
        return _date(match.group(3), MONTHS.get(match.group(1), 0), match.group(2))
    return None


def _date(year: str, month: str | int, day: str) -> dt.date | None:
    """The date, if there is such a day and it lies where invoices do; two-digit years are of this century."""
    full_year = int(year) + 2000 if len(year) == 2 else int(year)
    if not 1990 <= full_year <= 2100:
        return None
    try:
        return dt.date(full_year, int(month), int(day))
    except ValueError:
        return None


def normalise_siret(text: str) -> str | None:
    """The 14 digits of a SIRET however it is spaced (blanks, points, dashes); None if there are not exactly 14."""
    bare = re.sub(r"[\s.\-]", "", text)
    return bare if re.fullmatch(r"[0-9]{14}", bare) else None


def siret_checks(siret: str) -> bool:
    """True when the check digit of a 14-digit SIRET is right.

    Evidence, never a veto: the fictitious SIRETs of the qualification platform fail it
    (docs/reference/chorus-pro-api.md 5.4).
    """
    if luhn.is_valid(siret):
        return True
    return siret.startswith(LA_POSTE) and sum(int(digit) for digit in siret) % 5 == 0


def normalise_iban(text: str) -> str | None:
    """The bare IBAN when country, length and check digits (mod 97) are right, else None."""
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    return bare if iban.is_valid(bare) else None


def label_key(label: str) -> str:
    """What labels are compared by: an account number (IBAN) bare, anything else without case, accents, outer blanks."""
    return normalise_iban(label) or fold(label)
