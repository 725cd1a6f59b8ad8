"""Which place of another document a region points at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from include.domain.extraction.layout_memory.example import Anchor, Region
from include.domain.extraction.layout_memory.index import Index, Seen
from include.domain.extraction.layout_memory.regions import Place
from include.domain.text import TextSource

FAR = 0.34
"""Weight of words farther off, beside that of a label."""

SLACK, SKEW = 0.012, 0.035
"""How far a value may stand beside where it is expected: in widths of the page, and for each part of its distance from
the anchor, which a page scanned askew by two degrees turns so much."""

TIE = 0.05
"""Two places whose scores differ by less fit equally well."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """A place that a region points at: how well it fits, and whether a label says so."""

    place: Place
    score: float
    labelled: bool


class Places:
    """The places where a value may stand, by page and height."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.all = list(places)
        self._by_page: dict[int, tuple[list[float], list[Place]]] = {}
        for place in sorted(self.all, key=_middle):
            middles, found = self._by_page.setdefault(place.cell.page, ([], []))
            middles.append(_middle(place))
            found.append(place)

    def between(self, page: int, top: float, bottom: float) -> list[Place]:
        """Those whose middle lies between two heights of a page."""
        middles, found = self._by_page.get(page, ([], []))
        return found[bisect_left(middles, top) : bisect_right(middles, bottom)]


@dataclass(slots=True)
class _Support:
    """What speaks for one place."""

    place: Place
    label: float = 0.0
    others: dict[tuple[str, ...], float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return self.label + FAR * sum(self.others.values())


def pointed_at(region: Region, index: Index, places: Places) -> Pointed | None:
    """The place that fits a region best; None where none fits well enough, or two different values do equally well."""
    known: set[tuple[str, ...]] = set()
    supports: dict[int, _Support] = {}
    for anchor in region.anchors:
        for seen in index.seen(anchor.words):
            if not anchor.near:
                known.add(anchor.words)
            _add(supports, anchor, seen, index.widths[seen.page], places)
    fits = [
        one for one in supports.values() if one.label or (len(one.others) >= 2 and 2 * len(one.others) >= len(known))
    ]
    best = max(fits, key=lambda one: one.score, default=None)
    if best is None:
        return None
    rivals = (one for one in fits if one is not best and one.score > best.score - TIE)
    if any(one.place.value != best.place.value for one in rivals):
        return None
    return Pointed(best.place, best.score, best.label > 0)


def _add(supports: dict[int, _Support], anchor: Anchor, seen: Seen, width: float, places: Places) -> None:
    expected = (seen.box[1] + seen.box[3]) / 2 + anchor.middle * width
    reach = SKEW * max(abs(anchor.left), abs(anchor.right)) * width + 3 * SLACK * width
    for place in places.between(seen.page, expected - reach, expected + reach):
        close = _closeness(place, anchor, seen, width)
        if not close:
            continue
        support = supports.setdefault(id(place), _Support(place))
        if anchor.near:
            support.label = max(support.label, close)
        else:
            support.others[anchor.words] = max(support.others.get(anchor.words, 0.0), close)


def _closeness(place: Place, anchor: Anchor, seen: Seen, width: float) -> float:
    """From 1 (exactly there) down to 0.5 at the end of the slack, 0 beyond it."""
    scanned = SKEW if place.cell.source is TextSource.OCR else 0.0
    across = SLACK * width + scanned * abs(anchor.middle) * width
    off_across = _off_across(place, seen.box[0] + anchor.left * width, seen.box[0] + anchor.right * width)
    if off_across > across:
        return 0.0
    off_down = abs(_middle(place) - (seen.box[1] + seen.box[3]) / 2 - anchor.middle * width)
    down = 0.5 * (place.box[3] - place.box[1]) + scanned * max(abs(anchor.left), abs(anchor.right)) * width
    if anchor.row and place.cell.row == seen.row:
        off_down = 0.0
    if off_down > down:
        return 0.0
    return 1.0 - 0.25 * (off_across / across + off_down / down)


def _off_across(place: Place, left: float, right: float) -> float:
    """Columns of figures keep their right edge, texts their left one, titles their middle: the best of them counts.

    Names are told from the words before them by where they begin.
    """
    if place.open_ended:
        return abs(place.box[0] - left)
    return min(abs(place.box[0] - left), abs(place.box[2] - right), abs(place.box[0] + place.box[2] - left - right) / 2)


def _middle(place: Place) -> float:
    return (place.box[1] + place.box[3]) / 2
