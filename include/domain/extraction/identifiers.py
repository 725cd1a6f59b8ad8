"""Invoice number, service code, engagement number, contract number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from include.domain.extraction.evidence import BARELY, candidate, ranked
from include.domain.extraction.known_words import KNOWN_WORDS
from include.domain.extraction.layout import Cell
from include.domain.extraction.mentions import mentioned
from include.domain.extraction.patterns import Found, Text, amounts, dates, identifier, sirets
from include.domain.extraction.search import Announced, Document, Place
from include.domain.fields import Candidate
from include.domain.values import fold

LONGEST_NUMBER = 35
"""The reform's own limit for invoice numbers; Chorus Pro's is 20, which completeness checks."""

LONGEST_SERVICE = 50
SHORT_SERVICE = 5
"""`DSI`, `DRH`, `CCAS`: longer capitals without a digit may be a word."""

STRONG = 0.9
"""Labels of this weight announce a value of any shape; below it, a value has to look like a code."""

BARE = ("n",)
BELOW_TITLE = 2.0
IN_TITLE = 1.6
TITLE_WEIGHT = 0.48
BESIDE_TITLE = 1.5
UNDER_TITLE = 1.75
SURELY_NUMBER = 4
"""Signs of a number beside `Facture`: a shorter one may be a count or a rate."""

LONGEST_TITLE = 4
"""`Facture FA-12`: a label of one word whose cell holds the number and hardly more."""

TITLE = re.compile(r"(?:facture|avoir|note de credit|invoice|credit note)(?: d'(?:acompte|avoir))?\W*$")

_COUNT = re.compile(r"\W*[0-9]{1,2} (?:[-:|/,] |facture n\W? ?)(?=[A-Za-z]{0,4}[ -]?[0-9]{3})")
_DATED = re.compile(r"\s*,?(?: en date)? du [0-9]")
_MORE = re.compile(r"\s[A-Za-z]{0,2}[0-9]")
_CUT = re.compile(r"\s[A-Za-z]{1,4}(?=\W|$)")
_AFTER_NUMBER = re.compile(r"(?:du|de|des|en|le|la|et|au|aux|sur|pour|par|date|page|lot|ht|ttc|eur|on|of|for|dated?)\b")
_LABEL_GOES_ON = re.compile(r"\s*(?:(?:[A-Z]?[a-z]+|\(?[A-Za-z ]{1,20}\))[ ']?){1,4}\s?[:=]\s*")
_NEXT_PART = re.compile(r"[,;|]| [-/] (?=\S*(?: \S+)? [0-9]{9})")
"""`Bureau des achats, SIRET 123...`: where a text that names a service ends."""

_NONE = re.compile(r"(?:neant|sans|aucun|non|nc|so|n/a)\b")
_SIGNS = re.compile(r"[\s):#.=-]*")
_POSTAL = re.compile(r"(?:BP|CS|TSA) ?[0-9]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def invoice_numbers(document: Document) -> tuple[Candidate, ...]:
    """What the labels of invoice numbers announce."""
    return ranked(
        candidate(seen.found.value, seen.found, seen.cell, seen.score * _number_likeness(document, seen) * boost)
        for seen in document.announced("invoice_number", _invoice_number)
        if len(seen.found.value) <= LONGEST_NUMBER
        for boost in [_boost(document, seen)]
    )


def _boost(document: Document, seen: Announced[str]) -> float:
    """What makes a weak label strong: a bare `N°` below a title, and a title that holds hardly more than the number."""
    if seen.label.tokens == BARE and _is_below_title(document, seen):
        return BELOW_TITLE
    alone = len(seen.label_cell.words) <= LONGEST_TITLE and not seen.after.strip(" :-")
    if len(seen.label.tokens) > 1 or seen.label.weight <= TITLE_WEIGHT:
        return 1.0
    if seen.place is Place.INLINE and (alone or _is_dated_title(seen)):
        return IN_TITLE
    if (
        seen.place is Place.RIGHT
        and alone
        and len(seen.found.value) >= SURELY_NUMBER
        and seen.cell.text == seen.found.text
    ):
        return BESIDE_TITLE
    return UNDER_TITLE if seen.place is Place.BELOW and _DATED.match(seen.rest) else 1.0


def _is_dated_title(seen: Announced[str]) -> bool:
    """`Facture FA-12 du 3 mai` at the beginning of its cell."""
    begins = fold(seen.label_cell.text).startswith(seen.label.tokens[0])
    return begins and not seen.after.strip(" :-") and _DATED.match(seen.rest) is not None


def _is_below_title(document: Document, seen: Announced[str]) -> bool:
    """Whether a bare `N°` stands below or beside a title like `FACTURE`: then it is as good as `facture n°`."""
    neighbours = [*document.layout.above(seen.label_cell, 4.0), *document.layout.left_of(seen.label_cell)[:1]]
    return any(TITLE.match(fold(cell.text)) for cell in neighbours)


def _number_likeness(document: Document, seen: Announced[str]) -> float:
    """A year, or one or two digits, is seldom an invoice number; where more follows, a part may be missing."""
    value = seen.found.value
    if _YEAR.fullmatch(value):
        return 0.5
    if len(value) <= 2:
        return 0.4
    if seen.place is Place.BELOW and _heads_a_list(document, seen.label_cell):
        return 0.6
    if _CUT.match(seen.rest) and not _AFTER_NUMBER.match(fold(seen.rest)):
        return 0.7
    return 0.7 if _MORE.match(seen.rest) and not any(True for _ in dates(Text(seen.cell.words))) else 1.0


def _heads_a_list(document: Document, label: Cell) -> bool:
    """Whether a label heads a column beside one of totals: a list of other invoices, as in reminders."""
    beside = {id(cell) for cell in document.layout.row_of(label) if cell is not label}
    return any(
        id(at.cell) in beside and any(found.field in ("total_incl_tax", "amount_due") for found in at.labels)
        for at in document.announcements
    )


def engagement_numbers(document: Document) -> tuple[Candidate, ...]:
    """Engagement numbers and purchase orders, which Chorus Pro takes in the same field."""
    return ranked(_codes(document, "engagement_number")) or mentioned(document, "engagement_number")


def contract_numbers(document: Document) -> tuple[Candidate, ...]:
    """Numbers of public contracts (marchés)."""
    return ranked(_codes(document, "contract_number"))


def _codes(document: Document, field: str) -> Iterator[Candidate]:
    for seen in document.announced(field, _code_behind_words):
        if len(seen.found.value) >= 3:
            yield candidate(seen.found.value, seen.found, seen.cell, seen.score)


def service_codes(document: Document) -> tuple[Candidate, ...]:
    """Codes of the recipient's services: `UF4521`, `DSI`, in a strong label's cell any short text."""
    found: list[Candidate] = []
    for seen in document.announced("service_code", _service_text):
        value = _service_code(seen)
        if value is not None:
            found.append(candidate(value, seen.found, seen.cell, seen.score))
        elif _may_be_code(seen):
            score = seen.score if _is_among_identifiers(document, seen) else BARELY
            found.append(candidate(seen.found.value, seen.found, seen.cell, score))
        elif _is_announced_name(seen):
            found.append(candidate(_NEXT_PART.split(seen.found.value)[0], seen.found, seen.cell, BARELY))
    return ranked(found) or mentioned(document, "service_code")


def _may_be_code(seen: Announced[str]) -> bool:
    """`Service DSI` and nothing else in the line: a code, or the name of a service in an address."""
    value = seen.found.value
    alone = seen.place is Place.INLINE and not seen.rest.strip() and len(value) <= SHORT_SERVICE
    return alone and _looks_like_code(value) and not seen.label_cell.text.isupper()


def _is_announced_name(seen: Announced[str]) -> bool:
    """`Code service : Finances`: no code by its look, but said to be one."""
    announced = seen.label.weight >= STRONG and seen.place is Place.INLINE and ":" in seen.label_cell.text
    return announced and not _NONE.match(fold(seen.found.value))


def _is_among_identifiers(document: Document, seen: Announced[str]) -> bool:
    """Whether the line above or below holds a SIRET or an engagement number, as lines for Chorus Pro do."""
    beside = [*document.layout.above(seen.cell, 1.2)[:1], *document.layout.below(seen.cell, 1.2)[:1]]
    engaged = (found.cell for found in document.announcements if "engagement_number" in {x.field for x in found.labels})
    return any(any(True for _ in sirets(Text(cell.words))) for cell in beside) or any(
        cell in beside for cell in engaged
    )


def _service_code(seen: Announced[str]) -> str | None:
    """The code in the announced text: its first word if that looks like one, else the whole after a strong label."""
    whole = seen.found.value
    first = whole.split()[0].rstrip(".,;")
    if _looks_like_code(first):
        telling = any(sign.isdigit() or sign in "_-" for sign in first)
        announced = ":" in seen.after or seen.label.weight >= STRONG
        alone = seen.place is not Place.INLINE and first == whole
        return first if telling or announced or alone or _is_short(seen, first) else None
    words = _NEXT_PART.split(whole)[0]
    if seen.label.weight >= STRONG and len(words) <= LONGEST_SERVICE and len(words.split()) > 1:
        return words
    return None


def _is_short(seen: Announced[str], first: str) -> bool:
    """Whether capitals inside ordinary text stand between signs, as in `SIRET 123, service DSI, engagement 45`."""
    whole = seen.found.value
    listed = whole[len(first) : len(first) + 1] in (",", ";") or (
        whole == first and seen.place is Place.INLINE and not fold(seen.label_cell.text).startswith("service")
    )
    return listed and len(first) <= SHORT_SERVICE and not seen.label_cell.text.isupper()


def _looks_like_code(word: str) -> bool:
    if any(sign.isdigit() for sign in word) or "_" in word:
        return True
    return len(word) >= 2 and word == word.upper() and fold(word) not in KNOWN_WORDS


def _service_text(text: Text) -> list[Found[str]]:
    """The text behind the label; `à facturer :` still belongs to the label."""
    start = _LABEL_GOES_ON.match(text.plain) or _SIGNS.match(text.plain)
    begin = start.end() if start else 0
    value = " ".join(word.text for word in text.found("", begin, len(text.plain)).words).strip(" :#.=-")
    return [text.found(value, begin, len(text.plain))] if value and value[0].isalnum() else []


def _code_with_digit(text: Text) -> list[Found[str]]:
    """The identifier at the beginning, if it holds a digit and is neither date, amount nor rate."""
    found = identifier(text)
    if found is None or not any(sign.isdigit() for sign in found.value) or _POSTAL.match(found.value):
        return []
    if _is_part_of_any(found, [*dates(text)]) or _is_part_of_any(found, [*amounts(text)]):
        return []
    return [] if text.plain[found.end :].lstrip().startswith("%") else [found]


def _code_behind_words(text: Text) -> list[Found[str]]:
    """The code; also where the label goes on up to a colon: `engagement comptable : 4512`."""
    goes_on = _LABEL_GOES_ON.match(text.plain)
    if goes_on is None:
        return _code_with_digit(text)
    return _code_with_digit(Text(text.words[len(goes_on.group().split()) :]))


def _invoice_number(text: Text) -> list[Found[str]]:
    """The identifier; behind a mere count (`situation n° 2 - FA 2026/17`) the one that follows it."""
    found = _code_with_digit(text)
    count = _COUNT.match(text.plain)
    if not found or count is None:
        return found
    rest = Text(text.words[count.group().count(" ") :])
    return [*_code_with_digit(rest), *found][:1]


def _is_part_of_any(found: Found[str], others: Sequence[Found[Any]]) -> bool:
    """Whether the identifier is really the beginning of a date or amount; digits alone may be both (`20260815`)."""
    return any(
        other.start <= found.start < other.end and (not found.value.isdigit() or other.end > found.end)
        for other in others
    )
