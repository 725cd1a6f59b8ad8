"""From examples to what they point at on other pages, and how much stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.example import (
    NEED_LABEL,
    Example,
    LearnedField,
    Memory,
    Standing,
    is_constant,
    kind_of,
)
from include.domain.extraction.layout_memory.fingerprint import fingerprint_of, same_layout
from include.domain.extraction.layout_memory.index import Index
from include.domain.extraction.layout_memory.learn import PossibleValues, title_of
from include.domain.extraction.layout_memory.pointing import Places, Pointed, pointed_at
from include.domain.extraction.layout_memory.regions import Place, same
from include.domain.extraction.layout_memory.shapes import shape_of, structure_of
from include.domain.fields import Claim, Value, as_text
from include.domain.fields.claims import believed, heard
from include.domain.fields.registry import Kind

VOUCHED = (Claim.REMEMBERED_UNSEEN, Claim.REMEMBERED_ONCE, Claim.REMEMBERED_TWICE, Claim.REMEMBERED_OFTEN)
"""By the number of documents behind a place that somebody vouched for. Where the platform took the values and nobody
ever looked, that is worth too little for any field that is sent to go out by itself."""

LEAST_ACCEPTED = 2
"""Fewest documents that the platform must have taken for that."""


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """A value that examples point at.

    `documents` vouch for the place, `accepted` ones merely had it; `against` point elsewhere. `labelled`: the label was
    found too. `alone`: nothing else on the pages looks like it. `odd`: it does not look like the values known.
    `corrected`: the rules alone read these documents otherwise.
    """

    place: Place
    value: Value
    documents: int
    accepted: int
    against: int
    labelled: bool
    alone: bool
    corrected: bool
    odd: bool = False

    @property
    def amount(self) -> Decimal:
        """The value of an amount field, without its sign; TypeError for another."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.value!r} is no amount")
        return self.value

    @property
    def confidence(self) -> float:
        """How sure it is, the words' own confidence included."""
        agreeing = self.documents or self.accepted
        return believed(1.0, *self.claims) * agreeing / (agreeing + 2 * self.against) * heard(self.place.sure)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What stands behind the place, and what against it."""
        vouched = VOUCHED[min(self.documents, len(VOUCHED) - 1)]
        unclear = self.odd or (not self.labelled and not self.alone)
        against = (Claim.REMEMBERED_ELSEWHERE,) if self.against else ()
        return (vouched, *((Claim.PLACE_UNCLEAR,) if unclear else ()), *against)


def recall(document: LabelledPage, memory: Memory) -> dict[str, Recalled]:
    """What the examples of the same layout point at, for each field."""
    index = Index(document)
    fingerprint = fingerprint_of(index)
    alike = [example for example in memory if same_layout(fingerprint, example.fingerprint)]
    names = dict.fromkeys(name for example in alike for name in example.learned)
    possible_values = PossibleValues(document)
    found = ((name, _field(document, index, possible_values, name, alike)) for name in names)
    return {name: recalled for name, recalled in found if recalled is not None}


def _field(
    document: LabelledPage, index: Index, possible_values: PossibleValues, name: str, alike: Sequence[Example]
) -> Recalled | None:
    learned = [example.learned[name] for example in alike if name in example.learned]
    if is_constant(name):
        return _constant(document, index, learned)
    places = possible_values.places(name, learned)
    votes = [list(_votes(name, field, index, places)) for field in learned]
    best = max((vote for cast in votes for vote in cast), key=lambda vote: _support(name, vote, votes), default=None)
    if best is None:
        return None
    mine = [field for field, cast in zip(learned, votes, strict=True) if _supports(name, best, cast)]
    others = [field for field, cast in zip(learned, votes, strict=True) if cast and field not in mine]
    torn = sum(any(not same(name, vote.place.value, best.place.value) for vote in cast) for cast in votes)
    return _recalled(
        best.place,
        best.place.value,
        mine,
        against=_weighty(others) or int(2 * torn > len(mine)),
        labelled=best.labelled,
        alone=len({place.value for place in places.all}) == 1,
        odd=_is_odd(name, best.place.value, learned),
    )


def _is_odd(name: str, value: Value, learned: Sequence[LearnedField]) -> bool:
    """Whether all known values of a code have one structure, and this one has another."""
    known = {structure_of(field.shape) for field in learned if field.shape}
    return kind_of(name) is Kind.IDENTIFIER and len(known) == 1 and structure_of(shape_of(as_text(value))) not in known


def _votes(name: str, field: LearnedField, index: Index, places: Places) -> Iterator[Pointed]:
    """What the regions of one example point at."""
    for region in field.regions:
        pointed = pointed_at(region, index, places)
        if pointed is not None and (pointed.labelled or name not in NEED_LABEL):
            yield pointed


def _supports(name: str, vote: Pointed, cast: Sequence[Pointed]) -> bool:
    return any(same(name, other.place.value, vote.place.value) for other in cast)


def _support(name: str, vote: Pointed, votes: Sequence[Sequence[Pointed]]) -> tuple[int, float]:
    return sum(_supports(name, vote, cast) for cast in votes), vote.score


def _weighty(learned: Sequence[LearnedField]) -> int:
    return sum(field.standing.vouched for field in learned)


def _constant(document: LabelledPage, index: Index, learned: Sequence[LearnedField]) -> Recalled | None:
    """The value of all examples whose title this document has."""
    title = title_of(document)
    if title is None:
        return None
    titled = [
        field
        for field in learned
        for region in field.regions
        if any((seen.page, seen.row) == (title.page, title.row) for seen in index.seen(region.anchors[0].words))
    ]
    values = {field.constant for field in titled}
    if len(values) != 1:
        return None
    sure = min(word.confidence for word in title.words)
    place = Place(title.text, title, title.box, title.text, sure, 0)
    return _recalled(place, str(values.pop()), titled, against=0, labelled=True, alone=True)


def _recalled(
    place: Place,
    value: Value,
    mine: Sequence[LearnedField],
    *,
    against: int,
    labelled: bool,
    alone: bool,
    odd: bool = False,
) -> Recalled | None:
    documents = _weighty(mine)
    if not documents and len(mine) < LEAST_ACCEPTED:
        return None
    return Recalled(
        place=place,
        value=value,
        documents=documents,
        accepted=len(mine) - documents,
        against=against,
        labelled=labelled,
        alone=alone,
        corrected=any(field.standing is Standing.CORRECTED for field in mine),
        odd=odd,
    )
