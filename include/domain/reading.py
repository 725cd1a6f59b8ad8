"""The result of reading one document: its pages, and for each field what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from include.domain.fields import Candidate
from include.domain.reasons import Reason
from include.domain.text import Page


class DocumentKind(StrEnum):
    """How a document was read: embedded XML first, else its text layer, else OCR."""

    FACTURX = "facturx"
    DIGITAL = "digital"
    SCAN = "scan"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The stored result of the reading stage for one content.

    `fields` maps a field name to its candidates, best first, each source apart (so that XML and page can disagree in
    sight). `warnings` are codes of reasons.py that do not stop the invoice by themselves. `searchable_copy` is the
    digest of a copy with the recognised words laid on its pages, kept in the content store where the settings ask for
    one; what is submitted is always the original. `signed` says whether the PDF's objects hold a digital signature,
    None where they were not looked at. `checks` are the rules of its standard that embedded XML breaks, and a second
    total of the page.
    """

    kind: DocumentKind
    pages: tuple[Page, ...] = ()
    fields: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    searchable_copy: str | None = None
    checks: tuple[Reason, ...] = ()
    signed: bool | None = None

    def best(self, name: str) -> Candidate | None:
        """The most trusted candidate of a field, or None where nothing was found."""
        found = self.fields.get(name, ())
        return found[0] if found else None
