"""Values found in a document, each with its evidence and confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from include.domain.reasons import Reason
from include.domain.text import Box, Page


class Source(StrEnum):
    """Where a value came from; the order of trust is that of design decision 6."""

    PERSON = "person"
    METADATA = "metadata"
    FACTURX = "facturx"
    TEXT = "text"
    OCR = "ocr"
    REMOTE = "remote"
    DEFAULT = "default"


class VatRow(NamedTuple):
    """One row of the VAT recapitulation; canonical strings with two decimals (rate in percent)."""

    rate: str
    base: str
    amount: str


Value = str | tuple[VatRow, ...]
"""A field's value in canonical form: amounts `1800.00` (positive, credit notes too), dates `YYYY-MM-DD`, SIRET and
IBAN bare, `type` one of InvoiceType, `vat` a tuple of rows; everything else as printed."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One value for one field with its evidence: page (from 1), box, the text it was read from, confidence 0 to 1.

    `remembered` is the number of earlier invoices of the same layout that had the value in this place; 0: none.
    """

    value: Value
    source: Source
    page: int | None = None
    box: Box | None = None
    text: str | None = None
    confidence: float = 1.0
    remembered: int = 0


class DocumentKind(StrEnum):
    """How a document was read: embedded XML first, else its text layer, else OCR."""

    FACTURX = "facturx"
    DIGITAL = "digital"
    SCAN = "scan"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The stored result of the reading station for one content.

    `fields` maps a field name to its candidates, best first, each source apart (so that XML and page can disagree in
    sight). `warnings` are codes of reasons.py that do not stop the invoice by themselves. `searchable_copy` is the
    digest of a copy with the recognised words laid on its pages, kept in the content store where the settings ask for
    one; what is submitted is always the original. `checks` are the rules of its standard that embedded XML breaks,
    and a second total of the page.
    """

    kind: DocumentKind
    pages: tuple[Page, ...] = ()
    fields: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    searchable_copy: str | None = None
    checks: tuple[Reason, ...] = ()

    def best(self, name: str) -> Candidate | None:
        """The most trusted candidate of a field, or None where nothing was found."""
        found = self.fields.get(name, ())
        return found[0] if found else None
