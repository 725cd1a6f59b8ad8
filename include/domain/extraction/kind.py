"""What kind of document it is, and in which currency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from include.domain.codes import InvoiceType
from include.domain.extraction.evidence import candidate, ranked, source_of
from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import Text
from include.domain.extraction.search import Document
from include.domain.fields import Candidate
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
)
"""How a title or the label of the number begins, folded, the telling ones first."""

LONGEST_TITLE = 7
"""Words; longer ones are sentences (`pour avoir droit à ...`)."""

MENTIONED = 0.4
"""`Votre facture du ...` in a sentence, when no title says what the document is."""

_NUMBERED = re.compile(r"(?:fact(?:ure)?|avoir|invoice)\.? (?:n\W|no\b|num|du\b)")
"""A long line that begins with the number's label is a title too: `Facture n° 12 - situation n° 4 - mois de mars`."""

NUMBERED = 0.65
_CREDIT = re.compile(r"\bavoirs?\b|\bnote de credit\b|\bcredit (?:note|memo)\b")

_MENTION = re.compile(r"\b(?:facture|invoice)\b")
_PATTERNS = [(re.compile(pattern), kind, weight) for pattern, kind, weight in TITLES]
_SIGNS = {
    "EUR": re.compile(r"€|\bEUR(?:OS?)?\b", re.IGNORECASE),
    "USD": re.compile(r"\bUSD\b|US\$|(?<![A-Z])\$"),
    "GBP": re.compile(r"£|\bGBP\b"),
    "CHF": re.compile(r"\bCHF\b"),
}


def types(document: Document) -> tuple[Candidate, ...]:
    """From titles and number labels; the first telling title of a page counts more than what follows lower down."""
    return ranked([*_titles(document), *_numbered(document)])


def _numbered(document: Document) -> Iterator[Candidate]:
    """`N° de facture 12` says what the document is, where no word speaks of credit notes."""
    if any(_CREDIT.search(fold(cell.text)) for cell in document.layout.cells()):
        return
    for at in document.announcements:
        named = {token for label in at.labels if label.field == "invoice_number" for token in label.tokens}
        if named & {"facture", "invoice"}:
            yield _candidate(at.cell, InvoiceType.INVOICE, NUMBERED)


def _titles(document: Document) -> Iterator[Candidate]:
    for cell in document.layout.cells():
        folded = fold(cell.text)
        title = next((found for found in _PATTERNS if found[0].match(folded)), None)
        if title and (len(cell.words) <= LONGEST_TITLE or _NUMBERED.match(folded)):
            height = document.layout.page_size(cell.page)[1]
            yield _candidate(cell, title[1], title[2] * (1.0 - 0.3 * min(1.0, cell.box[1] / height)))
        elif _MENTION.search(folded):
            yield _candidate(cell, InvoiceType.INVOICE, MENTIONED)


def _candidate(cell: Cell, kind: InvoiceType, confidence: float) -> Candidate:
    return Candidate(
        value=kind.value,
        source=source_of(cell),
        page=cell.page,
        box=cell.box,
        text=cell.text,
        confidence=round(confidence, 3),
    )


def currencies(document: Document) -> tuple[Candidate, ...]:
    """The currency whose signs occur most; the first place is the evidence."""
    counts: Counter[str] = Counter()
    first: dict[str, Candidate] = {}
    for cell in document.layout.cells():
        text = Text(cell.words)
        for code, sign in _SIGNS.items():
            for match in sign.finditer(text.plain):
                counts[code] += 1
                if code not in first:
                    first[code] = candidate(code, text.found(code, match.start(), match.end()), cell, 0.9)
    return tuple(first[code] for code, _ in counts.most_common())
