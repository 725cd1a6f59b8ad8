"""From known values to an example; which older lessons it proves wrong; which examples are surplus."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from include.domain.extraction.layout import Cell, Layout
from include.domain.extraction.memory.anchors import spot_of
from include.domain.extraction.memory.example import (
    CONSTANT_FIELDS,
    LEARNED_FIELDS,
    Anchor,
    Example,
    Lesson,
    Look,
    Spot,
    Standing,
    kind_of,
)
from include.domain.extraction.memory.index import Index
from include.domain.extraction.memory.look import look_of, same_look
from include.domain.extraction.memory.places import Place, has_digit, possible, printed, same, shaped
from include.domain.extraction.memory.pointing import Places, pointed_at
from include.domain.extraction.memory.shapes import shape_of
from include.domain.extraction.memory.wording import keys_of
from include.domain.extraction.search import Document
from include.domain.text import Page

MOST_SPOTS = 3
MOST_OF_A_LOOK = 5
"""Examples of one look that are kept, the newest ones; more teach nothing more."""

MOST_OF_A_SCOPE = 30
"""Examples of one provider and classification rule: six looks."""

TITLE_ZONE = 0.45
TITLE_SIZE = 1.25
"""A title stands in the upper part of the page and is so much taller than the ordinary text."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A value that is known, and who vouches for it."""

    value: str
    standing: Standing


def document_of(pages: Sequence[Page]) -> Document | None:
    """The pages that have words, with their labels found; None where there are none."""
    written = [page for page in pages if page.lines]
    return Document(Layout(written)) if written else None


def learn(document: Document, known: Mapping[str, Known], *, supplier_siret: str | None = None) -> Example | None:
    """What a document teaches; None when none of the values is printed, or the page has no look to be known by."""
    facts = _telling(known)
    lessons = {
        name: lesson for name in LEARNED_FIELDS if name in facts and (lesson := _lesson(document, name, facts[name]))
    }
    look = look_of(Index(document))
    if not lessons or not same_look(look, look):
        return None
    return Example(look=look, lessons=lessons, supplier_siret=supplier_siret)


def _telling(known: Mapping[str, Known]) -> Mapping[str, Known]:
    """What is to be paid says nothing where it is the total: whichever of both places it was read from."""
    due, total = known.get("amount_due"), known.get("total_incl_tax")
    if due is None or total is None or not same("amount_due", due.value, total.value):
        return known
    return {name: fact for name, fact in known.items() if name != "amount_due"}


def _lesson(document: Document, name: str, known: Known) -> Lesson | None:
    if name in CONSTANT_FIELDS:
        spots = _title_spots(document)
        return Lesson(standing=known.standing, spots=spots, constant=known.value) if spots else None
    places = printed(document, name, known.value)
    if kind_of(name) == "amount":
        places.reverse()  # totals stand below the lines that may have the same amount
    spots = tuple(spot_of(document, place) for place in places[:MOST_SPOTS])
    if not spots:
        return None
    shape = shape_of(known.value) if kind_of(name) == "code" else None
    return Lesson(standing=known.standing, spots=spots, shape=shape)


def _title_spots(document: Document) -> tuple[Spot, ...]:
    title = title_of(document)
    words = tuple(key.text for key in keys_of(title)) if title else ()
    if not words:
        return ()
    return (Spot(anchors=(Anchor(words=words, left=0.0, right=0.0, middle=0.0, near=True),)),)


def title_of(document: Document) -> Cell | None:
    """The tallest words in the upper part of the first page, if they stand out."""
    page = document.layout.pages[0]
    cells = [cell for row in document.layout.rows(page.number) for cell in row]
    ordinary = statistics.median(cell.height for cell in cells)
    upper = (cell for cell in cells if cell.box[1] < TITLE_ZONE * page.height and keys_of(cell))
    tallest = max(upper, key=lambda cell: cell.height, default=None)
    return tallest if tallest is not None and tallest.height >= TITLE_SIZE * ordinary else None


# ---------------------------------------------------------------- what an example means for the others


def corrected_by(
    document: Document, look: Look, known: Mapping[str, Known], older: Sequence[Example]
) -> Iterator[Example]:
    """Older examples without the spots that point at other values on this document than those vouched for.

    The newest word of a person counts: one correction takes away whatever led to the wrong value.
    """
    index, findings = Index(document), Findings(document)
    vouched = {name: fact.value for name, fact in known.items() if fact.standing.vouched}
    for example in older:
        lessons = dict(example.lessons)
        for name in vouched.keys() & example.lessons.keys() if same_look(look, example.look) else ():
            kept = _without_wrong(index, findings, name, example.lessons[name], vouched[name])
            if kept is None:
                del lessons[name]
            else:
                lessons[name] = kept
        yield replace(example, lessons=lessons)


def _without_wrong(index: Index, findings: Findings, name: str, lesson: Lesson, value: str) -> Lesson | None:
    if lesson.constant is not None:
        wrong = lesson.constant != value and any(index.seen(spot.anchors[0].words) for spot in lesson.spots)
        return None if wrong else lesson
    places = findings.places(name, [lesson])
    spots = tuple(spot for spot in lesson.spots if not _misleads(spot, index, places, name, value))
    return replace(lesson, spots=spots) if spots else None


def _misleads(spot: Spot, index: Index, places: Places, name: str, value: str) -> bool:
    pointed = pointed_at(spot, index, places)
    return pointed is not None and not same(name, pointed.place.value, value)


class Findings:
    """The places of a document where values may stand, looked for once for each family of fields."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[str, Places] = {}

    def places(self, name: str, lessons: Sequence[Lesson]) -> Places:
        """Where a value may stand; a number where its shape stands, another code at any identifier."""
        kind = kind_of(name)
        if kind == "code":
            found = shaped(self._document, {lesson.shape for lesson in lessons if lesson.shape})
            if name == "invoice_number":
                return Places(found)
            others = self._beside(found)
            return Places([*found, *(others if name == "service_code" else filter(has_digit, others))])
        if kind not in self._known:
            self._known[kind] = Places(possible(self._document, name))
        return self._known[kind]

    def _beside(self, found: Sequence[Place]) -> Iterator[Place]:
        """The identifiers that are no part of what was found."""
        taken = {(id(place.cell), word) for place in found for word in place.words}
        if "code" not in self._known:
            self._known["code"] = Places(possible(self._document, "service_code"))
        for place in self._known["code"].all:
            if not any((id(place.cell), word) in taken for word in place.words):
                yield place


def surplus(examples: Sequence[Example]) -> Iterator[int]:
    """Positions of the examples (the newest first) that are not needed: too many of one look, or of all."""
    kept: list[Example] = []
    for position, example in enumerate(examples):
        alike = sum(same_look(example.look, other.look) for other in kept)
        if not example.lessons or alike >= MOST_OF_A_LOOK or len(kept) >= MOST_OF_A_SCOPE:
            yield position
        else:
            kept.append(example)
