"""Totals and VAT rows, chosen together: HT + TVA = TTC, and rows add up.

A label alone may lie (`Total HT` heads a column of lines, `Total` stands everywhere); a sum of three figures does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, product

from include.domain.extraction.fields.amount_due import amount_due
from include.domain.extraction.fields.evidence import source_of
from include.domain.extraction.fields.guesses import CENTS, Guess, best_of, derived, guesses_of
from include.domain.extraction.fields.regime import says_no_vat
from include.domain.extraction.fields.vat import HIGHEST_RATE, Row, Table, row_from_totals, tables
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.labels import STANDS_ANYWHERE, TOTAL_ROW
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import believed, heard
from include.domain.fields.registry import TOTALS
from include.domain.values import cents, fold

SUM_BONUS = 2.0
TABLE_BONUS = 0.8
RATE_BONUS = 0.4
OFF_COST = 0.5
"""Score that a sum loses which is a cent off an exact one: the other figure may be one row of the taxes."""

COLUMN = 6.0
"""How far the edges of the amounts of one column may be apart, in points."""

CALLED = 0.5
"""Score from which on a label calls an amount a total so clearly that another one in its place is doubted."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The chosen figures."""

    excl: Guess | None
    tax: Guess | None
    incl: Guess | None
    table: Table | None
    score: float

    @property
    def sum_holds(self) -> bool:
        """Whether all three are there and add up, or the VAT table adds up to the total."""
        return _adds_up(self.excl, self.tax, self.incl) or _proves(self.table, self.incl)


def amount_fields(
    document: LabelledPage, remembered: Mapping[str, Sequence[Guess]] | None = None
) -> dict[str, tuple[Candidate, ...]]:
    """Candidates for the three totals, the amount due and the VAT table; `remembered` places are weighed among them."""
    known = remembered or {}
    guesses = {name: best_of([*guesses_of(document, name), *known.get(name, ())]) for name in TOTALS}
    due = best_of([*guesses_of(document, "amount_due"), *known.get("amount_due", ())])
    for name, extra in _total_rows(document, [*guesses["total_incl_tax"], *due]).items():
        guesses[name] = best_of([*guesses[name], *extra])
    guesses["total_incl_tax"] += _only_due(guesses, due)
    totals = _choose(guesses, due, tables(document))
    fields = {
        "total_excl_tax": _field(totals.excl, guesses["total_excl_tax"], totals),
        "total_tax": _field(totals.tax, guesses["total_tax"], totals),
        "total_incl_tax": _field(totals.incl, guesses["total_incl_tax"], totals),
        "vat": _vat(totals),
    }
    _derive(document, fields, totals, due)
    _doubt_derived(document, fields, guesses, totals)
    fields["amount_due"] = amount_due(document, fields["total_incl_tax"], due)
    return {name: candidates for name, candidates in fields.items() if candidates}


def _total_rows(document: LabelledPage, totals: Sequence[Guess]) -> dict[str, list[Guess]]:
    """The last line of a table: three amounts of which the first two make the third, or the two that make a total."""
    found: dict[str, list[Guess]] = {name: [] for name in TOTALS}
    for announcement in document.announcements:
        if not any(label.field == TOTAL_ROW for label in announcement.labels):
            continue
        values = list(_amounts_right_of(document, announcement.cell))
        sums = [three for three in zip(values, values[1:], values[2:], strict=False) if _adds_up(*three)]
        if not sums and len(values) == 2:
            excl, tax = values
            sums = [(excl, tax, total) for total in totals if _adds_up(excl, tax, total)]
        for three in sums:
            for name, guess in zip(found, three, strict=True):
                found[name].append(guess)
    return found


def _amounts_right_of(document: LabelledPage, cell: Cell) -> Iterator[Guess]:
    for other in (cell, *document.layout.right_of(cell)):
        for found in other.amounts:
            yield Guess(found.value, 1.0, other, found).but(Claim.IN_TOTAL_ROW)


def _adds_up(excl: Guess | None, tax: Guess | None, incl: Guess | None) -> bool:
    off = _off(excl, tax, incl)
    return off is not None and off <= CENTS


def _off(excl: Guess | None, tax: Guess | None, incl: Guess | None) -> Decimal | None:
    """How far net amount and tax are from the total; None where one of the three is missing."""
    if excl is None or tax is None or incl is None:
        return None
    return abs(abs(excl.value) + abs(tax.value) - abs(incl.value))


def _only_due(guesses: Mapping[str, Sequence[Guess]], due: Sequence[Guess]) -> list[Guess]:
    """The total that is printed as the amount due only: what the net amount and the tax make exactly."""
    called = {abs(guess.value) for guess in guesses["total_incl_tax"]}
    pairs = [*product(guesses["total_excl_tax"], guesses["total_tax"])]
    return [
        total.but(Claim.PRINTED_AS_DUE)
        for total in due
        if abs(total.value) not in called and any(_adds_up(excl, tax, total) for excl, tax in pairs)
    ]


def _choose(guesses: dict[str, list[Guess]], due: Sequence[Guess], found: Sequence[Table]) -> Totals:
    """The combination with the highest score; each field may also stay empty."""
    choices = [[*guesses[name], None] for name in TOTALS]
    best: Totals | None = None
    for excl, tax, incl in product(*choices):
        table = _table_for(excl, tax, incl, found)
        score = _score(excl, tax, incl, table, due) - _cost(excl, tax, incl, found, due)
        if best is None or score > best.score:
            best = Totals(excl=excl, tax=tax, incl=incl, table=table, score=score)
    assert best is not None
    return best


def _table_for(excl: Guess | None, tax: Guess | None, incl: Guess | None, found: Sequence[Table]) -> Table | None:
    """The first table that fits the totals; where they are not printed, one that adds up to the total with tax."""
    if excl is None and tax is None:
        return next((table for table in found if _proves(table, incl)), None)
    base = abs(excl.value) if excl else None
    amount = abs(tax.value) if tax else None
    return next((table for table in found if table.fits(base, amount)), None)


def _proves(table: Table | None, incl: Guess | None) -> bool:
    """Whether bases and taxes of a VAT table make the total with tax."""
    if table is None or incl is None:
        return False
    return abs(abs(table.base) + abs(table.amount) - abs(incl.value)) <= CENTS


def _score(
    excl: Guess | None, tax: Guess | None, incl: Guess | None, table: Table | None, due: Sequence[Guess]
) -> float:
    score = sum(guess.score for guess in (excl, tax, incl) if guess)
    off = _off(excl, tax, incl)
    if off is not None and off > CENTS:
        score -= SUM_BONUS
    elif off is not None:
        score += SUM_BONUS - OFF_COST * bool(off)
    elif _proves(table, incl):
        score += SUM_BONUS - OFF_COST
    elif _makes_a_rate(excl, tax, incl):
        score += RATE_BONUS
    if table:
        score += TABLE_BONUS if excl else TABLE_BONUS / 2
    total = incl.value if incl else _sum_of(excl, tax, table)
    if total is not None and any(abs(abs(guess.value) - abs(total)) <= CENTS for guess in due):
        score += TABLE_BONUS / 2
    if excl and incl and abs(excl.value) > abs(incl.value) + CENTS:
        score -= SUM_BONUS
    if excl and tax and abs(tax.value) > abs(excl.value) * HIGHEST_RATE / 100 + CENTS:
        score -= 2 * SUM_BONUS  # the base of the tax, printed beside it
    return score


def _makes_a_rate(excl: Guess | None, tax: Guess | None, incl: Guess | None) -> bool:
    """Whether two of the three leave a third with which the tax is that of one rate."""
    if incl is None or (excl is None) == (tax is None):
        return False
    base = abs(excl.value) if excl else abs(incl.value) - abs(tax.value) if tax else Decimal(0)
    return row_from_totals(base, abs(incl.value) - base) is not None


def _cost(
    excl: Guess | None, tax: Guess | None, incl: Guess | None, found: Sequence[Table], due: Sequence[Guess]
) -> float:
    """What speaks against totals that agree among themselves: they are one row of several, or more than that is due."""
    cost = 0.0
    if excl and tax and any(table.has_as_one_row(abs(excl.value), abs(tax.value)) for table in found):
        cost += SUM_BONUS
    if incl and any(guess.score >= STANDS_ANYWHERE and abs(guess.value) > abs(incl.value) + CENTS for guess in due):
        cost += TABLE_BONUS
    return cost


def _sum_of(excl: Guess | None, tax: Guess | None, table: Table | None) -> Decimal | None:
    """The total that a net amount and its tax make; the tax may be known from the table only."""
    if excl is None or (tax is None and table is None):
        return None
    return abs(excl.value) + (abs(tax.value) if tax else abs(table.amount) if table else Decimal(0))


def _field(chosen: Guess | None, guesses: Sequence[Guess], totals: Totals) -> tuple[Candidate, ...]:
    """The chosen candidate first; a sum that holds makes it as good as certain."""
    if chosen is None:
        return ()
    if totals.sum_holds:
        sure = chosen.instead(heard(chosen.found.confidence), Claim.SUM_ADDS_UP)
    else:
        sure = chosen.but(Claim.SUM_DOES_NOT_ADD_UP)
    others = [guess.but(Claim.NOT_CHOSEN).candidate() for guess in guesses if abs(guess.value) != abs(chosen.value)]
    return (sure.candidate(), *others[:3])


def _vat(totals: Totals) -> tuple[Candidate, ...]:
    """The rows, where they add up to the totals; without a table, one rate that follows from the totals."""
    if totals.table is None:
        return ()
    rows: Sequence[Row] = totals.table.rows
    return (
        Candidate(
            value=tuple(row.canonical() for row in rows),
            source=source_of(rows[0].cell),
            page=rows[0].cell.page,
            box=rows[0].box,
            text="; ".join(row.cell.text for row in rows),
            confidence=round(believed(heard(min(row.confidence for row in rows)), Claim.ROWS_ADD_UP), 3),
            claims=(Claim.ROWS_ADD_UP,),
        ),
    )


def _derive(
    document: LabelledPage, fields: dict[str, tuple[Candidate, ...]], totals: Totals, due: Sequence[Guess]
) -> None:
    """Fills a total without a label from the others, and the one VAT row that follows from totals."""
    excl, tax, incl = (_decimal(fields[name]) for name in TOTALS)
    if totals.table is not None and tax is None:
        tax = totals.table.amount
        fields["total_tax"] = _unlabelled(document, fields, tax, totals)
    if totals.table is not None and excl is None:
        excl = totals.table.base
        fields["total_excl_tax"] = _unlabelled(document, fields, excl, totals)
    if incl is None and excl is not None and tax is not None:
        fields["total_incl_tax"] = _unlabelled(document, fields, excl + tax, totals)
    elif tax is None and excl is not None and incl is not None and incl >= excl:
        fields["total_tax"] = _unlabelled(document, fields, incl - excl, totals)
    elif excl is None and tax is not None and incl is not None and incl >= tax:
        fields["total_excl_tax"] = _unlabelled(document, fields, incl - tax, totals)
    elif tax is None and (excl is None) != (incl is None) and _has_no_tax(document, excl, due):
        _without_tax(document, fields, due)
    elif incl is None and excl is None and tax is None and due:
        fields["total_incl_tax"] = (due[0].instead(1.0, Claim.DUE_FOR_TOTAL).candidate(),)
        _without_tax(document, fields, due)
    row = row_from_totals(_decimal(fields["total_excl_tax"]), _decimal(fields["total_tax"]))
    if not fields["vat"] and row is not None:
        fields["vat"] = (derived(fields["total_excl_tax"][0], (row,), Claim.ROW_WORKED_OUT),)


def _doubt_derived(
    document: LabelledPage,
    fields: dict[str, tuple[Candidate, ...]],
    guesses: Mapping[str, Sequence[Guess]],
    totals: Totals,
) -> None:
    """What follows from two totals hardly counts where the page prints another one, or the tax is of no rate.

    Carriage, a discount or a contribution between the sums makes a total without tax that is not the last one: where
    such an amount explains the difference, and the tax is exactly that of one rate, the derived one is it.
    """
    if totals.sum_holds or totals.table is not None:
        return
    for name, chosen in zip(TOTALS, (totals.excl, totals.tax, totals.incl), strict=True):
        if chosen is not None or not fields[name]:
            continue
        derived_one = fields[name][0]
        rivals = [abs(guess.value) for guess in guesses[name] if guess.score >= CALLED and guess.value]
        rivals = [value for value in rivals if abs(value - abs(derived_one.amount)) > CENTS]
        excl, tax = _decimal(fields["total_excl_tax"]), _decimal(fields["total_tax"])
        of_a_rate = row_from_totals(excl, tax) is not None or not tax
        explained = name == "total_excl_tax" and _is_explained(document, abs(derived_one.amount), rivals)
        if (rivals and not explained) or not of_a_rate:
            derived_one = derived_one.but(Claim.OTHER_TOTAL_PRINTED)
        elif rivals:
            derived_one = derived_one.but(Claim.DIFFERENCE_PRINTED)
        fields[name] = (derived_one, *fields[name][1:])


def _is_explained(document: LabelledPage, total: Decimal, rivals: Sequence[Decimal]) -> bool:
    """Whether the page prints what lies between each of these and the total."""
    printed = {abs(found.value) for cell in document.layout.cells() for found in cell.amounts}
    return all(abs(total - rival) in printed for rival in rivals)


def _without_tax(document: LabelledPage, fields: dict[str, tuple[Candidate, ...]], due: Sequence[Guess]) -> None:
    """Fills the totals from the one that is printed, to which nothing is added."""
    known = (fields["total_excl_tax"] or fields["total_incl_tax"])[0]
    same = abs(known.amount)
    elsewhere = any(abs(guess.value) == same and guess.found.box != known.box for guess in due)
    is_sure = _is_exempt(document) and (elsewhere or _is_sum_of_lines(document, known))
    fields["total_tax"] = (derived(known, cents(Decimal(0))),)
    for name in ("total_excl_tax", "total_incl_tax"):
        first, *others = fields[name] or (derived(known, same),)
        fields[name] = (first.but(Claim.SAID_TWICE) if is_sure else first, *others)


def _has_no_tax(document: LabelledPage, excl: Decimal | None, due: Sequence[Guess]) -> bool:
    """Whether nothing is added to the one total: the net amount is due as it is, or the page says why it is exempt."""
    if excl is not None and any(abs(guess.value) == excl for guess in due):
        return True
    return _is_exempt(document)


def _is_sum_of_lines(document: LabelledPage, total: Candidate) -> bool:
    """Whether the amounts over a total make it: those at its left or right edge, or the last one of each line."""
    if total.box is None:
        return False
    left, top, right, _ = total.box
    lines = [
        [found for cell in row for found in cell.amounts if found.box[3] <= top]
        for row in document.layout.rows(total.page)
    ]
    column = [
        found.value
        for line in lines
        for found in line
        if min(abs(found.box[0] - left), abs(found.box[2] - right)) < COLUMN
    ]
    last = [line[-1].value for line in lines if line]
    return any(sums == abs(total.amount) for over in (column, last) for sums in accumulate(reversed(over)))


def _is_exempt(document: LabelledPage) -> bool:
    """Whether a notice says that no VAT is asked for, and why."""
    return any(says_no_vat(fold(cell.text)) for cell in document.layout.cells())


def _unlabelled(
    document: LabelledPage, fields: dict[str, tuple[Candidate, ...]], value: Decimal, totals: Totals
) -> tuple[Candidate, ...]:
    """A total that follows from others: where some place prints it that place is its evidence, else it has none."""
    value = abs(value)
    for cell in reversed(list(document.layout.cells())):
        for found in cell.amounts:
            if abs(found.value) == value and value:
                return (Guess(found.value, 1.0, cell, found).but(Claim.PRINTED_WITHOUT_LABEL).candidate(),)
    known = next(fields[name][0] for name in TOTALS if fields[name])
    return (derived(known, cents(value), Claim.WORKED_OUT_OF_SUM if totals.sum_holds else Claim.WORKED_OUT),)


def _decimal(candidates: Sequence[Candidate]) -> Decimal | None:
    """Without its sign: sums are made of sizes, and a total below zero is looked at where the type is known."""
    return abs(candidates[0].amount) if candidates else None
