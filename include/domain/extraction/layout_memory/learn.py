"""From known values to an example; what it proves wrong in older ones; which examples are surplus."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from include.domain.extraction.layout.cells import Cell, Layout
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.anchors import region_of
from include.domain.extraction.layout_memory.example import (
    LEARNED_FIELDS,
    Anchor,
    Example,
    Fingerprint,
    LearnedField,
    Region,
    Standing,
    is_constant,
    kind_of,
)
from include.domain.extraction.layout_memory.fingerprint import fingerprint_of, same_layout
from include.domain.extraction.layout_memory.index import Index
from include.domain.extraction.layout_memory.pointing import Places, pointed_at
from include.domain.extraction.layout_memory.regions import Place, has_digit, possible, printed, same, shaped
from include.domain.extraction.layout_memory.shapes import shape_of
from include.domain.extraction.layout_memory.wording import keys_of
from include.domain.fields import Value, as_text
from include.domain.fields.registry import Kind
from include.domain.text import Page

MOST_REGIONS = 3
MOST_OF_A_LAYOUT = 5
"""Examples of one layout that are kept, the newest ones; more teach nothing more."""

MOST_OF_A_SCOPE = 30
"""Examples of one provider and classification rule: six layouts."""

TITLE_ZONE = 0.45
TITLE_SIZE = 1.25
"""A title stands in the upper part of the page and is so much taller than the ordinary text."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A value that is known, and who vouches for it."""

    value: Value
    standing: Standing


def document_of(pages: Sequence[Page]) -> LabelledPage | None:
    """The pages that have words, with their labels found; None where there are none."""
    written = [page for page in pages if page.lines]
    return LabelledPage(Layout(written)) if written else None


def learn(document: LabelledPage, known: Mapping[str, Known], *, supplier_siret: str | None = None) -> Example | None:
    """What a document teaches; None when none of the values is printed, or the page has no fingerprint."""
    facts = _telling(known)
    learned = {
        name: field
        for name in LEARNED_FIELDS
        if name in facts and (field := _learned_field(document, name, facts[name]))
    }
    fingerprint = fingerprint_of(Index(document))
    if not learned or not same_layout(fingerprint, fingerprint):
        return None
    return Example(fingerprint=fingerprint, learned=learned, supplier_siret=supplier_siret)


def _telling(known: Mapping[str, Known]) -> Mapping[str, Known]:
    """The known values, without an amount due that equals the total: it may have been read from either place."""
    due, total = known.get("amount_due"), known.get("total_incl_tax")
    if due is None or total is None or not same("amount_due", due.value, total.value):
        return known
    return {name: fact for name, fact in known.items() if name != "amount_due"}


def _learned_field(document: LabelledPage, name: str, known: Known) -> LearnedField | None:
    if is_constant(name):
        regions = _title_regions(document)
        return (
            LearnedField(standing=known.standing, regions=regions, constant=as_text(known.value)) if regions else None
        )
    places = printed(document, name, known.value)
    if kind_of(name) is Kind.AMOUNT:
        places.reverse()  # totals stand below the lines that may have the same amount
    regions = tuple(region_of(document, place) for place in places[:MOST_REGIONS])
    if not regions:
        return None
    shape = shape_of(as_text(known.value)) if kind_of(name) is Kind.IDENTIFIER else None
    return LearnedField(standing=known.standing, regions=regions, shape=shape)


def _title_regions(document: LabelledPage) -> tuple[Region, ...]:
    title = title_of(document)
    words = tuple(key.text for key in keys_of(title)) if title else ()
    if not words:
        return ()
    return (Region(anchors=(Anchor(words=words, left=0.0, right=0.0, middle=0.0, near=True),)),)


def title_of(document: LabelledPage) -> Cell | None:
    """The tallest words in the upper part of the first page, if they stand out."""
    page = document.layout.pages[0]
    cells = [cell for row in document.layout.rows(page.number) for cell in row]
    ordinary = statistics.median(cell.height for cell in cells)
    upper = (cell for cell in cells if cell.box[1] < TITLE_ZONE * page.height and keys_of(cell))
    tallest = max(upper, key=lambda cell: cell.height, default=None)
    return tallest if tallest is not None and tallest.height >= TITLE_SIZE * ordinary else None


# ---------------------------------------------------------------- what an example means for the others


def corrected_by(
    document: LabelledPage, fingerprint: Fingerprint, known: Mapping[str, Known], older: Sequence[Example]
) -> Iterator[Example]:
    """Older examples without the regions that point at other values on this document than those vouched for.

    The newest word of a person counts: one correction takes away whatever led to the wrong value.
    """
    index, possible_values = Index(document), PossibleValues(document)
    vouched = {name: fact.value for name, fact in known.items() if fact.standing.vouched}
    for example in older:
        learned = dict(example.learned)
        for name in vouched.keys() & example.learned.keys() if same_layout(fingerprint, example.fingerprint) else ():
            kept = _without_wrong(index, possible_values, name, example.learned[name], vouched[name])
            if kept is None:
                del learned[name]
            else:
                learned[name] = kept
        yield replace(example, learned=learned)


def _without_wrong(
    index: Index, possible_values: PossibleValues, name: str, field: LearnedField, value: Value
) -> LearnedField | None:
    if field.constant is not None:
        wrong = field.constant != as_text(value) and any(
            index.seen(region.anchors[0].words) for region in field.regions
        )
        return None if wrong else field
    places = possible_values.places(name, [field])
    regions = tuple(region for region in field.regions if not _misleads(region, index, places, name, value))
    return replace(field, regions=regions) if regions else None


def _misleads(region: Region, index: Index, places: Places, name: str, value: Value) -> bool:
    pointed = pointed_at(region, index, places)
    return pointed is not None and not same(name, pointed.place.value, value)


class PossibleValues:
    """The places of a document where values may stand, looked for once for each family of fields."""

    def __init__(self, document: LabelledPage) -> None:
        self._document = document
        self._known: dict[Kind, Places] = {}

    def places(self, name: str, learned: Sequence[LearnedField]) -> Places:
        """Where a value may stand; a number where its shape stands, another code at any identifier."""
        kind = kind_of(name)
        if kind is Kind.IDENTIFIER:
            found = shaped(self._document, {field.shape for field in learned if field.shape})
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
        if Kind.IDENTIFIER not in self._known:
            self._known[Kind.IDENTIFIER] = Places(possible(self._document, "service_code"))
        for place in self._known[Kind.IDENTIFIER].all:
            if not any((id(place.cell), word) in taken for word in place.words):
                yield place


def surplus(examples: Sequence[Example]) -> Iterator[int]:
    """Positions of the examples (the newest first) that are not needed: too many of one layout, or of all."""
    kept: list[Example] = []
    for position, example in enumerate(examples):
        alike = sum(same_layout(example.fingerprint, other.fingerprint) for other in kept)
        if not example.learned or alike >= MOST_OF_A_LAYOUT or len(kept) >= MOST_OF_A_SCOPE:
            yield position
        else:
            kept.append(example)
