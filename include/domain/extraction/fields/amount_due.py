"""What is left to be paid: as printed, else the total less what the page says was paid before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from include.domain.codes import InvoiceType
from include.domain.extraction.fields.guesses import CENTS, Guess, derived, guesses_of
from include.domain.extraction.fields.kind import types
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.labels import PAID, STANDS_ANYWHERE
from include.domain.fields import Candidate, Claim
from include.domain.values import cents, fold

_EARLIER = re.compile(r"\b(?:solde|anterieure?|precedente?|report|impayee?s?|arriere|deja)\b")
"""Words of a debt that other invoices made: it is no part of this one."""

_LESS = re.compile(r"\b(?:retenues?|penalites?|deduction|deduire|avances?|acomptes?|versements?|escompte|remise)\b")
"""Words of what is taken from a total, whether or not its sign says so."""


def unsigned(name: str, amount: Decimal, total: Decimal) -> Decimal:
    """An amount of a credit note without the sign that its total has; one that differs from it keeps its own."""
    if name == "amount_due" and abs(amount) != abs(total):
        return amount if total >= 0 else -amount
    return abs(amount)


def amount_due(document: LabelledPage, incl: Sequence[Candidate], due: Sequence[Guess]) -> tuple[Candidate, ...]:
    """Candidates for the amount due: the printed ones (never more than the total), else the total less what was paid.

    One below zero is believed whatever its size, and more paid than was asked for leaves less than nothing. `incl` are
    the candidates for the total with tax, `due` the amounts behind labels of the amount due. Where the page adds
    something to the total (disbursements without tax), the sum is a doubt and no value that goes out.
    """
    total, paid = abs(incl[0].amount) if incl else None, _paid(document)
    printed = [guess for guess in due if total is None or guess.value < 0 or abs(guess.value) <= total + CENTS]
    more = _another_sum(document, incl, due) if incl else None
    if printed and (more is None or any(abs(guess.value) in (total, more.amount) for guess in printed)):
        rest = [total - abs(guess.value) for guess in paid] if total is not None else []
        printed.sort(key=lambda guess: -(guess.score + 0.5 * (abs(guess.value) in (*rest, total))))
        return tuple(guess.but(Claim.DUE_AS_PRINTED, Claim.NEVER_CERTAIN).candidate() for guess in printed[:3])
    if total is None:
        return ()
    before = next((abs(guess.value) for guess in paid if abs(guess.value) < total), None)
    if before is None:
        before = next((abs(guess.value) for guess in paid if guess.score >= STANDS_ANYWHERE), Decimal(0))
    if more is not None:
        return (more, derived(incl[0], cents(total - before), Claim.DUE_IS_THE_TOTAL))
    # a program that subtracts prints what is left
    return (derived(incl[0], cents(total - before), Claim.DUE_NOT_PRINTED if before else Claim.DUE_IS_THE_TOTAL),)


def _another_sum(document: LabelledPage, incl: Sequence[Candidate], due: Sequence[Guess]) -> Candidate | None:
    """What the page may ask for instead of the total: a doubt, whatever it is called."""
    total = incl[0]
    earlier = any(_EARLIER.search(fold(cell.text)) for cell in document.layout.cells())
    above = [guess for guess in due if guess.score >= STANDS_ANYWHERE and abs(guess.value) > abs(total.amount) + CENTS]
    if above and not earlier:
        return above[0].instead(1.0, Claim.DUE_NOT_PRINTED).candidate()
    return _sum_with_more(document, total) or _rest_of_parts(document, total)


def _rest_of_parts(document: LabelledPage, total: Candidate) -> Candidate | None:
    """The second of two amounts below the total that make it, if they are not its net amount and its tax."""
    below = [guess for guess in _below(document, total) if guess.value]
    for first, second in pairwise(below):
        parts = abs(first.value), abs(second.value)
        taken = first.value < 0 or any(_LESS.search(fold(cell.text)) for cell in document.layout.row_of(first.cell))
        if sum(parts) == abs(total.amount) and taken:
            return second.instead(1.0, Claim.DUE_NOT_PRINTED).candidate()
    return None


def _below(document: LabelledPage, total: Candidate) -> list[Guess]:
    """The amounts below a total on its page, in the order of reading."""
    bottom = total.box[3] if total.box else float("inf")
    return [
        Guess(found.value, 0.0, cell, found)
        for row in document.layout.rows(total.page)
        for cell in row
        for found in cell.amounts
        if found.box[1] >= bottom
    ]


def _sum_with_more(document: LabelledPage, total: Candidate) -> Candidate | None:
    """The amount below the total that it makes with the ones between them, unless these are debts of before."""
    below = _below(document, total)
    whole = abs(total.amount)
    for more, sum_of_both in pairwise(below):
        whole += more.value
        if more.value <= 0 or any(_EARLIER.search(fold(cell.text)) for cell in document.layout.row_of(more.cell)):
            return None
        if whole == sum_of_both.value:
            return sum_of_both.instead(1.0, Claim.DUE_NOT_PRINTED).candidate()
    return None


def _paid(document: LabelledPage) -> list[Guess]:
    """What was paid before. The deposit that an invoice of a deposit asks for was not, whatever its line is called."""
    kind = types(document)
    if kind and kind[0].value == InvoiceType.DOWN_PAYMENT:
        return []
    return guesses_of(document, PAID)
