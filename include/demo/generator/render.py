"""From an invoice to the bytes of a PDF: digital, scanned, with embedded XML, encrypted, cut short."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from typing import Any

from include.demo.generator.invoice import Invoice, cents
from include.demo.generator.layouts import Layout
from include.demo.generator.sheet import Sheet
from include.demo.generator.style import Style


def digital(invoice: Invoice, layout: Layout, rng: random.Random) -> bytes:
    """A born-digital page with its text layer."""
    return bytes(_draw(invoice, layout, rng).output())


def encrypted(invoice: Invoice, layout: Layout, rng: random.Random) -> bytes:
    """The same page under a password that nobody knows."""
    sheet = _draw(invoice, layout, rng)
    sheet.set_encryption(owner_password=f"{rng.getrandbits(96):x}", user_password=f"{rng.getrandbits(96):x}")
    return bytes(sheet.output())


def _draw(invoice: Invoice, layout: Layout, rng: random.Random) -> Sheet:
    style = Style.draw(rng, families=layout.families)
    sheet = Sheet(style, title=f"{invoice.supplier.name} {invoice.number}", made_on=invoice.issue_date)
    layout.draw(sheet, invoice)
    return sheet


def scanned(page: bytes, rng: random.Random, *, dpi: int, degrees: float, made_on: dt.date) -> bytes:
    """The page as a scanner gives it: grey, noisy, a little turned, without text layer."""
    import numpy
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument(page)
    try:
        image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
    finally:
        document.close()
    turned = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)
    noise = numpy.random.default_rng(rng.getrandbits(32)).normal(0, 6, (turned.height, turned.width))
    paper = Image.fromarray(numpy.clip(numpy.asarray(turned, dtype=float) * 0.93 + 6 + noise, 0, 255).astype("uint8"))
    moment = dt.datetime.combine(made_on, dt.time(8), dt.UTC).timetuple()
    out = io.BytesIO()
    paper.save(out, "PDF", resolution=dpi, quality=80, creationDate=moment, modDate=moment)
    return out.getvalue()


def cut_short(content: bytes) -> bytes:
    """The first half of a file: the transfer broke off."""
    return content[: len(content) // 2]


def facturx(invoice: Invoice, layout: Layout, rng: random.Random) -> bytes:
    """The page with its data embedded as Factur-X, profile EN 16931."""
    from facturx import generate_from_binary, generate_xml

    xml = generate_xml(_terms(invoice), level="en16931", check_xsd=True, check_schematron=False)
    facts = {
        "author": invoice.supplier.name,
        "keywords": "Factur-X",
        "title": f"{invoice.supplier.name} {invoice.number}",
        "subject": invoice.number,
    }
    made = generate_from_binary(
        digital(invoice, layout, rng), xml, level="en16931", check_xsd=False, pdf_metadata=facts, xmp_compression=False
    )
    return _made_on(made, invoice.issue_date)


def _made_on(content: bytes, day: dt.date) -> bytes:
    """The same file with this day in place of the present moment, so that the same invoice has the same bytes."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for item in pdf.objects:
            if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
                for holder in (item, item.get("/Params", pikepdf.Dictionary())):
                    for key in ("/CreationDate", "/ModDate"):
                        if key in holder:
                            holder[key] = pikepdf.String(f"D:{day:%Y%m%d}080000Z")
        stream = pdf.Root.Metadata
        stream.write(re.sub(rb"\d{4}-\d\d-\d\dT[0-9:]{8}", f"{day}T08:00:00".encode(), stream.read_bytes()))
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _terms(invoice: Invoice) -> dict[str, Any]:
    """The invoice in the business terms (BT, BG) of the European standard EN 16931."""
    terms: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": invoice.issue_date,
        "BT-3": "381" if invoice.type == "credit_note" else "380",
        "BT-5": "EUR",
        "BT-9": invoice.due_date,
        "BT-10": invoice.service_code,
        "BT-12": invoice.contract_number,
        "BT-13": invoice.engagement_number,
        "BT-23": "A1",
        "BT-72": invoice.issue_date,
        "BT-81": "30",
        "BT-84": invoice.supplier.iban,
        "BT-106": str(invoice.total_excl_tax),
        "BT-109": str(invoice.total_excl_tax),
        "BT-110": str(invoice.total_tax),
        "BT-112": str(invoice.total_incl_tax),
        "BT-115": str(invoice.total_incl_tax),
        "BG-4": {
            **_address(invoice.supplier.name, invoice.supplier.address),
            "legal_identifier": invoice.supplier.siret,
            "legal_identifier_schemeid": _SIRET,
            "vat_identifier": invoice.supplier.vat_number,
        },
        "BG-7": {
            **_address(invoice.body.name, invoice.body.address),
            "legal_identifier": invoice.body.siret,
            "legal_identifier_schemeid": _SIRET,
        },
        "BG-23": [
            {"BT-116": str(tax.base), "BT-117": str(tax.amount), "BT-118": "S", "BT-119": str(cents(tax.rate))}
            for tax in invoice.taxes
        ],
        "BG-25": [
            {
                "BT-126": str(number),
                "BT-129": str(line.quantity),
                "BT-130": "C62",
                "BT-131": str(line.amount),
                "BT-146": str(line.unit_price),
                "BT-151": "S",
                "BT-152": str(cents(line.rate)),
                "BT-153": line.label,
            }
            for number, line in enumerate(invoice.lines, start=1)
        ],
    }
    return {term: value for term, value in terms.items() if value is not None}


_SIRET = "0009"
"""ISO 6523 code of the SIRET."""


def _address(name: str, address: tuple[str, ...]) -> dict[str, str]:
    postcode, _, city = address[-1].partition(" ")
    return {"name": name, "country_code": "FR", "addr_l1": address[0], "postcode": postcode, "city": city}
