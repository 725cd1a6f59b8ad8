"""Totals, amount due and VAT rows, chosen together: HT + TVA = TTC, rows add up, due = TTC - already paid.

A label alone may lie (`Total HT` heads a column of lines, `Total` stands everywhere); a sum of three figures does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from include.domain.extraction.evidence import source_of
from include.domain.extraction.labels import PAID, TOTAL_ROW
from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import Found, Text, amounts
from include.domain.extraction.search import Announced, Document
from include.domain.extraction.vat import HIGHEST_RATE, Row, Table, row_from_totals, tables
from include.domain.fields import Candidate, VatRow
from include.domain.values import canonical_amount, fold

TOTAL_FIELDS = ("total_excl_tax", "total_tax", "total_incl_tax")

CENTS = Decimal("0.02")
"""Programs that round each line print totals that are a cent or two apart from their sum."""

MOST = 8
"""Candidates a field takes into the choice."""

STRONG_DUE = 0.8
SUM_BONUS = 2.0
TABLE_BONUS = 0.8
OFF_COST = 0.5
"""What a sum that is a cent off loses to one that is exact: the other figure may be one row of the taxes."""

_OF_BEFORE = re.compile(r"\b(?:preced|anter|deja|cumul|initial|report)")
"""Between a label and its amount: it is that of an earlier invoice, or of the whole contract."""

_FOREIGN = re.compile(r"\b(?:CHF|USD|GBP)\b|[$£]")
"""A total in another currency, for information."""

CALLED_AFTER = 0.5
_CALLED = re.compile(
    r"\W{0,2}(?:EUR(?:OS?)?\s)?(?:(?P<excl>HT\b|H\.T|hors taxes?)|(?P<incl>TTC\b|T\.T\.C)|(?P<tax>de (?:la )?TVA\b))",
    re.IGNORECASE,
)
"""The name of an amount behind it."""

PRINTED = 0.85
"""Confidence of a total without a label that is printed and makes the sum with the two others."""

_EXEMPT = re.compile(
    r"\btva non applicable\b|\bexoneration de (?:la )?tva\b|\bexoneree? de tva\b|\bnet de taxes?\b|\b293 ?b\b"
    r"|\b261[- .]4\b"
)
"""Articles 293 B and 261 of the tax code, and how they are quoted."""

DERIVED = 0.7
"""Confidence of a total that is not printed but follows from the two others."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An amount that may be a total: how surely its label says so, and where it stands."""

    value: Decimal
    score: float
    cell: Cell
    found: Found[Decimal]

    def candidate(self, confidence: float) -> Candidate:
        """The candidate, absolute: credit notes print either sign."""
        return Candidate(
            value=canonical_amount(abs(self.value)),
            source=source_of(self.cell),
            page=self.cell.page,
            box=self.found.box,
            text=" ".join(word.text for word in self.found.words),
            confidence=round(min(1.0, confidence), 3),
        )


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The chosen figures; `sum_holds` says that HT + TVA = TTC was printed, not worked out."""

    excl: Guess | None
    tax: Guess | None
    incl: Guess | None
    table: Table | None
    score: float

    @property
    def sum_holds(self) -> bool:
        """Whether all three are there and add up."""
        return _adds_up(self.excl, self.tax, self.incl)


def amount_fields(
    document: Document, remembered: Mapping[str, Sequence[Guess]] | None = None
) -> dict[str, tuple[Candidate, ...]]:
    """Candidates for the three totals, the amount due and the VAT table; `remembered` places are weighed among them."""
    known = remembered or {}
    guesses = {name: _best([*_guesses(document, name), *known.get(name, ())]) for name in TOTAL_FIELDS}
    for name, extra in _total_rows(document).items():
        guesses[name] = _best([*guesses[name], *extra])
    due = _best([*_guesses(document, "amount_due"), *known.get("amount_due", ())])
    paid = _guesses(document, PAID)
    totals = _choose(guesses, due, tables(document))
    fields = {
        "total_excl_tax": _field(totals.excl, guesses["total_excl_tax"], totals),
        "total_tax": _field(totals.tax, guesses["total_tax"], totals),
        "total_incl_tax": _field(totals.incl, guesses["total_incl_tax"], totals),
        "vat": _vat(totals),
    }
    _derive(document, fields, totals, due)
    fields["amount_due"] = _due(fields["total_incl_tax"], due, paid)
    return {name: candidates for name, candidates in fields.items() if candidates}


def _guesses(document: Document, field: str) -> list[Guess]:
    seen = document.announced(field, lambda text: list(amounts(text, whole=True)), only_first=False)
    return _best(
        [
            *(Guess(one.found.value, one.score * _worth(field, one), one.cell, one.found) for one in seen),
            *_called_after(document, field),
        ]
    )


def of_this_invoice(field: str, one: Announced[Decimal]) -> bool:
    """Whether nothing around an amount says that it is another invoice's, another currency's or another sum."""
    return _worth(field, one) == 1.0


def _worth(field: str, one: Announced[Decimal]) -> float:
    """How much of a label's weight is left by the words around its amount."""
    if _FOREIGN.search(one.after + one.found.text + one.rest[:5]):
        return 0.0
    called = _CALLED.match(one.rest)
    contradicted = called is not None and _field_called(called) != field
    return 0.3 if contradicted or _OF_BEFORE.search(fold(one.after)) else 1.0


def _called_after(document: Document, field: str) -> Iterator[Guess]:
    """Amounts whose name follows them in a sentence: `dont 100,00 € HT et 20,00 € de TVA`."""
    for cell in document.layout.cells():
        text = Text(cell.words)
        for found in amounts(text):
            called = _CALLED.match(text.plain[found.end :])
            if called is not None and _field_called(called) == field:
                yield Guess(found.value, CALLED_AFTER, cell, found)


def _field_called(called: re.Match[str]) -> str:
    if called["tax"]:
        return "total_tax"
    return "total_excl_tax" if called["excl"] else "total_incl_tax"


def _best(guesses: Sequence[Guess]) -> list[Guess]:
    """Each value once with its best score, the best values first."""
    best: dict[Decimal, Guess] = {}
    for guess in guesses:
        known = best.get(abs(guess.value))
        if known is None or guess.score > known.score:
            best[abs(guess.value)] = guess
    return sorted((guess for guess in best.values() if guess.score), key=lambda guess: -guess.score)[:MOST]


def _total_rows(document: Document) -> dict[str, list[Guess]]:
    """The last line of a table: three amounts of which the first two make the third."""
    found: dict[str, list[Guess]] = {name: [] for name in TOTAL_FIELDS}
    for announcement in document.announcements:
        if not any(label.field == TOTAL_ROW for label in announcement.labels):
            continue
        values = list(_amounts_right_of(document, announcement.cell))
        for three in zip(values, values[1:], values[2:], strict=False):
            if _adds_up(*three):
                for name, guess in zip(found, three, strict=True):
                    found[name].append(guess)
    return found


def _amounts_right_of(document: Document, cell: Cell) -> Iterator[Guess]:
    for other in (cell, *document.layout.right_of(cell)):
        for found in amounts(Text(other.words)):
            yield Guess(found.value, 0.7, other, found)


def _adds_up(excl: Guess | None, tax: Guess | None, incl: Guess | None) -> bool:
    off = _off(excl, tax, incl)
    return off is not None and off <= CENTS


def _off(excl: Guess | None, tax: Guess | None, incl: Guess | None) -> Decimal | None:
    """How far net amount and tax are from the total; None where one of the three is missing."""
    if excl is None or tax is None or incl is None:
        return None
    return abs(abs(excl.value) + abs(tax.value) - abs(incl.value))


def _choose(guesses: dict[str, list[Guess]], due: Sequence[Guess], found: Sequence[Table]) -> Totals:
    """The combination with the highest score; each field may also stay empty."""
    choices = [[*guesses[name], None] for name in TOTAL_FIELDS]
    best: Totals | None = None
    for excl, tax, incl in product(*choices):
        table = _table_for(excl, tax, found)
        score = _score(excl, tax, incl, table, due) - _cost(excl, tax, incl, found, due)
        if best is None or score > best.score:
            best = Totals(excl=excl, tax=tax, incl=incl, table=table, score=score)
    assert best is not None
    return best


def _table_for(excl: Guess | None, tax: Guess | None, found: Sequence[Table]) -> Table | None:
    if excl is None and tax is None:
        return None
    base = abs(excl.value) if excl else None
    amount = abs(tax.value) if tax else None
    return next((table for table in found if table.fits(base, amount)), None)


def _score(
    excl: Guess | None, tax: Guess | None, incl: Guess | None, table: Table | None, due: Sequence[Guess]
) -> float:
    score = sum(guess.score for guess in (excl, tax, incl) if guess)
    off = _off(excl, tax, incl)
    if off is not None and off > CENTS:
        score -= SUM_BONUS
    elif off is not None:
        score += SUM_BONUS - OFF_COST * bool(off)
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


def _cost(
    excl: Guess | None, tax: Guess | None, incl: Guess | None, found: Sequence[Table], due: Sequence[Guess]
) -> float:
    """What speaks against totals that agree among themselves: they are one row of several, or more than that is due."""
    cost = 0.0
    if excl and tax and any(table.has_as_one_row(abs(excl.value), abs(tax.value)) for table in found):
        cost += SUM_BONUS
    if incl and any(guess.score >= STRONG_DUE and abs(guess.value) > abs(incl.value) + CENTS for guess in due):
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
    read = 0.5 + 0.5 * chosen.found.confidence
    confidence = 0.98 * read if totals.sum_holds else min(0.9, chosen.score)
    others = [guess.candidate(min(guess.score, 0.5)) for guess in guesses if abs(guess.value) != abs(chosen.value)]
    return (chosen.candidate(confidence), *others[:3])


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
            confidence=round(0.95 * (0.5 + 0.5 * min(row.confidence for row in rows)), 3),
        ),
    )


def _derive(document: Document, fields: dict[str, tuple[Candidate, ...]], totals: Totals, due: Sequence[Guess]) -> None:
    """Fills a total without a label from the others, and the one VAT row that follows from totals."""
    excl, tax, incl = (_decimal(fields[name]) for name in TOTAL_FIELDS)
    if totals.table is not None and tax is None:
        tax = totals.table.amount
        fields["total_tax"] = _unlabelled(document, fields, tax)
    if totals.table is not None and excl is None:
        excl = totals.table.base
        fields["total_excl_tax"] = _unlabelled(document, fields, excl)
    if incl is None and excl is not None and tax is not None:
        fields["total_incl_tax"] = _unlabelled(document, fields, excl + tax)
    elif tax is None and excl is not None and incl is not None and incl >= excl:
        fields["total_tax"] = _unlabelled(document, fields, incl - excl)
    elif excl is None and tax is not None and incl is not None and incl >= tax:
        fields["total_excl_tax"] = _unlabelled(document, fields, incl - tax)
    elif tax is None and (excl is None) != (incl is None) and _has_no_tax(document, excl, due):
        known = (fields["total_excl_tax"] or fields["total_incl_tax"])[0]
        same = canonical_amount(Decimal(str(known.value)))
        fields["total_tax"] = (_derived(known, canonical_amount(Decimal(0))),)
        for name in ("total_excl_tax", "total_incl_tax"):
            fields[name] = fields[name] or (_derived(known, same),)
    elif incl is None and excl is None and tax is None and due:
        fields["total_incl_tax"] = (due[0].candidate(0.4),)
    row = row_from_totals(_decimal(fields["total_excl_tax"]), _decimal(fields["total_tax"]))
    if not fields["vat"] and row is not None:
        fields["vat"] = (_derived(fields["total_excl_tax"][0], (row,)),)


def _has_no_tax(document: Document, excl: Decimal | None, due: Sequence[Guess]) -> bool:
    """Whether nothing is added to the one total: the net amount is due as it is, or the page says why it is exempt."""
    if excl is not None and any(abs(guess.value) == excl for guess in due):
        return True
    return any(_EXEMPT.search(fold(cell.text)) for cell in document.layout.cells())


def _unlabelled(document: Document, fields: dict[str, tuple[Candidate, ...]], value: Decimal) -> tuple[Candidate, ...]:
    """A total that follows from others: where some place prints it that place is its evidence, else it has none."""
    value = abs(value)
    for cell in reversed(list(document.layout.cells())):
        for found in amounts(Text(cell.words)):
            if abs(found.value) == value and value:
                return (Guess(found.value, PRINTED, cell, found).candidate(PRINTED),)
    known = next(fields[name][0] for name in TOTAL_FIELDS if fields[name])
    return (_derived(known, canonical_amount(value)),)


def _decimal(candidates: Sequence[Candidate]) -> Decimal | None:
    return Decimal(str(candidates[0].value)) if candidates else None


def _derived(base: Candidate, value: str | tuple[VatRow, ...]) -> Candidate:
    """A value that no place of the page prints: no box and no text."""
    return Candidate(value=value, source=base.source, page=base.page, confidence=DERIVED)


def _due(incl: Sequence[Candidate], due: Sequence[Guess], paid: Sequence[Guess]) -> tuple[Candidate, ...]:
    """The amount due as printed (never more than the total), else the total less what is already paid."""
    total = _decimal(incl)
    printed = [guess for guess in due if total is None or abs(guess.value) <= total + CENTS]
    if printed:
        rest = [total - abs(guess.value) for guess in paid] if total is not None else []
        printed.sort(key=lambda guess: -(guess.score + 0.5 * (abs(guess.value) in (*rest, total))))
        return tuple(guess.candidate(min(0.97, guess.score + 0.1)) for guess in printed[:3])
    if total is None:
        return ()
    before = next((abs(guess.value) for guess in paid if abs(guess.value) < total), Decimal(0))
    return (_derived(incl[0], canonical_amount(total - before)),)
