"""What stands around a value.

The best anchor is what reads like the value's label: words before it in its cell or on its line; where there are none,
words right over it; else behind or below it. Words farther off, and the corners of the page, only support a label;
where nothing is like a label, several of them together can stand for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.example import Anchor, Region
from include.domain.extraction.layout_memory.index import corner
from include.domain.extraction.layout_memory.regions import Place
from include.domain.extraction.layout_memory.wording import Key, box_of, keys_of, may_be_label
from include.domain.text import Box

LONGEST_PREFIX = 4
"""Words directly before a value that are kept."""

MOST_FAR = 5
ABOVE, BELOW = 3.2, 2.5
"""How far a label stands over its value at most, and how far below it, in heights of the value."""

BESIDE = 4.0
"""How far beside the value such a label may end or begin, in heights of the value."""

REACH = 0.45
"""How far other words may stand to support a place, in widths of the page."""

SAYS_NOTHING = frozenset({"eur", "euro", "ht", "ttc"})
"""Words that stand beside any amount."""


def region_of(document: LabelledPage, place: Place) -> Region:
    """What stands around a place."""
    labels = next(
        (found for found in (_before(document, place), _over(document, place), _behind(document, place)) if found), []
    )
    near = [_anchor(document, place, cell, keys, near=True) for cell, keys in labels]
    far = [_anchor(document, place, cell, keys, near=False) for cell, keys in _far(document, place)]
    return Region(anchors=(*near, *far, *_corners(document, place)))


def _anchor(document: LabelledPage, place: Place, cell: Cell, keys: list[Key], *, near: bool) -> Anchor:
    return _measured(
        document, place, box_of(cell, keys), tuple(key.text for key in keys), near, row=_on_row(cell, place)
    )


def _on_row(cell: Cell, place: Place) -> bool:
    return (cell.page, cell.row) == (place.cell.page, place.cell.row)


def _measured(
    document: LabelledPage, place: Place, box: Box, words: tuple[str, ...], near: bool, *, row: bool = False
) -> Anchor:
    width = document.layout.page_size(place.cell.page)[0]
    middle = (place.box[1] + place.box[3] - box[1] - box[3]) / 2
    return Anchor(
        words=words,
        left=round((place.box[0] - box[0]) / width, 4),
        right=round((place.box[2] - box[0]) / width, 4),
        middle=round(middle / width, 4),
        near=near,
        row=row,
    )


# ---------------------------------------------------------------- what stands around it


def _before(document: LabelledPage, place: Place) -> list[tuple[Cell, list[Key]]]:
    """The words before it in its cell, back to the last one with digits; else the nearest labels left of it."""
    keys = [key for key in keys_of(place.cell) if key.word < place.first]
    prefix = [key for key in keys if not _digits_between(place.cell, key.word, place.first)][-LONGEST_PREFIX:]
    if _says_something(prefix):
        return [(place.cell, prefix)]
    left = document.layout.left_of(place.cell)[:3] if place.first == 0 else []
    return _labels(left)[:2]


def _digits_between(cell: Cell, start: int, stop: int) -> bool:
    return any(sign.isdigit() for word in cell.words[start:stop] for sign in word.text)


def _over(document: LabelledPage, place: Place) -> list[tuple[Cell, list[Key]]]:
    return _labels(_column(document, place, -ABOVE))[:1]


def _behind(document: LabelledPage, place: Place) -> list[tuple[Cell, list[Key]]]:
    return [*_labels(document.layout.right_of(place.cell)[:1]), *_labels(_column(document, place, BELOW))[:1]]


def _column(document: LabelledPage, place: Place, reach: float) -> list[Cell]:
    """The cells over (reach below zero) or under the value within reach: nearest line first, in it the nearest cell.

    A heading may begin left of a column of figures and end before it, so cells a little beside it count too.
    """
    height = place.box[3] - place.box[1]
    found = []
    for row in document.layout.rows(place.cell.page):
        for cell in row:
            apart = place.box[1] - cell.box[3] if reach < 0 else cell.box[1] - place.box[3]
            beside = max(cell.box[0] - place.box[2], place.box[0] - cell.box[2], 0.0)
            near = -0.5 * height < apart < abs(reach) * height and beside < BESIDE * height
            if near and not _on_row(cell, place):
                found.append((round(apart / height), beside, cell))
    return [cell for _, _, cell in sorted(found, key=lambda known: known[:2])]


def _labels(cells: Iterable[Cell]) -> list[tuple[Cell, list[Key]]]:
    return [(cell, keys) for cell in cells if may_be_label(cell) and _says_something(keys := keys_of(cell))]


def _says_something(keys: list[Key]) -> bool:
    return any(key.text not in SAYS_NOTHING for key in keys)


def _far(document: LabelledPage, place: Place) -> list[tuple[Cell, list[Key]]]:
    """The nearest words in all directions."""
    reach = REACH * document.layout.page_size(place.cell.page)[0]
    others = [cell for row in document.layout.rows(place.cell.page) for cell in row if cell is not place.cell]
    near = sorted(
        (cell for cell in others if _distance(cell.box, place.box) <= reach),
        key=lambda cell: _distance(cell.box, place.box),
    )
    return _labels(near)[:MOST_FAR]


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    down = max(one[1] - other[3], other[1] - one[3], 0.0)
    return max(across, down)


def _corners(document: LabelledPage, place: Place) -> Iterator[Anchor]:
    """The nearest corners of a first page, for what stands in its head or foot."""
    width, height = document.layout.page_size(place.cell.page)
    if place.cell.page != document.layout.pages[0].number:
        return
    down = (place.box[1] + place.box[3]) / 2 / height
    side = "left" if place.box[0] + place.box[2] < width else "right"
    if down < 0.45 or down > 0.85:
        name = f"@{'top' if down < 0.45 else 'bottom'}-{side}"
        yield _measured(document, place, corner(document, place.cell.page, name), (name,), near=False)
