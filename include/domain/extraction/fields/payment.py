"""How an invoice is paid, as its page says: by transfer, cheque, direct debit ..."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from include.domain.codes import PaymentMode
from include.domain.extraction.fields.evidence import source_of
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.fields import Candidate, Claim
from include.domain.values import fold

MODES: Mapping[PaymentMode, re.Pattern[str]] = {
    PaymentMode.VIREMENT: re.compile(
        r"\bvirements?\b|\b(?:bank|wire|credit|sepa) transfer\b|\bmandats? (?:administratif|de paiement)s?\b"
    ),
    PaymentMode.CHEQUE: re.compile(r"\bcheques?\b|\bchq\b"),
    PaymentMode.PRELEVEMENT: re.compile(r"\bprelevements?\b|\bprelevee?s?\b|\bdirect debit\b|\bprlv\b"),
    PaymentMode.ESPECE: re.compile(r"\bespeces\b|\bin cash\b|^cash$"),
    PaymentMode.AUTRE: re.compile(r"\bcartes?(?: bancaires?)?\b|\bcb\b|\b(?:credit|debit) card\b"),
}
"""Words of each mode, folded; the payment order of a public body (`mandat administratif`) is a transfer."""

_LABEL = re.compile(
    r"\b(?:mode|moyen|mean|method|type|forme)s? (?:de |d'|of )?(?:paiements?|reglements?|payment)\b ?:?(?P<rest>.*)"
    r"|\bpayment (?:method|means|mode)s?\b ?:?(?P<rest_en>.*)"
    r"|^(?:paiement|reglement|payment) ?:(?P<rest_short>.*)"
)
_STATED = re.compile(
    r"\b(?:paiement|reglement|payable|reglable|paye|payee|regle|reglee|a payer|a regler|payment|paid|payez|reglez)"
    r"(?: \w+){0,3}? (?:par|by|en) (?P<rest>.*)"
    r"|(?P<debit>\b(?:sera|seront|est|sont|montant|somme) (?:automatiquement )?prelevee?s?\b"
    r"|\bprelevement (?:automatique|sepa|bancaire)(?: \w+){0,3}? (?:le|du|au|prevu|effectue)\b.*[0-9]"
    r"|\b(?:montant|total|somme|ttc) a prelever\b|\bcheque a l'ordre de\b"
    r"|^prelevement (?:automatique|sepa|bancaire)\b|\breference unique (?:de|du) mandat\b|\brum ?: ?\w)"
)
_OFFERED = re.compile(r"\b(?:opter|optez|choisi\w*|souhait\w*|adher\w*|formulaire|possibilite|pouvez|proposons)\b")
"""Words around a mode that is only offered for later."""


def modes_named(folded: str) -> set[PaymentMode]:
    """The modes that some folded words name."""
    return {mode for mode, words in MODES.items() if words.search(folded)}


def payment_modes(document: LabelledPage, *, account: bool = False) -> tuple[Candidate, ...]:
    """How the page says that it is paid; nothing where a transfer is one of several ways, as it is by default.

    Several ways without a transfer are none of them for sure: the platform calls that another mode. Whom to make out a
    cheque to is said beside an `account` too, and leaves the choice.
    """
    said = sorted(_said(document), key=lambda one: one.claim is not Claim.PAYMENT_LABELLED)
    named = {mode for one in said for mode in one.modes}
    offered = account and named == {PaymentMode.CHEQUE} and said[0].claim is not Claim.PAYMENT_LABELLED
    if (len(named) == 1 and not offered) or (
        said and len(said[0].modes) == 1 and said[0].claim is Claim.PAYMENT_LABELLED
    ):
        first = next(one for one in said if one.modes)
        return (first.candidate(next(iter(first.modes))),)
    if not named or PaymentMode.VIREMENT in named or (account and named == {PaymentMode.CHEQUE}):
        return ()
    return (said[0].candidate(PaymentMode.AUTRE),)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """Modes that one cell names, and how surely it speaks of this invoice."""

    modes: frozenset[PaymentMode]
    cell: Cell
    claim: Claim

    def candidate(self, mode: PaymentMode) -> Candidate:
        return Candidate(
            value=mode.value,
            source=source_of(self.cell),
            page=self.cell.page,
            box=self.cell.box,
            text=self.cell.text,
        ).but(self.claim)


def _said(document: LabelledPage) -> Iterator[_Said]:
    for cell in document.layout.cells():
        folded = fold(cell.text)
        if _OFFERED.search(folded):
            continue
        modes, claim = set[PaymentMode](), Claim.PAYMENT_STATED
        if label := _LABEL.search(folded):
            rest = next((part for part in label.groups() if part is not None), "")
            places = [rest, *(fold(other.text) for other in _beside(document, cell))]
            modes, claim = (
                next((found for place in places if (found := modes_named(place))), set()),
                Claim.PAYMENT_LABELLED,
            )
        elif stated := _STATED.search(folded):
            modes = modes_named(stated["rest"] or stated["debit"])
            if stated["debit"] and not modes:
                modes = {PaymentMode.PRELEVEMENT}  # the number of a mandate
        if modes:
            yield _Said(modes=frozenset(modes), cell=cell, claim=claim)


def _beside(document: LabelledPage, cell: Cell) -> Iterator[Cell]:
    """Where the value of a label may stand: the next cell of its row, then the nearest below it."""
    yield from document.layout.right_of(cell)[:1]
    yield from document.layout.below(cell)[:1]
