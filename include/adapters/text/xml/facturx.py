"""The invoice XML embedded in a PDF: found, parsed safely, mapped to candidates.

Reference: Factur-X 1.0.7 (attachment `factur-x.xml`), ZUGFeRD 1 and 2, XRechnung; UBL occurs too. What a file holds
decides, not its name nor where the PDF keeps it: Chorus Pro's own flow would refuse some of them but we send the PDF.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.adapters.text.xml import cii, ubl
from include.adapters.text.xml.embedded_files import EmbeddedFile, named_files, other_files
from include.adapters.text.xml.invoice_xml import InvoiceXml
from include.adapters.text.xml.xml_tree import local_name, parse
from include.domain.fields import Candidate
from include.domain.reasons import Reason

if TYPE_CHECKING:
    import pypdfium2 as pdfium
    from lxml.etree import _Element

USUAL_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_INVOICE_WORDS = (
    b"CrossIndustryInvoice",
    b"CrossIndustryDocument",
    b"schema:xsd:Invoice-2",
    b"schema:xsd:CreditNote-2",
)
"""What a broken file says that was meant to be an invoice."""

_HEAD = 4_000
_DECIDING = ("invoice_number", "type", "supplier_siret", "recipient_siret", "total_incl_tax", "amount_due")
"""Fields in which two embedded invoices of one PDF may not differ."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedInvoice:
    """What the attachments gave. `broken`: one is an invoice by its name or its words, and cannot be read.

    `reasons` are what the data say that no value holds, and files that were passed over.
    """

    candidates: dict[str, Candidate]
    root: _Element | None = None
    broken: bool = False
    reasons: tuple[Reason, ...] = ()


def read_embedded(pdf: pdfium.PdfDocument, content: bytes = b"") -> EmbeddedInvoice:
    """The first attachment that is an invoice; those with a usual name are asked first.

    `content` are the bytes of the PDF, in which files are looked for that its list does not name.
    """
    broken = False
    passed_over: list[Reason] = []
    found: list[tuple[_Element, InvoiceXml]] = []
    for file in _files(pdf, content):
        root = parse(file.content)
        invoice = None if root is None else invoice_of(root)
        if root is not None and invoice is not None and invoice.candidates():
            found.append((root, invoice))
        elif file.name in USUAL_NAMES or any(word in file.content[:_HEAD] for word in _INVOICE_WORDS):
            broken = True
        elif file.name.endswith(".xml") or root is not None:
            passed_over.append(Reason(code="xml_passed_over", params={"name": file.name[:60]}))
    if not found:
        return EmbeddedInvoice(candidates={}, broken=broken, reasons=tuple(passed_over))
    root, invoice = found[0]
    several = [Reason(code="xml_several", params={"count": str(len(found))})] if _differ(found) else []
    return EmbeddedInvoice(
        candidates=invoice.candidates(), root=root, reasons=(*invoice.reasons(), *several, *passed_over)
    )


def invoice_of(root: _Element) -> InvoiceXml | None:
    """The invoice that an XML is; None for any other."""
    name = local_name(root)
    if name in cii.ROOTS:
        return cii.read_cii(root)
    return ubl.read_ubl(root) if name in ubl.ROOTS else None


def _differ(found: list[tuple[_Element, InvoiceXml]]) -> bool:
    values = [
        tuple(candidates[name].value if name in candidates else None for name in _DECIDING)
        for candidates in (invoice.candidates() for _, invoice in found)
    ]
    return len(set(values)) > 1


def _files(pdf: pdfium.PdfDocument, content: bytes) -> Iterator[EmbeddedFile]:
    """Every embedded file once, those first whose name says what they are; others only where they begin as XML does."""
    known = list(named_files(pdf))
    known += [other for other in other_files(content) if other not in known]
    known.sort(key=lambda file: (file.name not in USUAL_NAMES, not file.name.endswith(".xml")))
    yield from (file for file in known if file.name.endswith(".xml") or _begins_as_xml(file.content))


def _begins_as_xml(content: bytes) -> bool:
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t \x00")
    return head.startswith(b"<")
