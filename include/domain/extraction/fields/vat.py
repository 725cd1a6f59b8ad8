"""The VAT table: rows of rate, base and amount, found by arithmetic, not by the heads of the columns.

Whatever the layout, in a row of a VAT table base x rate = amount, and the rows add up to the totals of the invoice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, permutations, product

from include.domain.extraction.layout.cells import Cell, overlaps
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.patterns import Found, Text, percents
from include.domain.fields import VatRow
from include.domain.text import Box, TextSource, Word, union
from include.domain.values import cents

ROUNDING = Decimal("0.02")
"""How far a row's amount may be from base x rate, and a sum of rows from its total for each row."""

FRENCH_RATES = tuple(Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "8.5", "0"))
"""Standard, intermediate, reduced, special, overseas, none."""

HIGHEST_RATE = Decimal(30)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its cell as evidence."""

    rate: Decimal
    base: Decimal
    amount: Decimal
    cell: Cell
    box: Box
    confidence: float

    def canonical(self) -> VatRow:
        """As fields hold it."""
        return VatRow(cents(self.rate), cents(abs(self.base)), cents(abs(self.amount)))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that stand together, one for each rate."""

    rows: tuple[Row, ...]

    @property
    def base(self) -> Decimal:
        """Sum of the bases."""
        return sum((row.base for row in self.rows), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """Sum of the VAT amounts."""
        return sum((row.amount for row in self.rows), Decimal(0))

    def fits(self, base: Decimal | None, amount: Decimal | None) -> bool:
        """Whether the rows add up to totals as far as these are known."""
        slack = ROUNDING * len(self.rows)
        return all(
            total is None or abs(abs(mine) - abs(total)) <= slack
            for mine, total in ((self.base, base), (self.amount, amount))
        )

    def has_as_one_row(self, base: Decimal, amount: Decimal) -> bool:
        """Whether this is one row beside another of another rate: then it is no total."""
        others = [row for row in self.rows if (abs(row.base), abs(row.amount)) != (base, amount)]
        return len(others) < len(self.rows) and any(row.rate and row.amount for row in others)


def row_from_totals(excl: Decimal | None, tax: Decimal | None) -> VatRow | None:
    """The one VAT row that totals imply: when exactly one French rate leads from the net total to the tax."""
    if not excl or tax is None:
        return None
    rates = [rate for rate in FRENCH_RATES if abs(excl * rate / 100 - tax) <= ROUNDING]
    if len(rates) != 1:
        return None
    return VatRow(cents(rates[0]), cents(excl), cents(tax))


def tables(document: LabelledPage) -> list[Table]:
    """Every group of neighbouring rows, the lowest first; then rows put together from two lines or over pages."""
    rows = [row for line in document.layout.rows() if (row := _row(line)) is not None]
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _goes_on(groups[-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    found = [Table(tuple(group)) for group in reversed(groups)]
    crossed = [table for page in document.layout.pages if (table := _crossed(document, page.number)) is not None]
    put_together = [*_transposed(document), *_paired(document), *_merged(rows), *_of_items(document)]
    return [*found, *crossed, *put_together, *_behind_chance(rows)]


def _goes_on(group: Sequence[Row], row: Row) -> bool:
    """Whether a row of another rate stands close under a table; exempt rows may repeat theirs, each with its motive."""
    last = group[-1].cell
    close = last.page == row.cell.page and row.cell.row - last.row <= 2
    return close and (row.rate == 0 or row.rate not in {other.rate for other in group})


def _behind_chance(rows: Sequence[Row]) -> Iterator[Table]:
    """The tables that begin in the second row of a group: the first one may be a row of items.

    Five of one thing at a price make a sum of which the price is 20 %.
    """
    for place in range(1, len(rows)):
        if not _goes_on(rows[place - 1 : place], rows[place]):
            continue
        group = [rows[place]]
        for row in rows[place + 1 :]:
            if not _goes_on(group, row):
                break
            group.append(row)
        if len(group) > 1:
            yield Table(tuple(group))


def _row(cells: Sequence[Cell]) -> Row | None:
    """A line with one rate and two amounts of which one is the rate's share of the other.

    The rate may stand without its sign (`20,00` in a column of rates), and on a scan it may be misread (`,5 %`): then a
    rate of French law that fits the two amounts stands in for it. A printed one that the law knows was read rightly.
    """
    words = tuple(word for cell in cells for word in cell.words)
    text = Text(words)
    rates = [found for found in percents(text) if found.value <= HIGHEST_RATE]
    values = [found for cell in cells for found in cell.amounts]
    scanned = cells[0].source == TextSource.OCR and "%" in text.plain
    if len(values) < 2 or len({found.value for found in rates}) > 1:
        return None
    possible: list[tuple[Decimal, Found[Decimal] | None]] = [(found.value, found) for found in rates[:1]]
    if scanned and not any(rate in FRENCH_RATES for rate, _ in possible):
        possible += [(rate, None) for rate in FRENCH_RATES if rate]
    elif not rates:
        possible += [(found.value, found) for found in values if found.value in FRENCH_RATES]
        possible += [(rate, None) for rate in FRENCH_RATES if rate and f"{rate}" in _bare_numbers(words)]
    for (rate, printed), (base, amount) in product(possible, permutations(values, 2)):
        if (
            printed not in (base, amount)
            and _agree(rate, base.value, amount.value)
            and _is_left_or_only(base, amount, rate)
        ):
            return Row(
                rate=rate,
                base=base.value,
                amount=amount.value,
                cell=cells[0],
                box=union([base.box, amount.box]),
                confidence=min(base.confidence, amount.confidence),
            )
    return None


def _bare_numbers(words: Sequence[Word]) -> set[str]:
    """Words that may be rates without their sign: `20`, `5,5`."""
    return {word.text.replace(",", ".") for word in words}


def _is_left_or_only(base: Found[Decimal], amount: Found[Decimal], rate: Decimal) -> bool:
    """At a rate of zero both amounts may be anything: then the base stands first and only the amount is zero."""
    return bool(rate) or (base.box[0] < amount.box[0] and base.value != 0)


def _agree(rate: Decimal, base: Decimal, amount: Decimal) -> bool:
    return abs(base * rate / 100 - amount) <= ROUNDING and (base != 0 or amount != 0)


def _merged(rows: Sequence[Row]) -> Iterator[Table]:
    """All rows added up by rate: invoices whose lines of items carry their VAT amounts, several pages."""
    by_rate: dict[Decimal, list[Row]] = defaultdict(list)
    for row in rows:
        by_rate[row.rate].append(row)
    if any(len(same) > 1 for same in by_rate.values()):
        yield Table(tuple(_sum(same) for same in by_rate.values()))


def _sum(rows: Sequence[Row]) -> Row:
    return Row(
        rate=rows[0].rate,
        base=sum((row.base for row in rows), Decimal(0)),
        amount=sum((row.amount for row in rows), Decimal(0)),
        cell=rows[0].cell,
        box=rows[0].box,
        confidence=min(row.confidence for row in rows),
    )


def _transposed(document: LabelledPage) -> Iterator[Table]:
    """Rates as heads of columns, bases and amounts in the two lines below them; a column of sums may follow."""
    lines = list(document.layout.rows())
    for place, line in enumerate(lines):
        rates = [found.value for cell in line for found in percents(cell.written)]
        if len(rates) < 2 or len(set(rates)) < len(rates):
            continue
        below = [[(cell, found) for cell in other for found in cell.amounts] for other in lines[place + 1 :]]
        bases, taxes = [*below, [], []][:2]
        columns = list(zip(rates, bases, taxes, strict=False))
        if len(columns) == len(rates) and all(_agree(rate, base[1].value, tax[1].value) for rate, base, tax in columns):
            yield Table(
                tuple(
                    Row(rate, base.value, tax.value, cell, base.box, min(base.confidence, tax.confidence))
                    for rate, (cell, base), (_, tax) in columns
                )
            )


def _paired(document: LabelledPage) -> Iterator[Table]:
    """Heads that each name a rate twice, `Base 10 %` and `TVA 10 %`, with their amounts in the line below."""
    lines = list(document.layout.rows())
    for heads, values in pairwise(lines):
        under: dict[Decimal, list[tuple[Cell, Found[Decimal]]]] = defaultdict(list)
        for head in heads:
            rates = {found.value for found in percents(head.written)}
            below = [(cell, found) for cell in values if overlaps(head.box, cell.box) for found in cell.amounts]
            if len(rates) == 1 and len(below) == 1:
                under[rates.pop()] += below
        rows = [
            Row(rate, base.value, tax.value, cell, base.box, min(base.confidence, tax.confidence))
            for rate, ((cell, base), (_, tax)) in ((rate, two) for rate, two in under.items() if len(two) == 2)
            if _agree(rate, base.value, tax.value)
        ]
        if len(rows) > 1:
            yield Table(tuple(rows))


def _of_items(document: LabelledPage) -> Iterator[Table]:
    """Lines of items that each name their rate, added up by rate, where the tax of each sum is printed too."""
    by_rate: dict[Decimal, list[tuple[Cell, Found[Decimal]]]] = defaultdict(list)
    printed = {abs(found.value) for cell in document.layout.cells() for found in cell.amounts}
    for line in document.layout.rows():
        rates = {found.value for cell in line for found in percents(cell.written)}
        values = [(cell, found) for cell in line for found in cell.amounts]
        if len(rates) == 1 and len(values) > 1:
            by_rate[rates.pop()].append(values[-1])
    rows = []
    for rate, values in by_rate.items():
        base = sum((found.value for _, found in values), Decimal(0))
        tax = cents(base * rate / 100)
        if tax in printed:
            cell, first = values[0]
            rows.append(Row(rate, base, tax, cell, first.box, min(found.confidence for _, found in values)))
    if len(rows) == len(by_rate) > 1:
        yield Table(tuple(rows))


def _crossed(document: LabelledPage, page: int) -> Table | None:
    """Base and amount of a rate on two lines: `TVA 20 % ... 2,17` and `Montant soumis à 20 % ... 10,83`."""
    by_rate: dict[Decimal, list[tuple[Cell, Found[Decimal]]]] = defaultdict(list)
    for line in document.layout.rows(page):
        rates = {found.value for cell in line for found in percents(cell.written) if found.value <= HIGHEST_RATE}
        values = [(cell, found) for cell in line for found in cell.amounts]
        if len(rates) == 1 and len(values) == 1:
            by_rate[rates.pop()].extend(values)
    rows: list[Row] = []
    for rate, values in by_rate.items():
        pair = next(
            ((one, two) for one, two in permutations(values, 2) if rate and _agree(rate, one[1].value, two[1].value)),
            None,
        )
        if pair is not None:
            (cell, base), (_, amount) = pair
            confidence = min(base.confidence, amount.confidence)
            rows.append(Row(rate, base.value, amount.value, cell, base.box, confidence))
    return Table(tuple(rows)) if rows else None
