"""From a found value to a candidate with its evidence; several labels of one value strengthen each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.lexicon.patterns import Found
from include.domain.fields import Candidate, Claim, Source, Value
from include.domain.fields.claims import believed
from include.domain.text import TextSource


def source_of(cell: Cell) -> Source:
    """Text layer or OCR."""
    return Source.OCR if cell.source == TextSource.OCR else Source.TEXT


READ_WELL = 0.97
"""How sure a reader is of words that it read well. Measured on generated scans: of 740 values read with .999 and more,
and 131 with .98 and more, all were right; below .97 one in ten was wrong, nearly all of them O for 0 or the like."""


def read_poorly(sure: float) -> tuple[Claim, ...]:
    """What is to be said against words that were read so surely."""
    return (Claim.SCAN_READ_POORLY,) if sure < READ_WELL else ()


CLOSE = 0.85
"""Share of the best candidate's confidence from which on another value counts as its rival."""


def undecided(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The same candidates; the best one is made unsure where another value stands behind a label just as good."""
    best = candidates[0] if candidates else None
    if best is None or best.remembered or len(candidates) < 2:
        return candidates
    if candidates[1].confidence < CLOSE * best.confidence:
        return candidates
    return (best.but(Claim.SEVERAL_CANDIDATES), *candidates[1:])


def candidate(value: Value, found: Found[Any], cell: Cell, sure: float, *claims: Claim) -> Candidate:
    """The candidate with the words it was read from: as sure as its label makes it, and what is claimed of it."""
    claims = (*claims, *read_poorly(found.confidence))
    return Candidate(
        value=value,
        source=source_of(cell),
        page=cell.page,
        box=found.box,
        text=" ".join(word.text for word in found.words),
        confidence=round(min(max(believed(sure, *claims), 0.0), 1.0), 3),
        claims=claims,
    )


def ranked(candidates: Iterable[Candidate], most: int = 5) -> tuple[Candidate, ...]:
    """Best first, each value once, with a little more confidence for every place where it stands again."""
    best: dict[Value, Candidate] = {}
    places: dict[Value, set[object]] = {}
    for found in candidates:
        places.setdefault(found.value, set()).add((found.page, found.box))
        if found.value not in best or found.confidence > best[found.value].confidence:
            best[found.value] = found
    strengthened = [found.but(*[Claim.FOUND_AGAIN] * (len(places[value]) - 1)) for value, found in best.items()]
    return tuple(sorted(strengthened, key=lambda found: -found.confidence)[:most])
