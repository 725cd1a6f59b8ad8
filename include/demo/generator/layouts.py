"""Where things stand on the page: five authors who never saw each other's invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from include.demo.generator.invoice import Invoice
from include.demo.generator.sheet import (
    Column,
    Sheet,
    article_rows,
    bank_line,
    body_lines,
    references,
    supplier_lines,
    tax_rows,
    totals,
)

_LATE = (
    "En cas de retard de paiement : intérêts moratoires au taux de la BCE majoré de huit points",
    "et indemnité forfaitaire de 40 euros (décret n° 2013-269 du 29 mars 2013).",
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A way to draw, the fonts that suit it, and whether it prints whole VAT rows."""

    name: str
    families: tuple[str, ...]
    vat_rows: bool
    draw: Callable[[Sheet, Invoice], None]


def _title(invoice: Invoice) -> str:
    return "AVOIR" if invoice.type == "credit_note" else "FACTURE"


def _classic(sheet: Sheet, invoice: Invoice) -> None:
    """Supplier left, window address right, references one under the other, totals at the lower right."""
    style = sheet.style
    sheet.block(15, 15, supplier_lines(invoice, style), bold_first=True)
    sheet.write_at(120, 15, _title(invoice), size=20, bold=True)
    sheet.block(115, 48, body_lines(invoice, style), size=10.5)
    y = 55.0
    for label, value in references(invoice, style):
        sheet.write_at(15, y, f"{label}{style.separator}{value}")
        y += 5.5
    columns: list[Column] = [
        ("Désignation", 88.0, "L"),
        ("Qté", 18.0, "R"),
        ("PU HT", 22.0, "R"),
        ("TVA", 20.0, "R"),
        ("Total HT", 32.0, "R"),
    ]
    y = sheet.ruled(max(y, 92) + 8, columns, article_rows(invoice, style)) + 6
    sheet.ruled(y, [("Taux", 22, "R"), ("Base HT", 30, "R"), ("Montant TVA", 28, "R")], tax_rows(invoice, style))
    for label, value in totals(invoice, style):
        sheet.write_at(110, y, label, bold=True)
        sheet.write_at(150, y, value, align="R", width=45)
        y += 6.5
    sheet.write_at(15, 262, bank_line(invoice, style))
    sheet.block(15, 270, [*_LATE, invoice.supplier.register], size=7.5)


def _boxed(sheet: Sheet, invoice: Invoice) -> None:
    """A coloured band, the references as a table with their labels above the values."""
    style = sheet.style
    sheet.set_fill_color(222, 230, 240)
    sheet.rect(0, 0, 210, 22, style="F")
    sheet.write_at(15, 7, invoice.supplier.name.upper(), size=16, bold=True)
    sheet.write_at(140, 7, _title(invoice), size=16, bold=True, align="R", width=55)
    sheet.block(15, 28, supplier_lines(invoice, style)[1:], size=9)
    sheet.rect(108, 28, 87, 34)
    sheet.write_at(111, 30, "Facturé à", size=8, bold=True)
    sheet.block(111, 35, body_lines(invoice, style, label="SIRET"), size=10)
    y = 68.0
    pairs = references(invoice, style)
    for start in range(0, len(pairs), 4):
        part = pairs[start : start + 4]
        y = sheet.ruled(y, [(label, 45, "C") for label, _ in part], [[value for _, value in part]])
    columns: list[Column] = [
        ("Article", 84.0, "L"),
        ("Quantité", 20.0, "R"),
        ("P.U.", 22.0, "R"),
        ("Taux", 20.0, "R"),
        ("Montant", 34.0, "R"),
    ]
    y = sheet.ruled(y + 8, columns, article_rows(invoice, style)) + 6
    pairs = [(f"TVA {rate} sur {base}", amount) for rate, base, amount in tax_rows(invoice, style)]
    first, *rest = totals(invoice, style)
    for label, value in [first, *pairs, *rest]:
        sheet.write_at(95, y, label, align="R", width=60)
        sheet.write_at(157, y, value, align="R", width=38, bold=True)
        y += 6.5
    sheet.rect(15, 255, 180, 10)
    sheet.write_at(18, 258, bank_line(invoice, style))
    sheet.block(15, 270, [*_LATE, invoice.supplier.register], size=7.5)


def _ledger(sheet: Sheet, invoice: Invoice) -> None:
    """Typewriter: dotted leaders, no lines, no VAT table."""
    style = sheet.style
    y = sheet.block(15, 15, supplier_lines(invoice, style), size=10, bold_first=True)
    sheet.block(110, y + 4, ["DESTINATAIRE", *body_lines(invoice, style)], size=10, bold_first=True)
    y += 38
    sheet.write_at(15, y, _title(invoice), size=14, bold=True)
    y += 9
    for label, value in references(invoice, style):
        sheet.write_at(15, y, f"{label} ".ljust(34, ".") + f" {value}", size=10)
        y += 5.5
    columns: list[Column] = [
        ("LIBELLE", 78.0, "L"),
        ("QTE", 22.0, "R"),
        ("P.U. HT", 24.0, "R"),
        ("TVA", 22.0, "R"),
        ("MONTANT HT", 34.0, "R"),
    ]
    y = sheet.ruled(y + 6, columns, article_rows(invoice, style), boxes=False) + 8
    for label, value in totals(invoice, style):
        sheet.write_at(85, y, f"{label} ".ljust(32, "."), size=10)
        sheet.write_at(155, y, value, size=10, align="R", width=40)
        y += 6
    sheet.write_at(15, y + 12, bank_line(invoice, style), size=8.5)
    sheet.block(15, 268, [*_LATE, invoice.supplier.register], size=7)


def _letter(sheet: Sheet, invoice: Invoice) -> None:
    """A letterhead in the middle, the number and date in a sentence, totals beside the VAT table."""
    style = sheet.style
    supplier = invoice.supplier
    for y, line in zip(
        (14.0, 21.0, 26.0), (supplier.name, " - ".join(supplier.address), f"Tél. {supplier.phone}"), strict=True
    ):
        sheet.write_at(15, y, line, size=15 if y == 14 else 9, bold=y == 14, align="C", width=180)
    sheet.line(15, 33, 195, 33)
    sheet.block(110, 42, body_lines(invoice, style), size=10.5)
    word = "Avoir n°" if invoice.type == "credit_note" else "Facture n°"
    sheet.write_at(15, 78, f"{word} {invoice.number} du {style.date(invoice.issue_date)}", size=13, bold=True)
    y = 87.0
    for label, value in references(invoice, style):
        if value not in (invoice.number, style.date(invoice.issue_date)):
            sheet.write_at(15, y, f"{label}{style.separator}{value}")
            y += 5.5
    columns: list[Column] = [
        ("Désignation des prestations", 88.0, "L"),
        ("Qté", 18.0, "R"),
        ("Prix HT", 22.0, "R"),
        ("TVA", 20.0, "R"),
        ("Total HT", 32.0, "R"),
    ]
    y = sheet.ruled(y + 6, columns, article_rows(invoice, style), boxes=False) + 8
    sheet.ruled(
        y, [("Taux de TVA", 26, "R"), ("Base", 28, "R"), ("Montant", 26, "R")], tax_rows(invoice, style), boxes=False
    )
    for label, value in totals(invoice, style):
        sheet.write_at(112, y, label)
        sheet.write_at(152, y, value, align="R", width=43, bold=True)
        y += 6.5
    sheet.write_at(15, 250, f"Règlement par virement. {bank_line(invoice, style)}", size=9)
    siret = (
        f"{style.words['supplier_siret']} {style.siret(supplier.siret)} - TVA intracommunautaire {supplier.vat_number}"
    )
    for y, line in zip((266.0, 270.0, 274.0, 278.0), (*_LATE, supplier.register, siret), strict=True):
        sheet.write_at(15, y, line, size=7.5, align="C", width=180)


def _margin(sheet: Sheet, invoice: Invoice) -> None:
    """Everything about the parties in a column at the left, the invoice itself at the right."""
    style = sheet.style
    sheet.set_fill_color(240, 240, 232)
    sheet.rect(0, 0, 62, 297, style="F")
    y = sheet.block(8, 15, supplier_lines(invoice, style), size=8.5, bold_first=True)
    sheet.write_at(8, y + 8, "CLIENT", size=8.5, bold=True)
    y = sheet.block(8, y + 13, body_lines(invoice, style, label="SIRET"), size=8.5)
    sheet.write_at(8, y + 8, "RÈGLEMENT", size=8.5, bold=True)
    iban = style.iban(invoice.supplier.iban)
    sheet.block(8, y + 13, ["IBAN", iban[:20].strip(), iban[20:].strip(), f"BIC {invoice.supplier.bic}"], size=8.5)
    sheet.write_at(70, 15, _title(invoice), size=22, bold=True)
    y = 30.0
    for label, value in references(invoice, style):
        sheet.write_at(70, y, label)
        sheet.write_at(125, y, value, bold=True)
        y += 6
    columns: list[Column] = [
        ("Désignation", 60.0, "L"),
        ("Qté", 13.0, "R"),
        ("PU", 17.0, "R"),
        ("TVA", 16.0, "R"),
        ("HT", 22.0, "R"),
    ]
    y = sheet.ruled(y + 8, columns, article_rows(invoice, style), x=70) + 8
    y = (
        sheet.ruled(y, [("Taux TVA", 30, "R"), ("Base HT", 34, "R"), ("TVA", 34, "R")], tax_rows(invoice, style), x=70)
        + 6
    )
    for label, value in totals(invoice, style):
        sheet.write_at(98, y, label)
        sheet.write_at(150, y, value, align="R", width=48, bold=True)
        y += 6.5
    sheet.block(70, 272, [*_LATE, invoice.supplier.register], size=7)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(name="classic", families=("Helvetica", "Times"), vat_rows=True, draw=_classic),
        Layout(name="boxed", families=("Helvetica", "Times"), vat_rows=True, draw=_boxed),
        Layout(name="ledger", families=("Courier",), vat_rows=False, draw=_ledger),
        Layout(name="letter", families=("Times", "Helvetica"), vat_rows=True, draw=_letter),
        Layout(name="margin", families=("Helvetica",), vat_rows=True, draw=_margin),
    )
}
