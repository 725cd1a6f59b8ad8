"""From examples to what they point at on other pages, and how much stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.domain.extraction.memory.example import NEED_LABEL, Example, Lesson, Memory, Standing, kind_of
from include.domain.extraction.memory.index import Index
from include.domain.extraction.memory.learn import Findings, title_of
from include.domain.extraction.memory.look import look_of, same_look
from include.domain.extraction.memory.places import Place, same
from include.domain.extraction.memory.pointing import Places, Pointed, pointed_at
from include.domain.extraction.memory.shapes import shape_of, structure_of
from include.domain.extraction.search import Document

CONFIDENCE = (0.0, 0.55, 0.85, 0.93)
"""What a place claims behind which none, one, two, three or more documents stand that somebody vouched for."""

ACCEPTED = 0.45
"""What it claims where the platform took values from there, and nobody ever looked: too little for any field that is
sent to go out by itself (`configuration/thresholds.py`)."""

LEAST_ACCEPTED = 2
"""So many documents the platform must have taken."""

UNCLEAR = 0.45
"""What it claims at most where no label says so and other words of the page have the same shape, or where its shape is
not that of the values known."""


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """A value that examples point at.

    `documents` vouch for the place, `accepted` ones merely had it; `against` point elsewhere. `labelled`: the label was
    found too. `alone`: nothing else on the pages looks like it. `odd`: it does not look like the values known.
    `corrected`: the rules alone read these documents otherwise.
    """

    place: Place
    value: str
    documents: int
    accepted: int
    against: int
    labelled: bool
    alone: bool
    corrected: bool
    odd: bool = False

    @property
    def confidence(self) -> float:
        """How sure it is, the words' own confidence included."""
        base = CONFIDENCE[min(self.documents, len(CONFIDENCE) - 1)] or ACCEPTED
        if self.odd or (not self.labelled and not self.alone):
            base = min(base, UNCLEAR)
        agreeing = self.documents or self.accepted
        return base * agreeing / (agreeing + 2 * self.against) * (0.5 + 0.5 * self.place.sure)


def recall(document: Document, memory: Memory) -> dict[str, Recalled]:
    """What the examples of the same look point at, for each field."""
    index = Index(document)
    look = look_of(index)
    alike = [example for example in memory if same_look(look, example.look)]
    names = dict.fromkeys(name for example in alike for name in example.lessons)
    findings = Findings(document)
    found = ((name, _field(document, index, findings, name, alike)) for name in names)
    return {name: recalled for name, recalled in found if recalled is not None}


def _field(
    document: Document, index: Index, findings: Findings, name: str, alike: Sequence[Example]
) -> Recalled | None:
    lessons = [example.lessons[name] for example in alike if name in example.lessons]
    if kind_of(name) == "constant":
        return _constant(document, index, lessons)
    places = findings.places(name, lessons)
    votes = [list(_votes(name, lesson, index, places)) for lesson in lessons]
    best = max((vote for cast in votes for vote in cast), key=lambda vote: _support(name, vote, votes), default=None)
    if best is None:
        return None
    mine = [lesson for lesson, cast in zip(lessons, votes, strict=True) if _supports(name, best, cast)]
    others = [lesson for lesson, cast in zip(lessons, votes, strict=True) if cast and lesson not in mine]
    torn = sum(any(not same(name, vote.place.value, best.place.value) for vote in cast) for cast in votes)
    return _recalled(
        best.place,
        best.place.value,
        mine,
        against=_weighty(others) or int(2 * torn > len(mine)),
        labelled=best.labelled,
        alone=len({place.value for place in places.all}) == 1,
        odd=_is_odd(name, best.place.value, lessons),
    )


def _is_odd(name: str, value: str, lessons: Sequence[Lesson]) -> bool:
    """Whether all known values of a code have one structure, and this one has another."""
    known = {structure_of(lesson.shape) for lesson in lessons if lesson.shape}
    return kind_of(name) == "code" and len(known) == 1 and structure_of(shape_of(value)) not in known


def _votes(name: str, lesson: Lesson, index: Index, places: Places) -> Iterator[Pointed]:
    """What the spots of one example point at."""
    for spot in lesson.spots:
        pointed = pointed_at(spot, index, places)
        if pointed is not None and (pointed.labelled or name not in NEED_LABEL):
            yield pointed


def _supports(name: str, vote: Pointed, cast: Sequence[Pointed]) -> bool:
    return any(same(name, other.place.value, vote.place.value) for other in cast)


def _support(name: str, vote: Pointed, votes: Sequence[Sequence[Pointed]]) -> tuple[int, float]:
    return sum(_supports(name, vote, cast) for cast in votes), vote.score


def _weighty(lessons: Sequence[Lesson]) -> int:
    return sum(lesson.standing.vouched for lesson in lessons)


def _constant(document: Document, index: Index, lessons: Sequence[Lesson]) -> Recalled | None:
    """The value of all examples whose title this document has."""
    title = title_of(document)
    if title is None:
        return None
    titled = [
        lesson
        for lesson in lessons
        for spot in lesson.spots
        if any((seen.page, seen.row) == (title.page, title.row) for seen in index.seen(spot.anchors[0].words))
    ]
    values = {lesson.constant for lesson in titled}
    if len(values) != 1:
        return None
    sure = min(word.confidence for word in title.words)
    place = Place(title.text, title, title.box, title.text, sure, 0)
    return _recalled(place, str(values.pop()), titled, against=0, labelled=True, alone=True)


def _recalled(
    place: Place,
    value: str,
    mine: Sequence[Lesson],
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
        corrected=any(lesson.standing is Standing.CORRECTED for lesson in mine),
        odd=odd,
    )
