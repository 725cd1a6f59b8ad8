"""What a page leaves open: a second total, and how the tax falls on several rates.

A second total is an amount that is called the whole beside another one, and they do not explain each other.

Whichever is taken, it may be the wrong one, so a person has to look. Explained are sums less what was paid or kept
back, parts that make up the whole, and rows of the VAT table with their tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

from include.domain.extraction.fields.guesses import CENTS, of_this_invoice
from include.domain.extraction.fields.vat import FRENCH_RATES, row_from_totals, tables
from include.domain.extraction.layout.labelled_page import LabelledPage, document_of
from include.domain.extraction.lexicon.labels import SAYS_IT
from include.domain.extraction.lexicon.patterns import amounts, percents
from include.domain.fields import Candidate
from include.domain.reasons import Reason
from include.domain.text import Page


def second_total(pages: Sequence[Page], fields: Mapping[str, tuple[Candidate, ...]]) -> Reason | None:
    """The doubt, with the total that was taken and the other one."""
    totals = [fields[name][0].amount for name in ("total_incl_tax", "amount_due") if fields.get(name)]
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


def rows_missing(pages: Sequence[Page], fields: Mapping[str, tuple[Candidate, ...]]) -> Reason | None:
    """The doubt where the pages name several rates of VAT, tax is asked for, and its rows could not be read.

    One rate makes one row with the totals; of several, nobody knows which part of the tax is whose. A tax that is no
    rate's share of the net total is that of several, whatever the page names.
    """
    tax = fields.get("total_tax", ())
    written = [page for page in pages if page.lines]
    if fields.get("vat") or not tax or not tax[0].amount or not written:
        return None
    document = document_of(tuple(written))
    rates = {found.value for cell in document.layout.cells() for found in percents(cell.written)}
    named = sorted(rate for rate in rates if rate and rate in FRENCH_RATES)
    shown = (
        ", ".join(f"{rate} %" for rate in named) if len(named) > 1 else _mixed(fields.get("total_excl_tax", ()), tax)
    )
    return Reason(code="vat_rows_missing", field="vat", params={"rates": shown}) if shown else None


def _mixed(net: Sequence[Candidate], tax: Sequence[Candidate]) -> str:
    """The tax as a share of the net total, where it is no rate's; else nothing."""
    if not net or not net[0].amount or row_from_totals(net[0].amount, tax[0].amount) is not None:
        return ""
    return f"\N{ALMOST EQUAL TO} {tax[0].amount / net[0].amount * 100:.2f} %"


def _called_total(document: LabelledPage) -> list[Decimal]:
    """Amounts behind a strong label of the total or of what is to be paid, nothing and other currencies left out."""
    found = [
        abs(seen.found.value)
        for field in ("total_incl_tax", "amount_due")
        for seen in document.announced(field, lambda text: list(amounts(text, whole=True)))
        if seen.label.weight >= SAYS_IT and not seen.place.is_under and of_this_invoice(field, seen)
    ]
    return [value for value in dict.fromkeys(found) if value]


def _explanations(document: LabelledPage, totals: Sequence[Decimal]) -> list[Decimal]:
    """What a total may also be called: with a printed amount more or less, or a row of the VAT table with its tax."""
    printed = {abs(found.value) for cell in document.layout.cells() for found in cell.amounts}
    around = [total + sign * part for total, part, sign in product(totals, printed, (1, -1))]
    rows = [abs(row.base) + abs(row.amount) for table in tables(document) for row in table.rows]
    return [*around, *rows]


def _is_one_of(value: Decimal, known: Iterable[Decimal]) -> bool:
    return any(abs(value - other) <= CENTS for other in known)
