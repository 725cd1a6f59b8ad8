"""From a found value to a candidate with its evidence; several sightings of one value strengthen each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import Found
from include.domain.fields import Candidate, Source, Value
from include.domain.text import TextSource

REPEATED = 0.05
"""What another sighting of the same value adds to its confidence."""


def source_of(cell: Cell) -> Source:
    """Text layer or OCR."""
    return Source.OCR if cell.source == TextSource.OCR else Source.TEXT


BARELY = 0.3
"""What may be the value: less than any threshold, so that a person looks rather than that it is left out."""

CLOSE = 0.85
"""From this share of the best one's confidence on another value is a rival."""

UNDECIDED = 0.35
"""What the best of two close ones may claim: less than any threshold of automatic submission."""


def undecided(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The same, unsure of the best one where another value stands behind a label just as good."""
    best = candidates[0] if candidates else None
    if best is None or best.remembered or len(candidates) < 2:
        return candidates
    if candidates[1].confidence < CLOSE * best.confidence:
        return candidates
    return (replace(best, confidence=min(best.confidence, UNDECIDED)), *candidates[1:])


def candidate(value: Value, found: Found[Any], cell: Cell, confidence: float) -> Candidate:
    """The candidate with the words it was read from."""
    return Candidate(
        value=value,
        source=source_of(cell),
        page=cell.page,
        box=found.box,
        text=" ".join(word.text for word in found.words),
        confidence=round(min(max(confidence, 0.0), 1.0), 3),
    )


def ranked(candidates: Iterable[Candidate], most: int = 5) -> tuple[Candidate, ...]:
    """Best first, each value once, with a little more confidence for every place where it stands again."""
    best: dict[Value, Candidate] = {}
    places: dict[Value, set[object]] = {}
    for found in candidates:
        places.setdefault(found.value, set()).add((found.page, found.box))
        if found.value not in best or found.confidence > best[found.value].confidence:
            best[found.value] = found
    strengthened = [
        replace(found, confidence=round(min(1.0, found.confidence + REPEATED * (len(places[value]) - 1)), 3))
        for value, found in best.items()
    ]
    return tuple(sorted(strengthened, key=lambda found: -found.confidence)[:most])
