"""Papers that are no invoices: a delivery note and a letter."""

from __future__ import annotations

import datetime as dt
import random

from include.demo.generator.invoice import Body, Invoice, Supplier
from include.demo.generator.sheet import Sheet
from include.demo.generator.style import Style


def delivery_note(invoice: Invoice, rng: random.Random, *, number: str) -> bytes:
    """What was delivered, without prices."""
    style = Style.draw(rng, families=("Helvetica",))
    sheet = Sheet(style, title=f"Bon de livraison {number}", made_on=invoice.issue_date)
    sheet.block(15, 15, [invoice.supplier.name, *invoice.supplier.address], bold_first=True)
    sheet.block(115, 45, [invoice.body.name, invoice.body.department, *invoice.body.address])
    sheet.write_at(15, 75, f"Bon de livraison {number} du {style.date(invoice.issue_date)}", size=14, bold=True)
    rows = [(line.label, style.quantity(line.quantity)) for line in invoice.lines]
    y = sheet.ruled(90, [("Article livré", 130, "L"), ("Quantité", 40, "R")], rows)
    sheet.write_at(15, y + 15, "Reçu en bon état, le                         Signature :")
    return bytes(sheet.output())


def letter(supplier: Supplier, body: Body, rng: random.Random, *, written_on: dt.date) -> bytes:
    """A letter that announces a closing week."""
    style = Style.draw(rng, families=("Times",))
    sheet = Sheet(style, title="Fermeture annuelle", made_on=written_on)
    sheet.block(15, 15, [supplier.name, *supplier.address, f"Tél. {supplier.phone}"], bold_first=True)
    sheet.block(115, 45, [body.name, body.department, *body.address])
    sheet.write_at(115, 75, f"Annecy, le {style.date(written_on)}")
    sheet.write_at(15, 90, "Objet : fermeture annuelle de nos ateliers", bold=True)
    sheet.block(
        15,
        105,
        [
            "Madame, Monsieur,",
            "",
            "Nos ateliers seront fermés pendant la dernière semaine de l'année. Les travaux confiés avant le",
            "quinze du mois seront livrés avant cette fermeture ; notre secrétariat restera joignable le matin.",
            "",
            "Nous vous remercions de votre confiance et vous prions d'agréer nos salutations distinguées.",
        ],
        size=11,
    )
    return bytes(sheet.output())
