"""Amounts that may be a total or the amount due, and how surely the words around each say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from include.domain.codes import InvoiceType
from include.domain.extraction.fields.evidence import read_poorly, source_of
from include.domain.extraction.fields.kind import types
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import Announced, LabelledPage
from include.domain.extraction.lexicon.patterns import Found, amounts
from include.domain.fields import Candidate, Claim, VatRow
from include.domain.fields.claims import believed
from include.domain.values import cents, fold

CENTS = Decimal("0.02")
"""Programs that round each line print totals that are a cent or two apart from their sum."""

MOST = 8
"""Candidates of one field that are tried in combination with those of the others."""

_OF_BEFORE = re.compile(r"\b(?:preced|anter|deja|cumul|initial|report)")
"""Words between a label and an amount that make it the amount of an earlier invoice, or of the whole contract."""

_FOREIGN = re.compile(r"\b(?:CHF|USD|GBP)\b|[$£]")
"""Words of a total in another currency, printed for information."""

_CALLED = re.compile(
    r"\W{0,2}(?:EUR(?:OS?)?\s)?(?:(?P<excl>HT\b|H\.T|hors taxes?)|(?P<incl>TTC\b|T\.T\.C)|(?P<tax>de (?:la )?TVA\b))",
    re.IGNORECASE,
)
"""The name of an amount behind it."""

OWED_BACK = frozenset({"credit", "crediteur", "faveur", "percu", "rembourser", "refund"})
"""Words of labels by which the supplier owes what stands behind them: `net à votre crédit`, `trop perçu`."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An amount that may be a total: how surely its label says so, and where it stands.

    `score` is what the claims about it left of that.
    """

    value: Decimal
    score: float
    cell: Cell
    found: Found[Decimal]
    claims: tuple[Claim, ...] = ()

    def but(self, *claims: Claim) -> Guess:
        """The same amount, of which more is claimed."""
        return replace(self, score=believed(self.score, *claims), claims=(*self.claims, *claims))

    def instead(self, sure: float, *claims: Claim) -> Guess:
        """The same amount, whatever its label says: so sure, and what is claimed of it now."""
        return replace(self, score=believed(sure, *claims), claims=claims)

    def candidate(self) -> Candidate:
        """The candidate, with its sign: what it means follows from the type of the document."""
        poorly = read_poorly(self.found.confidence)
        return Candidate(
            value=cents(self.value),
            source=source_of(self.cell),
            page=self.cell.page,
            box=self.found.box,
            text=" ".join(word.text for word in self.found.words),
            confidence=round(min(1.0, believed(self.score, *poorly)), 3),
            claims=(*self.claims, *poorly),
        )


def guesses_of(document: LabelledPage, field: str) -> list[Guess]:
    """The amounts that the labels of a field announce, or that it is called behind them, the best first."""
    seen = document.announced(field, lambda text: list(amounts(text, whole=True)), only_first=False)
    return best_of(
        [
            *(
                Guess(_signed(document, one), one.said, one.cell, one.found).but(*one.claims, *_against(field, one))
                for one in seen
                if not _is_foreign(one)
            ),
            *_called_after(document, field),
        ]
    )


def _signed(document: LabelledPage, one: Announced[Decimal]) -> Decimal:
    """The amount; below zero where its label says that it is owed to the buyer, which a credit note need not say."""
    if not OWED_BACK & set(one.label.tokens) or "notre" in one.label.tokens:
        return one.found.value
    kind = types(document)
    credit = bool(kind) and kind[0].value == InvoiceType.CREDIT_NOTE
    return one.found.value if credit else -abs(one.found.value)


def of_this_invoice(field: str, one: Announced[Decimal]) -> bool:
    """Whether nothing around an amount says that it is another invoice's, another currency's or another sum."""
    return not _is_foreign(one) and not _against(field, one)


def _is_foreign(one: Announced[Decimal]) -> bool:
    return _FOREIGN.search(one.after + one.found.text + one.rest[:5]) is not None


def _against(field: str, one: Announced[Decimal]) -> tuple[Claim, ...]:
    """What the words around an amount say against it."""
    called = _CALLED.match(one.rest)
    told = _field_called(called) if called is not None else field
    contradicted = told != field and (told, field) != ("total_incl_tax", "amount_due")
    return (Claim.ANOTHER_SUM_MEANT,) if contradicted or _OF_BEFORE.search(fold(one.after)) else ()


def _called_after(document: LabelledPage, field: str) -> Iterator[Guess]:
    """Amounts whose name follows them in a sentence: `dont 100,00 € HT et 20,00 € de TVA`."""
    for cell in document.layout.cells():
        text = cell.written
        for found in amounts(text):
            called = _CALLED.match(text.plain[found.end :])
            if called is not None and _field_called(called) == field:
                yield Guess(found.value, 1.0, cell, found).but(Claim.CALLED_AFTERWARDS)


def _field_called(called: re.Match[str]) -> str:
    if called["tax"]:
        return "total_tax"
    return "total_excl_tax" if called["excl"] else "total_incl_tax"


def best_of(guesses: Sequence[Guess]) -> list[Guess]:
    """Each value once with its best score, the best values first."""
    best: dict[Decimal, Guess] = {}
    for guess in guesses:
        known = best.get(abs(guess.value))
        if known is None or guess.score > known.score:
            best[abs(guess.value)] = guess
    return sorted((guess for guess in best.values() if guess.score), key=lambda guess: -guess.score)[:MOST]


def derived(base: Candidate, value: Decimal | tuple[VatRow, ...], claim: Claim = Claim.WORKED_OUT) -> Candidate:
    """A value that no place of the page prints: no box and no text."""
    return Candidate(value=value, source=base.source, page=base.page).but(claim)
