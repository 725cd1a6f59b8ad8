"""Amounts, dates, SIRETs, IBANs and identifiers inside running text, each with the place where it stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from include.domain.text import Box, Word, union
from include.domain.values import normalise_siret, parse_amount, parse_date, siret_checks, strip_accents

T = TypeVar("T")

_AMOUNT = re.compile(
    r"(?<![\w.,/])(?P<sign>[-+(]\s?)?(?:(?:€|EUR)\s?)?"
    r"(?P<number>(?:[0-9]{1,3}(?:[ .,'][0-9]{3})+|[0-9]+)[.,][0-9]{2})(?![0-9]|[.,/][0-9]|\s?%)"
    r"(?:\s?(?:€|EUR(?:OS?)?))?(?P<after>-(?!\w)|\s-$|\s?\))?",
    re.IGNORECASE,
)
"""A minus sign or brackets around it make it negative; a dash between blanks, or the end of a remark in brackets
(`20 % sur 334,50 €)`), does not."""
_WHOLE_AMOUNT = re.compile(
    r"(?<![\w.,/-])(?P<number>[0-9]{1,3}(?:[ .'][0-9]{3})+|[0-9]+)\s?(?:€|EUR\b|euros?\b)", re.IGNORECASE
)
_PERCENT = re.compile(r"(?<![\w.,])([0-9]{1,2}(?:[.,][0-9]{1,3})?)\s?%")

_MONTH = r"[a-z]{3,9}\.?"
_DATE = re.compile(
    r"(?<![\w/.-])(?:"
    r"[0-9]{1,2}\s?[/.-]\s?[0-9]{1,2}\s?[/.-]\s?(?:20[0-9]{2}|19[0-9]{2}|[0-9]{2})"
    r"|(?:20|19)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|20[0-9]{6}"
    rf"|[0-9]{{1,2}}(?:er)?[\s-]{_MONTH}[\s-](?:20[0-9]{{2}}|19[0-9]{{2}}|[0-9]{{2}})"
    rf"|{_MONTH}\s[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s20[0-9]{{2}}"
    r")(?![0-9]|[/-][0-9])",
    re.IGNORECASE,
)
_SIRET = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ .]?[0-9]){13}(?![0-9]|[ .]?[0-9]{3})")
MISREAD_DIGITS = str.maketrans("OIlSB", "01158")
"""Letters that OCR reads for digits; a repair counts only where a check digit confirms it."""

_MISREAD_SIRET = re.compile(r"(?<![0-9A-Za-z])[0-9OIlSB](?:[ .]?[0-9OIlSB]){13}(?![0-9A-Za-z])")
_SIRET_GROUPS = re.compile(r"[0-9]{14}|[0-9]{9}[ .][0-9]{5}|[0-9]{3}[ .][0-9]{3}[ .][0-9]{3}[ .][0-9]{5}")
_IDENTIFIER = re.compile(r"[\s:#.=°*\"'(\[|-]*(?P<id>[A-Za-z0-9][A-Za-z0-9/_.+\\-]*)")


_PREFIX = re.compile(r"[A-Z]{1,4}|20[0-9]{2}")
_YEAR_LETTERS_DIGITS = re.compile(r"20[0-9]{2} (?!EUR|HT|TTC|TVA|DU|LE|AU|ET)[A-Z]{2,4} [0-9]{2,}(?= |$)")
_MIXED_GROUPS = re.compile(r"(?:[0-9]{1,4} ){1,3}[A-Z]{1,2} [0-9]{3,}")
"""`2026 06 E 0048812`, alone up to the end of its text."""

_MORE_DIGITS = re.compile(r" ([0-9][0-9/_.-]*)(?= |$)")
_GROUPS = re.compile(r"[0-9]{1,6}(?: [0-9]{2,6})+(?=$| (?:du|le|en|de|page|emise?|[-,;(|/]))")
_AROUND_SIGN = re.compile(r" ?([/-]) ?([A-Za-z]{0,3}[0-9][A-Za-z0-9]*)(?= |$)")
_ENDING = re.compile(r" (?:bis|ter|quater|BIS|TER)(?=[ ,;.)]|$)")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value in a text: what it is, how it is written, and the words it stands in."""

    value: T
    text: str
    start: int
    end: int
    words: tuple[Word, ...]

    @property
    def box(self) -> Box:
        """The box around its words."""
        return union(word.box for word in self.words)

    @property
    def confidence(self) -> float:
        """How sure the reader was of its words: as sure as of the worst one."""
        return min(word.confidence for word in self.words)


class Text:
    """Words joined with single blanks, accents dropped, that can say which words a part of the text came from."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = tuple(words)
        self._starts: list[int] = []
        parts: list[str] = []
        length = 0
        for word in words:
            plain = strip_accents(word.text)
            self._starts.append(length)
            parts.append(plain)
            length += len(plain) + 1
        self.plain = " ".join(parts)

    def found(self, value: T, start: int, end: int) -> Found[T]:
        """The value with the words between two positions."""
        last = len(self.words)
        touched = [
            word
            for word, begin, stop in zip(
                self.words, self._starts, [*self._starts[1:], last + len(self.plain)], strict=True
            )
            if begin < end and stop > start + 1
        ]
        return Found(value, self.plain[start:end], start, end, tuple(touched or self.words[:1]))


def amounts(text: Text, *, whole: bool = False) -> Iterator[Found[Decimal]]:
    """Amounts with two decimals; with `whole` also round ones that carry their currency (`1 800 €`)."""
    seen_until = -1
    for match in _AMOUNT.finditer(text.plain):
        value = parse_amount(match.group("number"))
        if value is not None:
            sign, after = (match.group("sign") or "").strip(), (match.group("after") or "").strip()
            minus = sign == "-" or after == "-" or (sign == "(" and after == ")")
            seen_until = match.end()
            yield text.found(-value if minus else value, match.start("number"), match.end())
    if whole and seen_until < 0:
        for match in _WHOLE_AMOUNT.finditer(text.plain):
            value = parse_amount(match.group("number").replace(".", " ").replace("'", " "))
            if value is not None:
                yield text.found(value, match.start("number"), match.end())


def percents(text: Text) -> Iterator[Found[Decimal]]:
    """Rates in percent."""
    for match in _PERCENT.finditer(text.plain):
        yield text.found(Decimal(match.group(1).replace(",", ".")), match.start(), match.end())


def dates(text: Text) -> Iterator[Found[dt.date]]:
    """Dates in every spelling that `parse_date` knows."""
    for match in _DATE.finditer(text.plain):
        value = parse_date(match.group())
        if value is not None:
            yield text.found(value, match.start(), match.end())


def sirets(text: Text) -> Iterator[Found[str]]:
    """Runs of 14 digits, however they are spaced; whether one is a SIRET is for the caller to assess."""
    for match in _SIRET.finditer(text.plain):
        value = normalise_siret(match.group())
        if value is not None:
            yield text.found(value, match.start(), match.end())


def misread_sirets(text: Text) -> Iterator[Found[str]]:
    """What becomes a SIRET with a right check digit when letters read for digits are turned back."""
    for match in _MISREAD_SIRET.finditer(text.plain):
        value = normalise_siret(match.group().translate(MISREAD_DIGITS))
        if value is not None and not _SIRET.fullmatch(match.group()) and siret_checks(value):
            yield text.found(value, match.start(), match.end())


def looks_like_siret(found: Found[str]) -> bool:
    """For a number without the word SIRET beside it: grouped as SIRETs are, and with the right check digit."""
    return bool(_SIRET_GROUPS.fullmatch(found.text)) and siret_checks(found.value)


def identifier(text: Text) -> Found[str] | None:
    """The identifier that the text begins with: `FA-2026/001`, `DSI`, `BC 2025 012` (a prefix or year set apart)."""
    match = _IDENTIFIER.match(text.plain)
    if match is None:
        return None
    start, end = match.span("id")
    end = _end_of_identifier(text, start, end)
    value = text.plain[start:end].rstrip(".-_/+,;:")
    return text.found(value, start, start + len(value)) if value else None


def _end_of_identifier(text: Text, start: int, end: int) -> int:
    """Where an identifier ends whose parts are set apart: `FA 2026/01`, `2026 EJ 42`, `10 245 778`, `F-12 bis`."""
    taken = {position for found in dates(text) for position in range(found.start, found.end)}
    if (parts := _YEAR_LETTERS_DIGITS.match(text.plain, start)) or (
        (parts := _MIXED_GROUPS.fullmatch(text.plain, start)) and not taken & set(range(start, parts.end()))
    ):
        end = parts.end()
    elif _PREFIX.fullmatch(text.plain[start:end]):
        while (more := _MORE_DIGITS.match(text.plain, end)) and more.start(1) not in taken:
            end = more.end()
    elif (groups := _GROUPS.match(text.plain, start)) and not taken & set(range(start, groups.end())):
        end = groups.end()
    while (more := _AROUND_SIGN.match(text.plain, end)) and " " in more.group() and more.start(2) not in taken:
        end = more.end()
    ending = _ENDING.match(text.plain, end)
    return ending.end() if ending else end
