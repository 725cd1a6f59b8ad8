"""What kind of document it is, and in which currency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from include.domain.codes import InvoiceType
from include.domain.extraction.fields.evidence import candidate, ranked, source_of
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import worth
from include.domain.values import fold

TITLES: tuple[tuple[str, InvoiceType, float], ...] = (
    (r"(?:facture |note )?(?:d'|de |en )?avoir\b", InvoiceType.CREDIT_NOTE, 0.95),
    (r"note de credit\b", InvoiceType.CREDIT_NOTE, 0.95),
    (r"credit (?:note|memo)\b", InvoiceType.CREDIT_NOTE, 0.95),
    (r"facture (?:rectificative|corrective|rectifiee)\b", InvoiceType.CORRECTED_INVOICE, 0.95),
    (r"corrected invoice\b", InvoiceType.CORRECTED_INVOICE, 0.95),
    (r"facture d'acompte\b", InvoiceType.DOWN_PAYMENT, 0.95),
    (r"(?:demande|facture) d'(?:acompte|avance)\b", InvoiceType.DOWN_PAYMENT, 0.9),
    (r"(?:down payment|prepayment|deposit) invoice\b", InvoiceType.DOWN_PAYMENT, 0.95),
    (r"fact(?:ure)?\b", InvoiceType.INVOICE, 0.8),
    (r"(?:note|memoire) d'honoraires\b", InvoiceType.INVOICE, 0.8),
    (r"invoice\b", InvoiceType.INVOICE, 0.8),
    (r"note n\W? ?[0-9]", InvoiceType.INVOICE, 0.6),
)
"""How a title or the label of the number begins, folded, the telling ones first."""

LONGEST_TITLE = 7
"""Words; longer ones are sentences (`pour avoir droit à ...`)."""

_NUMBERED = re.compile(r"(?:fact(?:ure)?|avoir|invoice|note)\.? (?:n\W|no\b|num|du\b)")
"""A long line that begins with the number's label is a title too: `Facture n° 12 - situation n° 4 - mois de mars`."""

_CREDIT = re.compile(r"\bavoirs?\b|\bnote de credit\b|\bcredit (?:note|memo)\b")

_MENTION = re.compile(r"\b(?:facture|invoice)\b")
_PATTERNS = [(re.compile(pattern), kind, weight) for pattern, kind, weight in TITLES]
_SIGNS = {
    "EUR": re.compile(r"€|\bEUR(?:OS?)?\b", re.IGNORECASE),
    "USD": re.compile(r"\bUSD\b|US\$|(?<![A-Z])\$"),
    "GBP": re.compile(r"£|\bGBP\b"),
    "CHF": re.compile(r"\bCHF\b"),
}


def types(document: LabelledPage) -> tuple[Candidate, ...]:
    """From titles and number labels; the first telling title of a page counts more than what follows lower down."""
    return _below_an_invoice(ranked([*_titles(document), *_numbered(document)]))


def _below_an_invoice(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A credit that stands below the title of an invoice (`Avoir à déduire`) may be a line of it: nobody knows."""
    if not found or found[0].value != InvoiceType.CREDIT_NOTE:
        return found
    titled = worth(Claim.TYPE_BY_NUMBER_LABEL)
    titles = [other for other in found if other.value == InvoiceType.INVOICE and other.confidence > titled]
    if any(_stands_above(other, found[0]) for other in titles):
        return (found[0].but(Claim.BELOW_AN_INVOICE), *found[1:])
    return found


def _stands_above(title: Candidate, other: Candidate) -> bool:
    if title.box is None or other.box is None or title.page is None or other.page is None:
        return False
    return (title.page, title.box[3]) < (other.page, other.box[1])


def _numbered(document: LabelledPage) -> Iterator[Candidate]:
    """`N° de facture 12` says what the document is, where no word speaks of credit notes."""
    if any(_CREDIT.search(fold(cell.text)) for cell in document.layout.cells()):
        return
    for at in document.announcements:
        named = {token for label in at.labels if label.field == "invoice_number" for token in label.tokens}
        if named & {"facture", "invoice"}:
            yield _candidate(at.cell, InvoiceType.INVOICE, 1.0, Claim.TYPE_BY_NUMBER_LABEL)


def _titles(document: LabelledPage) -> Iterator[Candidate]:
    for cell in document.layout.cells():
        folded = fold(cell.text)
        title = next((found for found in _PATTERNS if found[0].match(folded)), None)
        if title and (len(cell.words) <= LONGEST_TITLE or _NUMBERED.match(folded)):
            height = document.layout.page_size(cell.page)[1]
            yield _candidate(cell, title[1], title[2] * (1.0 - 0.3 * min(1.0, cell.box[1] / height)))
        elif _MENTION.search(folded):
            yield _candidate(cell, InvoiceType.INVOICE, 1.0, Claim.TYPE_MENTIONED)


def _candidate(cell: Cell, kind: InvoiceType, sure: float, *claims: Claim) -> Candidate:
    return Candidate(
        value=kind.value,
        source=source_of(cell),
        page=cell.page,
        box=cell.box,
        text=cell.text,
        confidence=round(sure, 3),
    ).but(*claims)


def currencies(document: LabelledPage) -> tuple[Candidate, ...]:
    """The currency whose signs occur most; the first place is the evidence."""
    counts: Counter[str] = Counter()
    first: dict[str, Candidate] = {}
    for cell in document.layout.cells():
        text = cell.written
        for code, sign in _SIGNS.items():
            for match in sign.finditer(text.plain):
                counts[code] += 1
                if code not in first:
                    first[code] = candidate(
                        code, text.found(code, match.start(), match.end()), cell, 1.0, Claim.CURRENCY_SIGN
                    )
    return tuple(first[code] for code, _ in counts.most_common())
