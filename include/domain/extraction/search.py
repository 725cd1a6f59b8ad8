"""Labels joined with the values they announce: in the same cell, right of it, or below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from include.domain.extraction.layout import Cell, Layout
from include.domain.extraction.patterns import Found, Text
from include.domain.extraction.sightings import Label, Sighting, mend, sightings
from include.domain.extraction.tokens import Token, plain_letters, tokens_of
from include.domain.text import Box, Page, TextSource, Word, union

T = TypeVar("T")

AFTER_AMOUNTS = frozenset({"EUR", "EUROS", "HT", "TTC"})
"""Words that end an amount, so that a label may follow them."""

POSSESSIVES = ("V/", "N/")
"""`V/Commande`: your, our; they begin a part of a line."""

MODEST, STRONG = 0.4, 0.8
"""Labels between these weights are common words (`date`, `total`, `marché`): they have to begin their cell. Weaker ones
(`le`, `du`) stand inside sentences by their nature, and their users look closely."""

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


FAR = 8.0
"""Blank between a label and a value of another column, in heights of the label."""


class Place(Enum):
    """Where a value stands relative to its label, and how much that is worth."""

    INLINE = 1.0
    RIGHT = 0.95
    BELOW = 0.8


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
    def score(self) -> float:
        """How surely this is the field's value: the label's weight, where it stands, how well it was read."""
        return self.label.weight * self.place.value * (0.5 + 0.5 * self.found.confidence)


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


class Document:
    """A layout with its labels found: what every family of fields searches in."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tokens: dict[Cell, list[Token]] = {}
        self._seen: dict[Cell, list[Sighting]] = {}
        for cell in layout.cells():
            tokens = tokens_of(cell.words, mend if cell.source == TextSource.OCR else None)
            self.tokens[cell] = tokens
            self._seen[cell] = sightings(tokens)

    @cached_property
    def announcements(self) -> list[Announcement]:
        """Every label of the document in reading order."""
        return [found for cell in self.layout.cells() for found in self._announcements(cell)]

    def begins_with_label(self, cell: Cell) -> bool:
        """Whether a cell's first word is a label of some weight, so that the cell is not the value of another one."""
        return any(seen.start == 0 and any(label.weight >= 0.4 for label in seen.labels) for seen in self._seen[cell])

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
                if label.field == field and (announcement.begins or not MODEST <= label.weight < STRONG):
                    yield from self._values(announcement, label, read, only_first)

    def _values(
        self, at: Announcement, label: Label, read: Callable[[Text], Sequence[Found[T]]], only_first: bool
    ) -> Iterator[Announced[T]]:
        seen = False
        places = [*self._places(at)]
        if only_first and any(_stands_under(at, cell, read(Text(words))) for place, cell, words in places[1:]):
            places = [found for found in places if not _is_far(at, found)]
        for place, cell, words in places:
            if place is Place.BELOW and seen:
                return
            text = Text(words)
            values = read(text)
            for found in values[:1] if only_first else values:
                yield Announced(found, label, at.cell, cell, place, text.plain[: found.start], text.plain[found.end :])
            seen = seen or bool(values)
            if seen and only_first and place is not Place.BELOW:
                return

    def _places(self, at: Announcement) -> Iterator[tuple[Place, Cell, Sequence[Word]]]:
        """Where a label's value may stand: after it; else in the nearest cells to the right; else under it."""
        if any(any(sign.isalnum() for sign in word.text) for word in at.rest):
            yield Place.INLINE, at.cell, at.rest
        if not at.last:
            return
        for cell in self.layout.right_of(at.cell):
            if self.begins_with_label(cell):
                break
            yield Place.RIGHT, cell, cell.words
        if self.is_item_head(at.cell):
            return
        for cell in self.layout.below(at.cell, box=at.box):
            if self.begins_with_label(cell):
                break
            yield Place.BELOW, cell, cell.words

    def _announcements(self, cell: Cell) -> Iterator[Announcement]:
        tokens = self.tokens[cell]
        seen = [
            (sighting, _begins(cell.words, tokens[sighting.start].word))
            for before, sighting in zip([None, *self._seen[cell]], self._seen[cell], strict=False)
            if before is None or not _is_value_of(sighting, before, tokens)
        ]
        cuts = [sighting.start for sighting, begins in seen if begins or _is_strong(sighting)]
        for sighting, begins in seen:
            following = next((start for start in cuts if start >= sighting.end), len(tokens))
            words = cell.words[tokens[sighting.start].word : tokens[sighting.end - 1].word + 1]
            yield Announcement(
                labels=sighting.labels,
                cell=cell,
                rest=_rest(cell.words, tokens, sighting.end, following),
                box=union(word.box for word in words),
                begins=begins,
                last=following == len(tokens),
            )


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


def _is_value_of(sighting: Sighting, before: Sighting, tokens: list[Token]) -> bool:
    """Whether what looks like a label is the value of the one directly before it: `code service : BuyerReference`.

    Only one word that holds a whole wording of the same field, which nobody prints as a second label.
    """
    one_word = sighting.end - sighting.start > 1 and tokens[sighting.start].word == tokens[sighting.end - 1].word
    stronger = {label.field for label in before.labels if label.weight > max(own.weight for own in sighting.labels)}
    return one_word and sighting.start == before.end and any(label.field in stronger for label in sighting.labels)


def _is_strong(sighting: Sighting) -> bool:
    return any(label.weight >= STRONG for label in sighting.labels)


def _begins(words: Sequence[Word], index: int) -> bool:
    """Whether a word begins its cell, or follows a separating sign, a number or an amount."""
    if index == 0 or words[index].text[:2].upper() in POSSESSIVES:
        return True
    before = words[index - 1].text
    return before[-1] in ":;,|/-)·•" or before.upper() in AFTER_AMOUNTS or not any(map(str.isalpha, before))


def _rest(words: Sequence[Word], tokens: list[Token], start: int, following: int) -> tuple[Word, ...]:
    """The words between a label and the next one; of a word that holds the label's end (`n°562`), what follows it."""
    ending = tokens[start - 1]
    stop = tokens[following].word if following < len(tokens) else len(words)
    tail = _tail(words[ending.word], ending.end)
    rest = words[ending.word + 1 : stop]
    return ((tail, *rest) if tail else tuple(rest)) if stop > ending.word else ()


def _tail(word: Word, end: int) -> Word | None:
    """What follows the label's last letter in its word, if the letters can be counted off."""
    if end >= len(word.text) or len(plain_letters(word.text)) != len(word.text):
        return None
    text = word.text[end:].lstrip("°.*' ")
    return Word(text=text, box=word.box, confidence=word.confidence) if text.strip() else None


@lru_cache(maxsize=4)
def document_of(pages: tuple[Page, ...]) -> Document:
    """The document of these written pages. Fields and several doubts ask in turn: its labels are looked for once."""
    return Document(Layout(pages))
