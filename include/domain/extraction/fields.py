"""All fields of a document: XML candidates first, then what its pages say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.domain.fields import Candidate
from include.domain.text import Page


def page_candidates(
    pages: Sequence[Page], *, supplier_sirets: frozenset[str], recipient_sirets: frozenset[str]
) -> Mapping[str, tuple[Candidate, ...]]:
    """Candidates per field from the pages alone, best first."""
    return {}
