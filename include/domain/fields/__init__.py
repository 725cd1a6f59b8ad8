"""The fields of an invoice, each declared once (`registry.py`), and values with their evidence (`evidence.py`)."""

from __future__ import annotations

from include.domain.fields.claims import Claim
from include.domain.fields.evidence import Candidate, Source, Value, VatRow, as_json, as_text, from_text, vat_row

__all__ = ["Candidate", "Claim", "Source", "Value", "VatRow", "as_json", "as_text", "from_text", "vat_row"]
