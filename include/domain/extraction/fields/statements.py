"""What a page says of the whole document, where that forbids sending it by itself.

A pro forma, a quotation or a reminder looks like an invoice and has all its values; only a title, a mark or a sentence
says that nothing is to be paid for it. Nor does any value say that it is paid already, or that somebody else than the
supplier has to be paid. Each is a reason that only a person's decision lifts (`completeness/decisions.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.domain.extraction.fields.kind import TITLES
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage, document_of
from include.domain.reasons import Reason
from include.domain.text import Page
from include.domain.values import fold

NOT_AN_INVOICE = "not_an_invoice"
DUPLICATE = "says_duplicate"
PAID_ALREADY = "says_paid"
PAID_TO_OTHERS = "says_other_payee"

LONGEST_MARK = 5
"""Words of a mark or title; a longer cell is a sentence, which has to say it in so many words."""

_QUOTED = 60


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Folded words that say something of the document: `mark` only where they are all that a cell says.

    `unless`: words before them in the cell that make them speak of another document, or of something that may come.
    `untitled`: they count only where no title calls the document an invoice, because invoices name such papers too.
    """

    code: str
    words: re.Pattern[str]
    mark: bool = False
    unless: re.Pattern[str] | None = None
    untitled: bool = False


_OF_ANOTHER = re.compile(
    r"\b(?:selon|suivant|suite|vu|conforme\w*|votre|notre|vos|nos|ref\w*|remplace|annule|d'apres|accepte\w*|regle\w*"
    r"|paye\w*|your|our|per)\b"
)
_IF_EVER = re.compile(
    r"\b(?:non|pas|si|sinon|tant que|jusqu\w*|avant|sera|seront|etre|defaut|t\.?v\.?a|taxe\w*|droits?|precedente?"
    r"|not|unpaid|if|until|votre|vos|derniere)\b"
)

STATEMENTS: tuple[Statement, ...] = (
    Statement(
        code=NOT_AN_INVOICE,
        words=re.compile(r"\bp ?r ?o ?[- ]?f ?o ?r ?m ?a\b"),
        unless=_OF_ANOTHER,
    ),
    Statement(
        code=NOT_AN_INVOICE,
        words=re.compile(
            r"\b(?:n'est pas|ne constitue pas|ne vaut pas|n'a pas (?:la )?valeur|sans valeur|non valable"
            r"|ne (?:peut|saurait) (?:pas )?tenir lieu|ne tient pas lieu)(?: (?:une?|de|comme|d'une))*"
            r" (?:facture|invoice)\b"
            r"|\b(?:is not|not|does not constitute) an? (?:tax |valid )?invoice\b"
        ),
    ),
    Statement(
        code=NOT_AN_INVOICE,
        words=re.compile(
            r"^(?:facture |document )?(?:specimen|brouillon|provisoire)\b|^pre-? ?facture\b"
            r"|^projet de (?:facture|decompte)\b|^draft(?: invoice)?$"
            r"|^(?:facture )?annulee?$|^(?:cancelled|void)$"
        ),
        mark=True,
    ),
    Statement(
        code=NOT_AN_INVOICE,
        words=re.compile(
            r"^(?:devis|proposition (?:commerciale|de prix)|offre (?:de prix|commerciale)|quotation|quote|estimate"
            r"|bon de (?:commande|livraison)|purchase order|delivery note|releve de (?:compte|factures)"
            r"|confirmation de commande|order confirmation"
            r"|statement of account)\b(?!.*:)"
        ),
        mark=True,
        untitled=True,
    ),
    Statement(
        code=NOT_AN_INVOICE,
        words=re.compile(
            r"^(?:lettre de |premier |deuxieme |dernier |1er |2e |2eme )?rappel(?: de (?:facture|paiement)| n\W.*|$)"
            r"|^(?:premiere |deuxieme |derniere |1ere |2e |2eme )?relance(?: de (?:facture|paiement)| n\W.*|$)"
            r"|^mise en demeure$|^(?:payment )?reminder$"
        ),
        mark=True,
    ),
    Statement(code=DUPLICATE, words=re.compile(r"\bduplicata\b|^duplicate$"), mark=True),
    Statement(
        code=PAID_ALREADY,
        words=re.compile(
            r"\bacquittee?\b|\bfacture (?:deja )?(?:payee|reglee|soldee)\b|\bpaid in full\b|^paid$"
            r"|^(?:deja )?(?:payee|reglee|soldee)(?: (?:le|par)\b|$)"
        ),
        unless=_IF_EVER,
    ),
    Statement(
        code=PAID_TO_OTHERS,
        words=re.compile(
            r"\bsubrog\w+|\baffactur\w+|\bfactor(?:ing)?\b|\bcreances? (?:(?:a ete |est |professionnelle )*)cedee?s?\b"
            r"|\bcession (?:de (?:la )?)?creances?\b|\bdailly\b"
        ),
    ),
)
"""Words as documents in general print them, folded."""


def statements(pages: Sequence[Page]) -> tuple[Reason, ...]:
    """What the pages say of the document, each code once, with the words that say it."""
    written = tuple(page for page in pages if page.lines)
    if not written:
        return ()
    found: dict[str, Reason] = {}
    for reason in _found(document_of(written)):
        found.setdefault(reason.code, reason)
    return tuple(found.values())


def _found(document: LabelledPage) -> Iterator[Reason]:
    titled = any(_is_title(cell) for cell in document.layout.cells())
    for cell in document.layout.cells():
        folded = fold(cell.text)
        for statement in STATEMENTS:
            if (statement.untitled and titled) or (statement.mark and len(cell.words) > LONGEST_MARK):
                continue
            said = statement.words.search(folded)
            if said and not (statement.unless and statement.unless.search(folded[: said.start()])):
                yield Reason(code=statement.code, params={"words": cell.text[:_QUOTED], "page": str(cell.page)})


def _is_title(cell: Cell) -> bool:
    return len(cell.words) <= LONGEST_MARK and any(re.match(pattern, fold(cell.text)) for pattern, _, _ in TITLES)
