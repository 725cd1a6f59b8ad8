"""Labels joined with the values they announce: in the same cell, right of it, or below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import pairwise, takewhile
from typing import Generic, TypeVar

from include.domain.extraction.layout.cells import Cell, Layout, overlaps
from include.domain.extraction.layout.label_matching import Label, LabelMatch, match_labels, mend
from include.domain.extraction.lexicon.labels import COMMON_WORD, STANDS_ANYWHERE
from include.domain.extraction.lexicon.patterns import Found, Text
from include.domain.extraction.lexicon.tokens import SKIPPED, Token, plain_letters, tokens_of
from include.domain.fields import Claim
from include.domain.fields.claims import heard
from include.domain.text import Box, Page, TextSource, Word, union

T = TypeVar("T")

AFTER_AMOUNTS = frozenset({"EUR", "EUROS", "HT", "TTC"})
"""Words that end an amount, so that a label may follow them."""

POSSESSIVES = ("V/", "N/")
"""`V/Commande`: your, our; they begin a part of a line."""

ITEM_HEADS = frozenset(
    {
        "designation",
        "libelle",
        "description",
        "article",
        "produit",
        "quantite",
        "qte",
        "quantity",
        "unite",
        "pu",
        "prix",
    }
    | {"unitaire", "ref", "reference", "item"}
)
"""Heads of the table of items, as tokens: below `Total HT` in such a row stand amounts of lines, not the total."""


_JOINED_CAPITALS = re.compile(r"[A-Z]{2,}(?:[-_/][A-Z]{2,})+")
_SHORT_CAPITALS = re.compile(r"[A-Z]{2,5}")
_YEAR = re.compile(r"20[0-9]{2}")
_RATE = re.compile(r"\W*[0-9]{1,2}(?:[.,][0-9]{1,2})? ?%\W*")
_NOTHING = re.compile(r"(?::? ?[-\u2013\u2014]+|: ?/|:? ?(?:[Nn]éant|[Ss]ans objet|[Nn][./]?[CA]))\.?")
_IN_BRACKETS = re.compile(r"\((?!CHF|USD|GBP)[A-Za-z.]{1,6}\)\W?")

FAR = 8.0
"""Blank from which on a value stands in another column than its label, in heights of the label."""


CLOSE_OVER, PAIR = 2.0, 6.0
"""How far over a label its value stands at most, and how far from that label the next one with its value, in heights
of the label: labels under their values are often set in small letters."""

NEARER = 0.8
"""Share of the blank below a label that the blank above it must not reach, for the value above to be its own."""


class Place(Enum):
    """Where a value stands relative to its label, and what that claims."""

    _value_: Claim | None
    INLINE = None
    RIGHT = Claim.VALUE_RIGHT_OF_LABEL
    UNDER_HEAD = Claim.VALUE_UNDER_HEAD
    """In a table of heads and one line of values, each under its own."""
    BELOW = Claim.VALUE_BELOW_LABEL
    BEFORE = Claim.VALUE_BEFORE_LABEL
    """Left of its label, in a list whose labels all stand behind their values."""
    ABOVE = Claim.VALUE_ABOVE_LABEL
    """Over its label, in a line of values over a line of labels."""
    BETWEEN = Claim.VALUE_BETWEEN_LABELS
    """Over or below its label, where a value stands at either side of it."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What the place says against the value; nothing where it stands right behind its label."""
        return () if self.value is None else (self.value,)

    @property
    def is_under(self) -> bool:
        """Whether the value stands on another line than its label."""
        return self in (Place.UNDER_HEAD, Place.BELOW, Place.ABOVE, Place.BETWEEN)


@dataclass(frozen=True, slots=True)
class Announced(Generic[T]):
    """A value with the label that announced it."""

    found: Found[T]
    label: Label
    label_cell: Cell
    cell: Cell
    place: Place
    after: str
    """The text between label and value."""
    rest: str
    """The text behind the value."""

    @property
    def said(self) -> float:
        """How surely the label says it, as far as the value was read well."""
        return self.label.weight * heard(self.found.confidence)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What place and label say against the value."""
        return (*self.place.claims, *label_claims(self.label.weight))


def label_claims(weight: float) -> tuple[Claim, ...]:
    """What is to be said against a label of this weight."""
    return (Claim.LABEL_SAYS_LITTLE,) if weight < STANDS_ANYWHERE else ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """Labels seen in a cell: the words after them up to the next label, and the box of the labels."""

    labels: tuple[Label, ...]
    cell: Cell
    rest: tuple[Word, ...]
    box: Box
    begins: bool
    """Whether it begins its cell or a part of it: a common word in the middle of a sentence announces nothing."""
    last: bool
    """Whether no other label follows in the cell: only then may the value stand right of it or below."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A value and the label behind it, with the left edge at which such lines stand under one another."""

    value: Cell
    words: Sequence[Word]
    label: Cell
    left: float


class LabelledPage:
    """A layout with its labels found: what every family of fields searches in."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tokens: dict[Cell, list[Token]] = {}
        self._seen: dict[Cell, list[LabelMatch]] = {}
        for cell in layout.cells():
            tokens = tokens_of(cell.words, mend if cell.source == TextSource.OCR else None)
            self.tokens[cell] = tokens
            self._seen[cell] = match_labels(tokens)

    @cached_property
    def announcements(self) -> list[Announcement]:
        """Every label of the document in reading order."""
        return [found for cell in self.layout.cells() for found in self._announcements(cell)]

    def begins_with_label(self, cell: Cell) -> bool:
        """Whether a cell's first word is a label of some weight, so that the cell is not the value of another one.

        A small word before it does not count: `à payer avant le`.
        """
        return any(
            all(token.text in SKIPPED for token in self.tokens[cell][: seen.start])
            and any(label.weight >= COMMON_WORD for label in seen.labels)
            for seen in self._seen[cell]
        )

    def is_item_head(self, cell: Cell) -> bool:
        """Whether a cell stands in the head of the table of items."""
        row = self.layout.row_of(cell)
        heads = {token.text for other in row for token in self.tokens[other]} & ITEM_HEADS
        return len(heads) >= 2

    def announced(
        self, field: str, read: Callable[[Text], Sequence[Found[T]]], *, only_first: bool = True
    ) -> Iterator[Announced[T]]:
        """The values of one field: `read` gives those of a text in order.

        `only_first` keeps the first of the nearest place; else all values on the label's line count.
        """
        for announcement in self.announcements:
            for label in announcement.labels:
                if label.field == field and (announcement.begins or not COMMON_WORD <= label.weight < STANDS_ANYWHERE):
                    yield from self._values(announcement, label, read, only_first)

    def _values(
        self, at: Announcement, label: Label, read: Callable[[Text], Sequence[Found[T]]], only_first: bool
    ) -> Iterator[Announced[T]]:
        seen = False
        places = [*self._places(at)]
        if only_first and any(
            _stands_under(at, cell, read(_written(cell, words))) for place, cell, words in places[1:]
        ):
            places = [found for found in places if not _is_far(at, found) or self._is_in_list(at.cell, found[1])]
        for place, cell, words in places:
            if place.is_under and seen:
                return
            text = _written(cell, words)
            values = read(text)
            for found in values[:1] if only_first else values:
                yield Announced(found, label, at.cell, cell, place, text.plain[: found.start], text.plain[found.end :])
            seen = seen or bool(values)
            if seen and only_first and not place.is_under:
                return

    def _is_in_list(self, label: Cell, value: Cell) -> bool:
        """Whether the line above or below has a label and something else at the same two edges."""
        rows = [self.layout.row_at(label.page, label.row + step) for step in (-1, 1)]
        return any(
            abs(first.box[0] - label.box[0]) < label.height / 2
            and abs(second.box[0] - value.box[0]) < label.height / 2
            and self.begins_with_label(first)
            for row in rows
            for first, second in pairwise(row)
        )

    def _places(self, at: Announcement) -> Iterator[tuple[Place, Cell, Sequence[Word]]]:
        """Where a label's value may stand: after it; else in the nearest cells to the right; else under it.

        Where the labels of a list or of a line follow their values, it stands there and nowhere else. A label may also
        say that there is none.
        """
        if _says_nothing(at.rest):
            return
        follows = self._follows(at.cell)
        if follows is not None:
            yield follows
            return
        if any(any(sign.isalnum() for sign in word.text) for word in at.rest):
            yield Place.INLINE, at.cell, at.rest
        if not at.last:
            return
        for cell in self.layout.right_of(at.cell):
            if self.begins_with_label(cell) and not self._is_service_beside(at, cell):
                break
            if any(label.field == "service_code" for label in at.labels) and self._is_next_head(at.cell, cell):
                break
            yield Place.RIGHT, cell, cell.words
        if not self.is_item_head(at.cell):
            yield from self._under(at)

    def _is_next_head(self, label: Cell, cell: Cell) -> bool:
        """Whether the words right of a label are a head as the label is: labels at both its sides, values below."""
        before = self.layout.row_of(label)[: label.column][-1:]
        return any(map(self.begins_with_label, before)) and any(
            under.row == cell.row + 1 for under in self.layout.below(cell)[:1]
        )

    def _is_service_beside(self, at: Announcement, cell: Cell) -> bool:
        """`Service` and `NUM` alone on a line: a short code, whatever it is short for."""
        named = any(label.field == "service_code" for label in at.labels)
        return named and _SHORT_CAPITALS.fullmatch(cell.text) is not None and self.layout.row_of(cell)[-1] is cell

    def _under(self, at: Announcement) -> Iterator[tuple[Place, Cell, Sequence[Word]]]:
        """The cells under a label; where a value that no label announces stands right over it, that one too."""
        over = self._unannounced_over(at.cell)
        below = list(takewhile(lambda cell: not self.begins_with_label(cell), self.layout.below(at.cell, box=at.box)))
        if over is not None:
            nearer = bool(below) and at.cell.box[1] - over.box[3] < NEARER * (below[0].box[1] - at.cell.box[3])
            yield Place.ABOVE if nearer else Place.BETWEEN, over, over.words
            if nearer:
                return
        for cell in below:
            place = Place.UNDER_HEAD if self._is_under_its_head(at, cell) else Place.BELOW
            yield Place.BETWEEN if over is not None else place, cell, cell.words

    def _unannounced_over(self, label: Cell) -> Cell | None:
        """A code by itself right over a label, which stands below no label and behind none."""
        over = next(iter(self.layout.above(label, 1.0)), None)
        if over is None or len(over.words) > 1 or not self._is_value(over) or len(self.layout.row_of(label)) > 1:
            return None
        heads = [*self.layout.above(over, 1.0)[:1], *self.layout.left_of(over)[:1]]
        aligned = abs(over.box[0] - label.box[0]) < label.height / 2 and self._is_label(label)
        return over if aligned and not any(map(self._seen.get, heads)) else None

    def _follows(self, label: Cell) -> tuple[Place, Cell, Sequence[Word]] | None:
        """The value that a label stands behind or below, where its neighbours do the same with theirs."""
        pair = self._pair_behind(label.page, label.row)
        if pair is not None and pair.label is label and not self.layout.right_of(label):
            near = [self._pair_behind(label.page, label.row + step) for step in (-1, 1)]
            if any(other and abs(other.left - pair.left) < label.height / 2 for other in near):
                return Place.BEFORE, pair.value, pair.words
        over = self._value_over(label)
        return None if over is None else (Place.ABOVE, over, over.words)

    def _pair_behind(self, page: int, row: int) -> _Pair | None:
        """A line that is a value and the label that names it behind: two cells, or an amount and its label in one."""
        cells = self.layout.row_at(page, row)
        if len(cells) == 2 and self._is_value(cells[0]) and self._is_label(cells[1]):
            return _Pair(cells[0], cells[0].words, cells[1], cells[1].box[0])
        if len(cells) != 1 or len(cells[0].amounts) != 1 or not self._ends_as_label(cells[0]):
            return None
        words = cells[0].words[: self.tokens[cells[0]][self._seen[cells[0]][0].start].word]
        if not words or cells[0].amounts[0].start:
            return None
        return _Pair(cells[0], words, cells[0], cells[0].box[0])

    def _value_over(self, label: Cell) -> Cell | None:
        """The value right over a label, where another label beside, above or below it has its value over it too."""
        over = self._nearest_over(label)
        if over is None:
            return None
        column = [*self.layout.above(label, PAIR), *self.layout.below(label, PAIR)]
        others = [other for other in (*self.layout.row_of(label), *column) if other is not label]
        values = [over, *(value for other in others if (value := self._nearest_over(other)) is not None)]
        return over if len(values) > 1 and any(map(self._is_value, values)) else None

    def _nearest_over(self, label: Cell) -> Cell | None:
        """What stands right over a label and at its left edge, nearer to it than to all else above, and it to this."""
        over = next(iter(self.layout.above(label, CLOSE_OVER)), None)
        if over is None or not self._is_label(label) or not self._may_be_value(over):
            return None
        behind = self.layout.row_of(label)[label.column + 1 :][:1]
        if abs(over.box[0] - label.box[0]) > label.height / 2 or any(map(self._is_value, behind)):
            return None
        blank = label.box[1] - over.box[3]
        around = [over.box[1] - cell.box[3] for cell in self.layout.above(over, CLOSE_OVER)]
        around += [cell.box[1] - label.box[3] for cell in self.layout.below(label)]
        return over if all(blank < NEARER * other for other in around) else None

    def _is_label(self, cell: Cell) -> bool:
        """Whether a cell is a label and nothing else, but for a rate (`TVA 20 %`)."""
        if not self._ends_as_label(cell):
            return False
        before = self.tokens[cell][: self._seen[cell][0].start]
        return all(token.text in SKIPPED for token in before)  # `à régler pour le`

    def _ends_as_label(self, cell: Cell) -> bool:
        """Whether a label, or a label and a rate, ends a cell."""
        seen, tokens = self._seen[cell], self.tokens[cell]
        if not seen:
            return False
        rest = " ".join(word.text for word in cell.words[tokens[seen[-1].end - 1].word + 1 :])
        return not any(map(str.isalnum, rest)) or _RATE.fullmatch(rest) is not None

    def _is_value(self, cell: Cell) -> bool:
        """Whether a cell may be the value of a label: with a digit, and without a label."""
        return any(map(str.isdigit, cell.text)) and not self._seen[cell]

    def _may_be_value(self, cell: Cell) -> bool:
        """Also a word of capitals, or the stroke that stands for none."""
        return self._is_value(cell) or (
            len(cell.words) == 1 and cell.text == cell.text.upper() and not self._seen[cell]
        )

    def _is_under_its_head(self, at: Announcement, cell: Cell) -> bool:
        """Whether a line of heads stands directly over a line of values, and this head over this value alone."""
        heads, values = self.layout.row_of(at.cell), self.layout.row_of(cell)
        if cell.row - at.cell.row != 1 or len(heads) < 2 or len(values) < 2:
            return False
        under = [value for value in values if overlaps(at.cell.box, value.box)]
        over = [head for head in heads if overlaps(head.box, cell.box)]
        return under == [cell] and over == [at.cell]

    def _announcements(self, cell: Cell) -> Iterator[Announcement]:
        tokens = self.tokens[cell]
        seen: list[tuple[LabelMatch, bool]] = []
        for match in self._seen[cell]:
            if seen and _says_again(match, seen[-1][0], tokens, cell.words):
                seen[-1] = (_together(seen[-1][0], match), seen[-1][1])
            elif not seen or not _is_in_value_of(match, seen[-1][0], tokens, cell.words):
                begins = _begins(cell.words, tokens[match.start].word) or _has_colon(cell.words, tokens[match.end - 1])
                seen.append((match, begins))
        cuts = [match.start for match, begins in seen if begins or _is_strong(match)]
        for match, begins in seen:
            following = next((start for start in cuts if start >= match.end), len(tokens))
            words = cell.words[tokens[match.start].word : tokens[match.end - 1].word + 1]
            yield Announcement(
                labels=match.labels,
                cell=cell,
                rest=_rest(cell.words, tokens, match.end, following),
                box=union(word.box for word in words),
                begins=begins,
                last=following == len(tokens),
            )


def _says_nothing(rest: Sequence[Word]) -> bool:
    """`N° de marché : -`: a label whose value is left open; what stands beside or below it is another one's."""
    return _NOTHING.fullmatch(" ".join(word.text for word in rest)) is not None


def _written(cell: Cell, words: Sequence[Word]) -> Text:
    """These words of a cell, in which values are looked for."""
    return cell.written if words is cell.words else Text(words)


def _stands_under(at: Announcement, cell: Cell, values: Sequence[Found[T]]) -> bool:
    """Whether a cell below a label begins where the label begins, and holds a value with digits."""
    telling = any(
        any(sign.isdigit() for sign in found.text) and len(found.text) + 3 >= len(cell.text) and ":" not in cell.text
        for found in values[:1]
    )
    return telling and cell.row > at.cell.row and abs(cell.box[0] - at.box[0]) < cell.height / 2


def _is_far(at: Announcement, found: tuple[Place, Cell, Sequence[Word]]) -> bool:
    """Whether a cell to the right stands in another column of the page: it is passed over for a value right below."""
    place, cell, _ = found
    return place is Place.RIGHT and cell.box[0] - at.cell.box[2] > FAR * at.cell.height


def _is_in_value_of(match: LabelMatch, before: LabelMatch, tokens: list[Token], words: Sequence[Word]) -> bool:
    """Whether what looks like a label is a part of the value of the label before it.

    A word of joined capitals directly behind that label (`Code service : SERV-TECH`), a short one of the same field
    between a year and a number (`Engagement n° 2026 EJ 0042`), or one word that holds a whole wording of the same
    field (`code service : BuyerReference`), which nobody prints as a second label.
    """
    first, last = tokens[match.start].word, tokens[match.end - 1].word
    between = [word.text for word in words[tokens[before.end - 1].word + 1 : first] if any(map(str.isalnum, word.text))]
    if first == last and not between and _JOINED_CAPITALS.fullmatch(words[first].text.strip(".,;()")):
        return True
    same = {label.field for label in before.labels} & {label.field for label in match.labels}
    if same and first == last and len(between) == 1 and _YEAR.fullmatch(between[0]):
        return first + 1 < len(words) and words[first].text.isupper() and words[first + 1].text[0].isdigit()
    stronger = {label.field for label in before.labels if label.weight > max(own.weight for own in match.labels)}
    whole = match.end - match.start > 1 and first == last and match.start == before.end
    return whole and any(label.field in stronger for label in match.labels)


def _says_again(match: LabelMatch, before: LabelMatch, tokens: list[Token], words: Sequence[Word]) -> bool:
    """`Engagement juridique (EJ)`, `Facture / Invoice`: in brackets or behind a stroke the same label once more."""
    first, last = tokens[match.start].word, tokens[match.end - 1].word
    same = {label.field for label in before.labels} & {label.field for label in match.labels}
    bracketed = first == last and _IN_BRACKETS.fullmatch(words[first].text) is not None
    after_stroke = words[first - 1].text == "/"
    return bool(same) and (bracketed or after_stroke) and match.start == before.end


def _together(first: LabelMatch, again: LabelMatch) -> LabelMatch:
    """Both wordings as one, with the labels of the surer one."""
    surer = max(first, again, key=lambda match: max(label.weight for label in match.labels))
    return LabelMatch(surer.labels, first.start, again.end)


def _is_strong(match: LabelMatch) -> bool:
    return any(label.weight >= STANDS_ANYWHERE for label in match.labels)


def _begins(words: Sequence[Word], index: int) -> bool:
    """Whether a word begins its cell, or follows a separating sign, a number or an amount."""
    if index == 0 or words[index].text[:2].upper() in POSSESSIVES:
        return True
    before = words[index - 1].text
    return before[-1] in ":;,|/-)·•" or before.upper() in AFTER_AMOUNTS or not any(map(str.isalpha, before))


def _has_colon(words: Sequence[Word], last: Token) -> bool:
    """Whether a colon follows a label's last word: then it announces something, wherever it stands."""
    after = words[last.word].text[last.end :] + "".join(word.text for word in words[last.word + 1 : last.word + 2])
    return after.lstrip().startswith(":")


def _rest(words: Sequence[Word], tokens: list[Token], start: int, following: int) -> tuple[Word, ...]:
    """The words between a label and the next one; of a word that holds the label's end (`n°562`), what follows it."""
    ending = tokens[start - 1]
    stop = tokens[following].word if following < len(tokens) else len(words)
    tail = _tail(words[ending.word], ending.end)
    rest = words[ending.word + 1 : stop]
    if rest and not tail and _IN_BRACKETS.fullmatch(rest[0].text):
        rest = rest[1:]
    return ((tail, *rest) if tail else tuple(rest)) if stop > ending.word else ()


def _tail(word: Word, end: int) -> Word | None:
    """What follows the label's last letter in its word, if the letters can be counted off."""
    if end >= len(word.text) or len(plain_letters(word.text)) != len(word.text):
        return None
    text = word.text[end:].lstrip("°.*')")
    return Word(text=text, box=word.box, confidence=word.confidence) if text.strip() else None


@lru_cache(maxsize=4)
def document_of(pages: tuple[Page, ...]) -> LabelledPage:
    """The document of these written pages. Fields and checks of ambiguity ask in turn: labels are looked for once."""
    return LabelledPage(Layout(pages))
