"""Embedded data against the page: where they say different things, nobody can know which one the seller meant.

A person reads the page, the platform's recipient reads the page, and the data are what would be sent: so a clear
contradiction keeps the invoice back until a person or the portal's metadata decides. Where the page was read without
certainty, or also prints what the data say, it is shown and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.domain.codes import InvoiceType
from include.domain.fields import Candidate, Source
from include.domain.fields.registry import FIELDS, Compared
from include.domain.mapping.candidates import Gathered
from include.domain.mapping.draft import evidence_params, rank
from include.domain.mapping.value_equality import same_value
from include.domain.reasons import Reason

CONTRADICTED_FIELDS = tuple(field.name for field in FIELDS if field.compared is not Compared.NEVER)

CLEARLY_READ = 0.6
"""Confidence from which on the page's own value counts; below it one in five was wrong on families read for the first
time."""

PRINTED_TOO = 0.5
"""Confidence from which on a second value of the page means that the page says both."""

_PAGE = rank(Source.TEXT)


def contradictions(gathered: Gathered) -> Iterator[Reason]:
    """One reason for each field in which the page clearly says something else than the data that were chosen."""
    for name in CONTRADICTED_FIELDS:
        found = gathered.fields.get(name, [])
        if not found or found[0].source is not Source.FACTURX:
            continue
        page = [candidate for candidate in found if rank(candidate.source) == _PAGE]
        if page and _contradicts(name, found[0], page):
            params = evidence_params("chosen", found[0]) | evidence_params("other", page[0])
            yield Reason(code=f"contradicted_{name}", field=name, params=params)


def _contradicts(name: str, chosen: Candidate, page: Sequence[Candidate]) -> bool:
    clear = [candidate for candidate in page if candidate.text is not None and candidate.confidence >= CLEARLY_READ]
    if not clear or page[0] not in clear:
        return False
    if name == "type":  # of the kinds only these two change what is paid, and titles do not tell the others apart
        return (chosen.value == InvoiceType.CREDIT_NOTE) != (page[0].value == InvoiceType.CREDIT_NOTE)
    return not any(same_value(name, chosen, candidate) for candidate in page if candidate.confidence >= PRINTED_TOO)
