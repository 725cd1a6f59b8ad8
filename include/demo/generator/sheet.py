"""An A4 page to print on: small moves on top of fpdf2, in millimetres from the upper left corner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from fpdf import FPDF

from include.demo.generator.invoice import Invoice
from include.demo.generator.style import Style

Align = Literal["L", "C", "R"]
Column = tuple[str, float, Align]
"""Heading, width, alignment."""


class Sheet(FPDF):
    """One page in one author's style."""

    def __init__(self, style: Style, *, title: str, made_on: dt.date) -> None:
        super().__init__(format="A4")
        self.style = style
        # The standard fonts in the encoding that has the euro sign; fpdf2 would encode them as Latin-1.
        self.core_fonts_encoding = "cp1252"
        self.set_creation_date(dt.datetime.combine(made_on, dt.time(8), dt.UTC))
        self.set_title(title)
        self.set_auto_page_break(False)
        self.add_page()
        self.set_stretching(style.stretching)

    def write_at(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9.5,
        bold: bool = False,
        align: Align = "L",
        width: float = 0,
    ) -> None:
        """One line; with `align` R or C in a box of this width."""
        self.set_font(self.style.family, "B" if bold else "", size)
        self.set_xy(x, y)
        self.cell(width or self.get_string_width(text) + 3, size * 0.45, text, align=align)

    def block(self, x: float, y: float, lines: Sequence[str], *, size: float = 9.5, bold_first: bool = False) -> float:
        """Lines one under the other; returns where the next would stand."""
        for index, line in enumerate(lines):
            self.write_at(x, y, line, size=size, bold=bold_first and index == 0)
            y += size * 0.5
        return y

    def ruled(
        self, y: float, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, x: float = 15, boxes: bool = True
    ) -> float:
        """Headings and rows, in boxes or under one line; returns where the table ends."""
        self.set_xy(x, y)
        self.set_font(self.style.family, "B", 8.5)
        for heading, width, align in columns:
            self.cell(width, 7, heading, border="LTRB" if boxes else "B", align=align)
        self.set_font(self.style.family, "", 9)
        for row in rows:
            y += 7
            self.set_xy(x, y)
            for (_, width, align), text in zip(columns, row, strict=True):
                self.cell(width, 7, text, border="LTRB" if boxes else 0, align=align)
        return y + 7


def article_rows(invoice: Invoice, style: Style) -> list[tuple[str, str, str, str, str]]:
    """Label, quantity, price, rate and amount of each line."""
    return [
        (
            line.label,
            style.quantity(line.quantity),
            style.price(line.unit_price),
            style.rate(line.rate),
            style.amount(line.amount),
        )
        for line in invoice.lines
    ]


def references(invoice: Invoice, style: Style) -> list[tuple[str, str]]:
    """Label and value of the number, the dates and what the body wants to find on the page."""
    words = style.words
    credit = invoice.type == "credit_note"
    found: list[tuple[str, str | None]] = [
        (words["credit_number" if credit else "number"], invoice.number),
        (words["original"], invoice.original_number),
        (words["date"], style.date(invoice.issue_date)),
        (words["due"], style.date(invoice.due_date)),
        (words["service"], invoice.service_code),
        (words["engagement"], invoice.engagement_number),
        (words["contract"], invoice.contract_number),
    ]
    return [(label, value) for label, value in found if value is not None]


def totals(invoice: Invoice, style: Style) -> list[tuple[str, str]]:
    """Label and value of the four sums."""
    words = style.words
    payable = words["to_refund" if invoice.type == "credit_note" else "due_amount"]
    return [
        (words["excl"], style.amount(invoice.total_excl_tax, currency=True)),
        (words["tax"], style.amount(invoice.total_tax, currency=True)),
        (words["incl"], style.amount(invoice.total_incl_tax, currency=True)),
        (payable, style.amount(invoice.total_incl_tax, currency=True)),
    ]


def tax_rows(invoice: Invoice, style: Style) -> list[tuple[str, str, str]]:
    """Rate, base and amount of each VAT row."""
    return [(style.rate(tax.rate), style.amount(tax.base), style.amount(tax.amount)) for tax in invoice.taxes]


def supplier_lines(invoice: Invoice, style: Style) -> list[str]:
    """Name, address, SIRET and VAT number of the supplier."""
    supplier = invoice.supplier
    siret = f"{style.words['supplier_siret']}{style.separator}{style.siret(supplier.siret)}"
    return [supplier.name, *supplier.address, f"Tél. {supplier.phone}", siret, f"TVA {supplier.vat_number}"]


def body_lines(invoice: Invoice, style: Style, *, label: str = "") -> list[str]:
    """Name, address and, if it is printed, the SIRET of the recipient under the given label."""
    body = invoice.body
    siret = f"{label or style.words['recipient_siret']}{style.separator}{style.siret(body.siret)}"
    return [body.name, body.department, *body.address, *([siret] if body.print_siret else [])]


def bank_line(invoice: Invoice, style: Style) -> str:
    """Where to pay."""
    return f"IBAN{style.separator}{style.iban(invoice.supplier.iban)} - BIC{style.separator}{invoice.supplier.bic}"
