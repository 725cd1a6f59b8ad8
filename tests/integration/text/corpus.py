"""Documents of the corpus and made ones, for the tests of the reader."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from fpdf import FPDF
from lxml.etree import _Element

from include.adapters.text.xml.facturx import invoice_of
from include.domain.fields import Candidate

CORPUS = Path(__file__).parents[2] / "resources" / "corpus"
DIGITAL = CORPUS / "synthetic" / "dev_012_D1_digital.pdf"
SCAN = CORPUS / "synthetic" / "dev_004_D2_lowres.pdf"
FACTURX = CORPUS / "synthetic" / "dev_015_D1_facturx.pdf"


def pdf_of(*texts: str, attachments: dict[str, bytes] | None = None) -> bytes:
    """A page with these lines of text, and files attached."""
    sheet = FPDF(unit="pt", format="A4")
    sheet.add_page()
    sheet.set_font("Helvetica", size=11)
    for index, text in enumerate(texts):
        sheet.text(40, 60 + 20 * index, text)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(bytes(sheet.output()))) as pdf:
        for name, content in (attachments or {}).items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name, mime_type="text/xml")
        pdf.save(out)
    return out.getvalue()


def candidates_of(root: _Element | None) -> dict[str, Candidate]:
    """Candidates of one XML; empty when it is not a readable invoice."""
    invoice = None if root is None else invoice_of(root)
    return {} if invoice is None else invoice.candidates()
