"""What the platform itself read from a PDF, as candidates: each key is null where it read nothing.

Source: docs/reference/chorus-pro-api.md 3.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from include.adapters.chorus.answers import read_amount, read_date, read_text
from include.domain.codes import InvoiceType, VatType
from include.domain.fields import Candidate, Source, Value
from include.domain.values import cents

REMOTE_CONFIDENCE = 0.5
"""Confidence of what the platform read: it gives no evidence."""

_TEXTS = {
    "invoice_number": "numeroFacture",
    "service_code": "codeServiceExecutant",
    "currency": "codeDeviseFacture",
    "engagement_number": "numeroBonCommande",
}
_SIRETS = {"recipient_siret": "codeDestinataire", "supplier_siret": "codeFournisseur"}
_AMOUNTS = {
    "total_excl_tax": "montantHtTotal",
    "total_tax": "montantTVA",
    "total_incl_tax": "montantTtcAvantRemiseGlobalTTC",
    "amount_due": "montantAPayer",
}
_TYPES = {"FACTURE": InvoiceType.INVOICE, "AVOIR": InvoiceType.CREDIT_NOTE}


def read_analysis(payload: Mapping[str, Any]) -> dict[str, Candidate]:
    """The candidates in canonical form; what the platform did not read, or read as nonsense, is left out."""
    found: dict[str, Value | None] = {name: read_text(payload.get(key)) for name, key in _TEXTS.items()}
    found |= {name: _siret(payload.get(key)) for name, key in _SIRETS.items()}
    found |= {name: _amount(payload.get(key)) for name, key in _AMOUNTS.items()}
    found["issue_date"] = read_date(payload.get("dateFacture"))
    found["type"] = _TYPES.get(read_text(payload.get("typeFacture")) or "")
    vat_type = read_text(payload.get("typeTva"))
    found["vat_type"] = vat_type if vat_type in set(VatType) else None
    return {
        name: Candidate(value=value, source=Source.REMOTE, confidence=REMOTE_CONFIDENCE)
        for name, value in found.items()
        if value is not None and value != ""
    }


def _siret(value: object) -> str | None:
    digits = re.sub(r"\s", "", read_text(value) or "")
    return digits if re.fullmatch(r"\d{14}", digits) else None


def _amount(value: object) -> Decimal | None:
    amount = read_amount(value)
    return None if amount is None or amount != cents(amount) else cents(abs(amount))
