"""The VAT regime and the invoicing framework, as a page says them in its notices.

An invoice without VAT has to say why (article 242 nonies A of annex II of the tax code): that notice has to go out, not
the provider's usual regime.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from include.domain.codes import InvoicingFramework, VatType
from include.domain.extraction.fields.evidence import source_of
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.fields import Candidate, Claim
from include.domain.values import fold

_LAW = r"(?:\W{1,3}\w+){0,3} (?:du )?(?:c\.?g\.?i|code general)"
_WITHOUT_VAT = re.compile(
    r"\btva non applicable\b|\bnon (?:soumise?|assujettie?)s? a (?:la )?t\.?v\.?a\b|\bsans tva\b"
    r"|\bhors (?:du )?champ (?:d'application )?(?:de la )?tva\b|\bfranchise (?:en base|de tva)\b|\b293 ?-? ?b\b"
    rf"|\b294(?:[- .,]+(?:1|i))?{_LAW}|\b283[- .,]+(?:1|2|i){_LAW}|\bauto-? ?liquid\w+|\breverse charge\b"
    r"|\btva (?:due|acquittee) par le (?:preneur|client)\b|\bnot subject to vat\b|\boutside the scope of vat\b"
)
"""Small firms (293 B), overseas parts without VAT (294), reverse charge (283), outside the scope."""

_EXEMPT = re.compile(
    r"\bexoneration (?:de |de la )?tva\b|\bexoneree?s? (?:de |de la )?tva\b|\bvat[- ]exempt\b|\bexempt from vat\b"
    rf"|\b26[12](?:[- .,]+[0-9a-z]+| ter| quater)*{_LAW}"
)
_NO_MOTIVE = re.compile(r"\bnet de taxes?\b|\b261[- .]4\b")
_ON_RECEIPT = re.compile(r"\b(?:sur|d'apres) (?:les )?encaissements?\b|\btva (?:exigible )?a l'encaissement\b")
_ON_DEBIT = re.compile(r"\b(?:sur|d'apres) (?:les )?debits?\b")
_VAT = re.compile(r"\btva\b|\bt\.v\.a\b|\btaxe\b|\bexigib")

_SUBCONTRACTED = re.compile(
    r"\b(?:en qualite de|en tant que|facture (?:de|du)|titre de|intervenant (?:en|comme)) (?:la )?sous-? ?trait\w+"
    r"|^sous-? ?traitant\b(?! ?:? ?(?:neant|aucun|non))|\bsous-? ?traitant (?:agree|accepte|du lot|paye|beneficiant)"
    r"|\bpaiement direct (?:par|du|au|de)\b|\bdemande de paiement direct\b|\bacte special de sous-? ?traitance\b"
)
_JOINTLY = re.compile(
    r"\b(?:en qualite de|en tant que|facture (?:de|du)|titre de) (?:la )?co-? ?trait\w+|^co-? ?traitant\b"
    r"|\bco-? ?traitant (?:du groupement|du lot|paye)"
)


def says_no_vat(folded: str) -> bool:
    """Whether a text, folded, is a notice that no VAT is asked for."""
    return any(notice.search(folded) for notice in (_WITHOUT_VAT, _EXEMPT, _NO_MOTIVE))


def vat_types(document: LabelledPage, tax: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Without VAT where a notice says so and no tax is asked for; else by the notice on when the tax is due."""
    taxed = bool(tax) and tax[0].amount != 0
    found: dict[VatType, Candidate] = {}
    for kind, cell in _vat_notices(document, taxed=taxed):
        found.setdefault(kind, _candidate(kind.value, cell))
    if VatType.EXONERATION in found and VatType.SANS_TVA in found:
        return (found[VatType.EXONERATION], found[VatType.SANS_TVA])
    return tuple(found.values()) if len(found) == 1 else ()


def _vat_notices(document: LabelledPage, *, taxed: bool) -> Iterator[tuple[VatType, Cell]]:
    for cell in document.layout.cells():
        folded = fold(cell.text)
        if not taxed:
            if _WITHOUT_VAT.search(folded):
                yield VatType.SANS_TVA, cell
            elif _EXEMPT.search(folded):
                yield VatType.EXONERATION, cell
        elif _VAT.search(folded):
            if _ON_RECEIPT.search(folded):
                yield VatType.TVA_SUR_ENCAISSEMENT, cell
            elif _ON_DEBIT.search(folded):
                yield VatType.TVA_SUR_DEBIT, cell


def frameworks(document: LabelledPage) -> tuple[Candidate, ...]:
    """A subcontractor who is paid directly, or one of several contractors, where the page calls itself that."""
    for cell in document.layout.cells():
        folded = fold(cell.text)
        if _SUBCONTRACTED.search(folded):
            return (_candidate(InvoicingFramework.A9_FACTURE_SOUSTRAITANT.value, cell),)
        if _JOINTLY.search(folded):
            return (_candidate(InvoicingFramework.A12_FACTURE_COTRAITANT.value, cell),)
    return ()


def _candidate(value: str, cell: Cell) -> Candidate:
    found = Candidate(value=value, source=source_of(cell), page=cell.page, box=cell.box, text=cell.text)
    return found.but(Claim.NOTICE)
