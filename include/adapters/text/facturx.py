"""The invoice XML embedded in a PDF: found, parsed safely, mapped to candidates.

Reference: Factur-X 1.0.7 (attachment `factur-x.xml`), ZUGFeRD 1 and 2, XRechnung; UBL occurs too. The name is a hint
only: files with a wrong one are read as well, Chorus Pro's own flow would refuse them but we send the PDF.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.adapters.text import cii, ubl
from include.adapters.text.xml_tree import LARGEST, local_name, parse
from include.domain.fields import Candidate

if TYPE_CHECKING:
    import pypdfium2 as pdfium
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

USUAL_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_MOST_ATTACHMENTS = 50


@dataclass(frozen=True, kw_only=True)
class EmbeddedInvoice:
    """What the attachments gave. `broken`: there is an invoice XML by its name, but it cannot be read."""

    candidates: dict[str, Candidate]
    root: _Element | None = None
    broken: bool = False


def read_embedded(pdf: pdfium.PdfDocument) -> EmbeddedInvoice:
    """The first attachment that is an invoice; those with a usual name are asked first."""
    broken = False
    for name, content in _xml_attachments(pdf):
        root = parse(content)
        candidates = _candidates(root)
        if candidates:
            return EmbeddedInvoice(candidates=candidates, root=root)
        broken = broken or name in USUAL_NAMES
    return EmbeddedInvoice(candidates={}, broken=broken)


def candidates_of(content: bytes) -> dict[str, Candidate]:
    """Candidates of one XML; empty when it is not a readable invoice."""
    return _candidates(parse(content))


def _candidates(root: _Element | None) -> dict[str, Candidate]:
    if root is None:
        return {}
    name = local_name(root)
    if name in cii.ROOTS:
        return cii.read_cii(root).candidates()
    if name in ubl.ROOTS:
        return ubl.read_ubl(root).candidates()
    return {}


def _xml_attachments(pdf: pdfium.PdfDocument) -> Iterator[tuple[str, bytes]]:
    from pypdfium2 import PdfiumError

    attachments = [pdf.get_attachment(index) for index in range(min(pdf.count_attachments(), _MOST_ATTACHMENTS))]
    named = [(attachment.get_name().lower(), attachment) for attachment in attachments]
    named.sort(key=lambda pair: pair[0] not in USUAL_NAMES)
    for name, attachment in named:
        if not name.endswith(".xml"):
            continue
        try:
            content = bytes(attachment.get_data())
        except PdfiumError:
            logger.info("An attachment of the PDF cannot be read")
            content = b""
        yield name, content if len(content) <= LARGEST else b""  # one that is too large is as good as unreadable
