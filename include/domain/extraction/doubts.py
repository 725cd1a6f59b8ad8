"""A second total: two amounts that are both called the whole, and do not explain each other.

Whichever is taken, it may be the wrong one, so a person has to look. Explained are sums less what was paid or kept
back, parts that make up the whole, and rows of the VAT table with their tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

from include.domain.extraction.amounts import CENTS, of_this_invoice
from include.domain.extraction.patterns import Text, amounts
from include.domain.extraction.search import Document, Place, document_of
from include.domain.extraction.vat import tables
from include.domain.fields import Candidate
from include.domain.reasons import Reason
from include.domain.text import Page

STRONG = 0.9
"""Labels of this weight say `the total` in so many words; weaker ones head columns and parts."""


def second_total(pages: Sequence[Page], fields: Mapping[str, tuple[Candidate, ...]]) -> Reason | None:
    """The doubt, with the total that was taken and the other one."""
    totals = [Decimal(str(fields[name][0].value)) for name in ("total_incl_tax", "amount_due") if fields.get(name)]
    written = [page for page in pages if page.lines]
    if not totals or not written:
        return None
    document = document_of(tuple(written))
    called = _called_total(document)
    rivals = [value for value in called if not _is_one_of(value, totals)]
    if not rivals or _is_one_of(sum(rivals, Decimal(0)), totals):
        return None
    explained = _explanations(document, totals)
    other = next((value for value in rivals if not _is_one_of(value, explained)), None)
    if other is None:
        return None
    return Reason(code="second_total", field="total_incl_tax", params={"chosen": f"{totals[0]}", "other": f"{other}"})


def _called_total(document: Document) -> list[Decimal]:
    """Amounts behind a strong label of the total or of what is to be paid, nothing and other currencies left out."""
    found = [
        abs(seen.found.value)
        for field in ("total_incl_tax", "amount_due")
        for seen in document.announced(field, lambda text: list(amounts(text, whole=True)))
        if seen.label.weight >= STRONG and seen.place is not Place.BELOW and of_this_invoice(field, seen)
    ]
    return [value for value in dict.fromkeys(found) if value]


def _explanations(document: Document, totals: Sequence[Decimal]) -> list[Decimal]:
    """What a total may also be called: with a printed amount more or less, or a row of the VAT table with its tax."""
    printed = {abs(found.value) for cell in document.layout.cells() for found in amounts(Text(cell.words))}
    around = [total + sign * part for total, part, sign in product(totals, printed, (1, -1))]
    rows = [abs(row.base) + abs(row.amount) for table in tables(document) for row in table.rows]
    return [*around, *rows]


def _is_one_of(value: Decimal, known: Iterable[Decimal]) -> bool:
    return any(abs(value - other) <= CENTS for other in known)
