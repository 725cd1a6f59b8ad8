"""A stored reading seen again with what was learned since: its words as they are, nothing is recognised anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from include.domain.extraction.confidence.verification import questions, unverified
from include.domain.extraction.layout_memory.example import Memory
from include.domain.extraction.read_fields import page_candidates
from include.domain.fields import Candidate, Source, Value
from include.domain.reading import Reading

EMPTY: frozenset[str] = frozenset()


def reread(
    reading: Reading,
    memory: Memory,
    *,
    supplier_sirets: frozenset[str] = EMPTY,
    recipient_sirets: frozenset[str] = EMPTY,
) -> Reading | None:
    """The reading with remembered values; None where memory says nothing that it does not say already.

    Fields without a remembered value stay as they are, with what the second reader said of them. A remembered value
    whose words were read doubtfully claims no more than one that nobody could read again.
    """
    found = page_candidates(
        reading.pages, supplier_sirets=supplier_sirets, recipient_sirets=recipient_sirets, memory=memory
    )
    told = {
        name: candidates for name, candidates in found.items() if _says_more(candidates, reading.fields.get(name, ()))
    }
    if not told:
        return None
    doubtful = {question.field for question in questions(told, reading.pages)}
    fields = dict(reading.fields)
    for name, candidates in told.items():
        embedded = (candidate for candidate in fields.get(name, ()) if candidate.source is Source.FACTURX)
        page = unverified(candidates) if name in doubtful else candidates
        fields[name] = (*embedded, *(one.measured() for one in page))
    return replace(reading, fields=fields)


def _says_more(found: tuple[Candidate, ...], before: tuple[Candidate, ...]) -> bool:
    """Whether the best value is remembered, and was not so before."""
    known: Mapping[Value, int] = {candidate.value: candidate.remembered for candidate in before}
    best = found[0]
    return best.remembered > known.get(best.value, 0)
