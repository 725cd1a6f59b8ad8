"""Issue date and due date, chosen together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from include.domain.extraction.fields.evidence import CLOSE, candidate, ranked
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import Announced, LabelledPage, Place, label_claims
from include.domain.extraction.lexicon.labels import COMMON_WORD
from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.extraction.lexicon.patterns import Found, Text, dates
from include.domain.extraction.lexicon.tokens import label_tokens
from include.domain.fields import Candidate, Claim, as_text
from include.domain.fields.claims import heard
from include.domain.fields.registry import BY_NAME, DATE_FIELDS, READ_FIELDS
from include.domain.values import fold

FARTHEST = 30
"""Signs between a label and its date in one cell: more is a sentence that mentions some other date."""

_DATELINE = re.compile(
    r"(?:(?P<place>(?:[Ff]ait à )?[^\W\d_][\w' -]{1,30}?)(?P<comma>,)? )?[Ll]e [0-9]\S* ?\S* ?[0-9]*$"
)
"""`Lyon, le 3 mai 2026` alone in its cell, as letters have it; without the comma, where the place is no common word."""

LONGEST_DATELINE = 10
"""Words of `Facture n° 12 du 3 mai 2026` or `Lyon, le 3 mai 2026`; longer ones quote a decree and its date."""

BELOW_NUMBER = 1.5
"""How far under the number its date may stand, in heights of the date's line."""

COLUMN = 2.5
"""How far below a date the next one of a column stands at most, in its heights."""

_JUST_A_NUMBER = re.compile(r"[\W_]*\S*[0-9]\S*[\W_]*")
TITLES = frozenset(
    label_tokens(wording)
    for wording in BY_NAME["issue_date"].labels
    if wording.startswith(("facture", "avoir", "note", "mémoire", "état")) and wording.endswith(" du")
)
"""`Facture du` without its small word: what a title announces stands directly behind it, or behind the number."""

ANYBODYS = (("date",), ("en", "date"), ("dated",), ("etablie",), ("emise",))
"""Wordings that any paper has: `votre commande en date du`."""

_SMALL_WORDS = re.compile(r"\W*(?:(?:en date )?d[ue]|le|dated?)?\W*")
OTHER_PAPER = re.compile(
    r"\b(?:devis|avant|apres|depuis|commandes?|bons?|bl|livr\w+|marche|contrat|convention|courrier|lettre|avenant|ordre|notifi\w+|accept\w+"
    r"|signee?|periode|(?<!facture de )(?<!facture d')(?:travaux|prestations?|intervention|acomptes?)|releve|session"
    r"|abonnement|decret|arrete|valable|jusqu\w*|recue?|versee?|validee?|concern\w+|origine|initiale?|annul\w+|rectifi\w+"
    r"|remplac\w+|precedente?|anterieure?|associee?|(?:sur|relati\w+ a|regularis\w+)(?: la| votre| notre)? facture)\b"
)
"""Words for other papers and deeds, in the same part of a line before a date: it is theirs, whatever stands nearer."""

_UNTIL = re.compile(r"\s*(?:inclus )?(?:jusqu')?au [0-9]")
_AND = re.compile(r"\b[0-9]{1,2}(?:er)?(?: [a-z]+)?(?:,| et| au| -)$")
_PART = re.compile(r"[;|•,]| [-/] ")
STAMP, LONGEST_STAMP = 4.0, 4
"""How far over a date the word of a stamp may stand, in its heights, and how many words such a line has."""

_STAMP = re.compile(r"\b(?:recue?|arrivee?|courrier|enregistree?|entree?|visee?|certifiee?|service fait|bon a payer)\b")
_TOP = 0.45

_LABELLED = (DATE_FIELDS & frozenset(READ_FIELDS)) - {"issue_date", "due_date"}

Weighed = tuple[float, *tuple[Claim, ...]]
"""How surely a label says it, with what is claimed besides."""

NOTHING: Weighed = (0.0,)


def issue_and_due_dates(
    document: LabelledPage, numbers: tuple[Candidate, ...]
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Candidates for both; the best issue date is one that the best due date does not precede.

    `numbers` are the candidates for the invoice number: a small word beside another number announces another paper.
    """
    close = tuple(found for found in numbers if found.confidence >= CLOSE * numbers[0].confidence)
    named = [*_announced(document, "issue_date", close), *_behind_number(document, close)]
    issued = ranked([*named, *(_unlabelled(document, close) if named else _only_one(_unlabelled(document, close)))])
    due = ranked(_announced(document, "due_date", close))
    promised = {(found.page, found.box): found.confidence for found in due}
    issued = tuple(
        found for found in issued if promised.get((found.page, found.box), 0.0) < found.confidence
    )  # `avant le 3 mai` is not the day of the invoice because `le` stands before it
    if not issued or not due:
        return issued, due
    pairs = [(first, second) for first in issued for second in due if as_text(second.value) >= as_text(first.value)]
    if not pairs:
        return issued, due
    first, second = max(pairs, key=lambda pair: pair[0].confidence + pair[1].confidence)
    return _to_front(first, issued), _to_front(second, due)


def labelled_dates(document: LabelledPage) -> dict[str, tuple[Candidate, ...]]:
    """Every date that needs no rule of its own: what its labels announce."""
    return {name: ranked(_announced(document, name, ())) for name in _LABELLED}


def _to_front(chosen: Candidate, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return (chosen, *(other for other in candidates if other is not chosen))


def _announced(document: LabelledPage, field: str, numbers: tuple[Candidate, ...]) -> Iterator[Candidate]:
    for seen in document.announced(field, _read):
        listed = seen.place.is_under and _heads_dates(document, seen)
        weight, *claims = NOTHING if listed or _is_of_period(seen) else _weight(document, seen, numbers)
        if weight and len(seen.after.strip(" :.-")) <= FARTHEST:
            sure = weight * heard(seen.found.confidence)
            yield candidate(seen.found.value, seen.found, seen.cell, sure, *seen.place.claims, *claims)


def _weight(document: LabelledPage, seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> Weighed:
    """The label's weight, and claims; a title and a small word (`le`, `du`) announce only what follows directly."""
    if seen.label.tokens in TITLES:
        return _weight_of_title(seen, numbers)
    if seen.label.tokens in ANYBODYS and _of_other_paper(seen):
        return NOTHING
    if seen.label.weight >= COMMON_WORD:
        return (seen.label.weight, *label_claims(seen.label.weight))
    if _of_other_paper(seen):
        return NOTHING
    if _is_dateline(seen.label_cell.text):
        return (1.0, Claim.DATELINE)
    if _follows_number(document, seen, numbers):
        return (1.0, Claim.DATE_BESIDE_NUMBER)
    if seen.place is not Place.INLINE or seen.after.strip(" :,"):
        return NOTHING
    if len(seen.label_cell.words) > LONGEST_DATELINE:
        return NOTHING
    below = fold(seen.label_cell.text).startswith(seen.label.tokens[0]) and _is_below_number(
        document, seen.cell, numbers
    )
    if below or _is_beside_number(seen, numbers):  # `Facture n° 12 du 3 mai`
        return (1.0, Claim.DATE_BESIDE_NUMBER)
    return (seen.label.weight, *label_claims(seen.label.weight))


def _heads_dates(document: LabelledPage, first: Announced[dt.date]) -> bool:
    """Whether a label heads a column of days on which work was done, beside one of amounts, and more follow."""
    more = any(any(True for _ in dates(cell.written)) for cell in document.layout.below(first.cell, COLUMN))
    return more and any(cell.amounts for cell in document.layout.row_of(first.cell))


def _is_dateline(text: str) -> bool:
    line = _DATELINE.match(text)
    if line is None or line["place"] is None or line["comma"]:
        return line is not None
    place = line["place"].removeprefix("Fait à ").removeprefix("fait à ")
    return place[0].isupper() and not set(fold(place).split()) & LANGUAGE_WORDS


def _is_of_period(seen: Announced[dt.date]) -> bool:
    """`Facture du 01/05/2026 au 31/05/2026`, `Dates : 14 et 15 avril`: one of several days on which work was done."""
    return _UNTIL.match(fold(seen.rest)) is not None or _AND.search(fold(seen.after)) is not None


def _weight_of_title(seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> Weighed:
    """`Facture du 3 mai` and `Facture n° 12 du 3 mai` say it, and `Facture concernée : 11 du 2 mai` does not."""
    if _of_other_paper(seen):
        return NOTHING
    if seen.place is not Place.INLINE:
        return (1.0, Claim.DATE_BESIDE_TITLE)
    if _SMALL_WORDS.fullmatch(seen.after) or _is_beside_number(seen, numbers):
        return (seen.label.weight, *label_claims(seen.label.weight))
    return (1.0, Claim.DATE_WITHOUT_LABEL)


def _is_beside_number(seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> bool:
    """Whether the invoice's own number stands in the date's cell, and no word of another paper before the date."""
    return not _of_other_paper(seen) and any(_holds(seen.cell, number) for number in numbers)


def _follows_number(document: LabelledPage, seen: Announced[dt.date], numbers: tuple[Candidate, ...]) -> bool:
    """Whether the invoice's own number is the cell before the date, announced by nothing but a small word.

    `Facture n° 12 | du 3 mai`, and `3 mai` under the head `du` beside `12` under `Facture`.
    """
    alone = len(seen.label_cell.words) == 1 or (seen.place is Place.INLINE and seen.label_cell is seen.cell)
    before = document.layout.left_of(seen.cell)[:1]
    return alone and not seen.after.strip(" :,") and any(_holds(cell, own) for cell in before for own in numbers)


def _is_below_number(document: LabelledPage, date: Cell, numbers: tuple[Candidate, ...]) -> bool:
    """A date as a line of its own directly under `Facture n° 12`, at its left or right edge."""
    return any(
        min(abs(cell.box[0] - date.box[0]), abs(cell.box[2] - date.box[2])) < date.height
        and any(_holds(cell, number) for number in numbers)
        for cell in document.layout.above(date, BELOW_NUMBER)[:1]
    )


def _of_other_paper(seen: Announced[dt.date]) -> bool:
    text = seen.cell.written.plain
    before = text[: text.rfind(seen.found.text, 0, len(text) - len(seen.rest))]
    return OTHER_PAPER.search(fold(_PART.split(before)[-1])) is not None


def _holds(cell: Cell, found: Candidate) -> bool:
    if found.page != cell.page or found.box is None:
        return False
    left, top, right, bottom = found.box
    return cell.box[0] <= (left + right) / 2 <= cell.box[2] and cell.box[1] <= (top + bottom) / 2 <= cell.box[3]


def _unlabelled(document: LabelledPage, numbers: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """Dates alone in their cell in the upper part of the first page; one below the number is as good as behind it."""
    for cell in document.layout.cells():
        if cell.page != document.layout.pages[0].number:
            return
        if cell.box[1] > _TOP * document.layout.page_size(cell.page)[1]:
            return
        for found in dates(cell.written):
            if len(found.text) + 3 >= len(cell.text) and not _is_anothers(document, cell):
                below = _is_below_number(document, cell, numbers)
                claim = Claim.DATE_BEHIND_NUMBER if below else Claim.DATE_WITHOUT_LABEL
                yield candidate(found.value, found, cell, 1.0, claim)


def _is_anothers(document: LabelledPage, cell: Cell) -> bool:
    """Whether a date stands in a stamp, or behind the name of another paper in its line."""
    before = document.layout.left_of(cell)[:1]
    return _is_stamped(document, cell) or any(OTHER_PAPER.search(fold(other.text)) for other in before)


def _is_stamped(document: LabelledPage, cell: Cell) -> bool:
    """Whether the lines around a date are those of a stamp of the post room: it says when the paper came."""
    around = [
        *document.layout.above(cell, STAMP),
        *document.layout.left_of(cell)[:1],
        *document.layout.below(cell, 2.0),
    ]
    return any(_STAMP.search(fold(other.text)) for other in around if len(other.words) <= LONGEST_STAMP)


def _behind_number(document: LabelledPage, numbers: tuple[Candidate, ...]) -> Iterator[Candidate]:
    """`Facture n° 12 - 03/05/2026`: the date that follows the number in its line."""
    for seen in document.announced("invoice_number", _read):
        short = len(seen.label_cell.words) <= LONGEST_DATELINE and len(seen.after) <= FARTHEST
        own = [number.confidence for number in numbers if _holds(seen.cell, number)]
        if own and seen.place is Place.INLINE and short and _JUST_A_NUMBER.fullmatch(seen.after):
            yield candidate(seen.found.value, seen.found, seen.cell, max(own), Claim.DATE_BEHIND_NUMBER)


def _only_one(dates_alone: Iterator[Candidate]) -> list[Candidate]:
    """Where no label announces a date, the only one that stands alone in the upper part of the page."""
    found = list(dates_alone)
    if len({candidate.value for candidate in found}) == 1:
        return [candidate.but(Claim.ONLY_DATE) for candidate in found]
    return found


def _read(text: Text) -> list[Found[dt.date]]:
    return list(dates(text))
