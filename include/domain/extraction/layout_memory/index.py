"""The words of a document as keys, and where it has the words of anchors."""

from __future__ import annotations

from dataclasses import dataclass

from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.wording import Key, box_of, keys_of
from include.domain.text import Box

CORNERS = frozenset({"@top-left", "@top-right", "@bottom-left", "@bottom-right"})
"""Anchors that every first page has."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The words of an anchor on a page."""

    page: int
    row: int
    box: Box


def corner(document: LabelledPage, page: int, name: str) -> Box:
    """A corner of a page as a box without extent."""
    width, height = document.layout.page_size(page)
    x = width if name.endswith("right") else 0.0
    y = height if name.startswith("@bottom") else 0.0
    return (x, y, x, y)


class Index:
    """Where a document has which words."""

    def __init__(self, document: LabelledPage) -> None:
        self._document = document
        self.cells: list[tuple[Cell, list[Key]]] = [(cell, keys_of(cell)) for cell in document.layout.cells()]
        self.widths = {page.number: page.width for page in document.layout.pages}
        self.first_page = document.layout.pages[0].number
        self._known: dict[tuple[str, ...], list[Seen]] = {}
        self._starts: dict[str, list[tuple[int, int]]] = {}
        for number, (_, keys) in enumerate(self.cells):
            for start, key in enumerate(keys):
                self._starts.setdefault(key.text, []).append((number, start))

    def seen(self, words: tuple[str, ...]) -> list[Seen]:
        """Every place of these words; one of three or more may be another one, misread."""
        if words not in self._known:
            self._known[words] = self._places(words)
        return self._known[words]

    def _places(self, words: tuple[str, ...]) -> list[Seen]:
        if words[0] in CORNERS:
            return [Seen(self.first_page, -1, corner(self._document, self.first_page, words[0]))]
        found = []
        for number, start in self._starts.get(words[0], ()):
            cell, keys = self.cells[number]
            here = keys[start : start + len(words)]
            wrong = sum(key.text != word for key, word in zip(here, words, strict=False)) + len(words) - len(here)
            if wrong <= (len(words) >= 3):
                found.append(Seen(cell.page, cell.row, box_of(cell, here)))
        return found
