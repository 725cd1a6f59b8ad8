"""What the platform's own reading finds in a deposited PDF: a few labelled values in native text, the rest null.

The real reading is unknown and weak (a recorded answer of 2019 had the type and nothing else); this one is a plain
search for labels, so that a client sees filled and empty fields, and must not trust them.
"""

from __future__ import annotations

import re
from typing import Any

PAGES_READ = 3
PATTERNS = {
    "numeroFacture": r"(?:facture|avoir)\s*(?:n[°ºo]\.?|num[ée]ro)\s*:?\s*([A-Z0-9][A-Z0-9_/+-]{0,19})\b",
    "dateFacture": r"\bdate(?:\s+de\s+(?:la\s+)?facture)?\s*:?\s*(\d{2}/\d{2}/\d{4})",
    "codeDestinataire": r"siret\s+(?:du\s+)?(?:destinataire|client)\s*:?\s*((?:\d ?){14})",
    "codeFournisseur": r"siret\s+(?:du\s+)?(?:fournisseur|[ée]metteur)\s*:?\s*((?:\d ?){14})",
    "codeServiceExecutant": r"(?:code\s+)?service(?:\s+ex[ée]cutant)?\s*:\s*([A-Z0-9_-]+)",
    "numeroBonCommande": r"(?:num[ée]ro\s+d.)?engagement\s*:?\s*([A-Z0-9_/-]{4,50})",
    "montantHtTotal": r"total\s+ht\s*:?\s*([\d   ]+[.,]\d{2})",
    "montantTVA": r"total\s+tva\s*:?\s*([\d   ]+[.,]\d{2})",
    "montantTtcAvantRemiseGlobalTTC": r"total\s+ttc\s*:?\s*([\d   ]+[.,]\d{2})",
    "montantAPayer": r"(?:net|montant)\s+[àa]\s+payer\s*:?\s*([\d   ]+[.,]\d{2})",
}
AMOUNTS = ("montantHtTotal", "montantTVA", "montantTtcAvantRemiseGlobalTTC", "montantAPayer")


def native_text(content: bytes) -> str:
    """Text layer of the first pages; empty when there is none or the file cannot be opened."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return ""
    try:
        return "\n".join(
            document[index].get_textpage().get_text_range() for index in range(min(PAGES_READ, len(document)))
        )
    except pypdfium2.PdfiumError:
        return ""
    finally:
        document.close()


def read_guesses(content: bytes) -> dict[str, Any]:
    """Give the reading of a PDF in the keys of the wire, each null when not read."""
    text = native_text(content)
    found: dict[str, Any] = dict.fromkeys(PATTERNS)
    for key, pattern in PATTERNS.items():
        match = re.search(pattern, text, re.IGNORECASE)
        found[key] = _value(key, match.group(1).strip()) if match else None
    return {
        **found,
        "codeDeviseFacture": "EUR" if "€" in text or re.search(r"\bEUR\b", text) else None,
        # A recorded answer shows the type filled where nothing else is.
        "typeFacture": "AVOIR" if re.search(r"^\s*avoir\b", text, re.IGNORECASE | re.MULTILINE) else "FACTURE",
        "typeTva": None,
    }


def _value(key: str, text: str) -> str | float:
    if key in AMOUNTS:
        return float(re.sub(r"[^\d,.]", "", text).replace(",", "."))
    if key == "dateFacture":
        day, month, year = text.split("/")
        return f"{year}-{month}-{day}"
    return text.replace(" ", "")
