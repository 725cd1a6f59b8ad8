"""A supplier whose invoices no rule can read: invented labels, a bare number in the corner, the recipient in a box.

Nothing on them says `facture`, `total`, `HT`, `TTC` or `client`. Tables have any number of lines; below them the totals
move. `changed` is the same supplier after a change of its program: the same wordings elsewhere.
"""

from __future__ import annotations

import datetime as dt
import io
import random
from dataclasses import dataclass
from decimal import Decimal

import pypdfium2 as pdfium
from fpdf import FPDF
from PIL import Image, ImageFilter

from include.demo.generator import cast

SUPPLIER_SIRET = cast.DURAND.siret
RECIPIENTS = {
    "Mairie de Beauval-sur-Risle": cast.ANNECY.siret,
    "Communauté des Trois Vallons": cast.ANNECY.siret,
    "Office de la Haute Lande": cast.DEPARTMENT.siret,
    "Syndicat du Val Bruyant": cast.DEPARTMENT.siret,
}
GOODS = ("Gravillon roulé", "Sable fin", "Ciment gris", "Treillis soudé", "Bordure coulée", "Pavé scié", "Coffrage")
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre")


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """The values of one invoice of the family."""

    number: str
    day: dt.date
    recipient: str
    order: str
    lines: tuple[tuple[str, int, Decimal], ...]
    rate: Decimal = Decimal(20)

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((count * price for _, count, price in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """VAT at the one rate."""
        return (self.net * self.rate / 100).quantize(Decimal("0.01"))

    @property
    def truth(self) -> dict[str, str]:
        """What has to be read, and what a person types."""
        return {
            "invoice_number": self.number,
            "issue_date": self.day.isoformat(),
            "type": "invoice",
            "recipient_name": self.recipient,
            "engagement_number": self.order,
            "total_excl_tax": f"{self.net:.2f}",
            "total_tax": f"{self.tax:.2f}",
            "total_incl_tax": f"{self.net + self.tax:.2f}",
        }


def invoice(seed: int, *, lines: int | None = None) -> Invoice:
    """One more invoice, with other values and a table of another length."""
    dice = random.Random(seed)
    return Invoice(
        number=f"K{dice.randint(22, 26)}/{dice.randint(1000, 99999):06d}",
        day=dt.date(2026, dice.randint(1, 10), dice.randint(1, 28)),
        recipient=sorted(RECIPIENTS)[seed % len(RECIPIENTS)],
        order=f"45{dice.randint(10**7, 10**8 - 1)}",
        lines=tuple(
            (dice.choice(GOODS), dice.randint(2, 40), Decimal(dice.randint(150, 9900)) / 100)
            for _ in range(lines or dice.randint(2, 9))
        ),
    )


def euros(amount: Decimal) -> str:
    """As the family prints amounts."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


class _Sheet(FPDF):
    def __init__(self) -> None:
        super().__init__(unit="pt", format="A4")
        self.add_page()

    def put(self, x: float, y: float, text: str, size: float = 10, style: str = "") -> None:
        self.set_font("Helvetica", style=style, size=size)
        self.text(x, y, text)

    def put_right(self, x: float, y: float, text: str, size: float = 10) -> None:
        self.set_font("Helvetica", size=size)
        self.text(x - self.get_string_width(text), y, text)


def pdf(made: Invoice, *, changed: bool = False) -> bytes:
    """The invoice as a PDF with a text layer."""
    sheet = _Sheet()
    (_changed if changed else _usual)(sheet, made)
    return bytes(sheet.output())


def _usual(sheet: _Sheet, made: Invoice) -> None:
    _letterhead(sheet, 40, 50)
    sheet.put_right(555, 48, made.number, 11)
    sheet.put(40, 150, "PIÈCE COMPTABLE", 18, "B")
    sheet.put(40, 185, "Arrêtée au")
    sheet.put(130, 185, f"{made.day.day} {MONTHS[made.day.month - 1]} {made.day.year}")
    sheet.put(40, 202, "Sortie du dépôt")
    sheet.put(130, 202, f"{made.day - dt.timedelta(days=9):%d/%m/%Y}")
    sheet.put(40, 219, "Nos réf. pièce")
    sheet.put(130, 219, made.order)
    sheet.rect(320, 170, 235, 60)
    sheet.put(330, 186, "Pour le compte de", 8)
    sheet.put(330, 206, made.recipient, 11)
    y = _table(sheet, made, 265)
    sheet.rect(330, y, 225, 62)
    for row, (label, amount) in enumerate(
        (
            ("Masse nette", made.net),
            ("Part de l'État", made.tax),
            ("Somme à porter en compte", made.net + made.tax),
        )
    ):
        sheet.put(338, y + 18 + 17 * row, label)
        sheet.put_right(547, y + 18 + 17 * row, f"{euros(amount)} EUR")
    _foot(sheet)


def _changed(sheet: _Sheet, made: Invoice) -> None:
    _letterhead(sheet, 340, 60)
    sheet.put(40, 70, "PIÈCE COMPTABLE", 14, "B")
    sheet.put(40, 105, "Pour le compte de", 8)
    sheet.put(40, 121, made.recipient, 11)
    sheet.put(220, 190, "Arrêtée au")
    sheet.put(330, 190, f"{made.day.day} {MONTHS[made.day.month - 1]} {made.day.year}")
    sheet.put(220, 207, "Nos réf. pièce")
    sheet.put(330, 207, made.number)
    sheet.put(220, 224, "Sortie du dépôt")
    sheet.put(330, 224, f"{made.day - dt.timedelta(days=9):%d/%m/%Y}")
    sheet.put_right(555, 30, f"K{made.order[2:4]}/{made.order[4:]}", 11)  # looks like its numbers, and is none
    y = _table(sheet, made, 265, shift=60)
    for row, (label, amount) in enumerate(
        (
            ("Report de la période passée", made.net * 3),
            ("Somme à porter en compte", made.net + made.tax),
            ("Part de l'État", made.tax),
            ("Masse nette", made.net),
        )
    ):
        sheet.put(60, y + 18 + 17 * row, label)
        sheet.put_right(300, y + 18 + 17 * row, f"{euros(amount)} EUR")
    _foot(sheet, left=200)


def _letterhead(sheet: _Sheet, x: float, y: float) -> None:
    sheet.put(x, y, "Carrières Taupin & Fils", 14, "B")
    sheet.put(x, y + 16, "Lieu-dit Les Ormeaux, route de la Vallée")
    sheet.put(x, y + 29, "27500 Pont-Audemer")
    sheet.put(x, y + 42, "Granulats, sables et enrobés depuis 1911", 9)


def _table(sheet: _Sheet, made: Invoice, y: float, shift: float = 0) -> float:
    for x, head in ((40 + shift, "Nature"), (300 + shift, "Nb"), (380 + shift, "Prix"), (480, "Somme")):
        sheet.put(x, y, head, 10, "B")
    for goods, count, price in made.lines:
        y += 15
        sheet.put(40 + shift, y, goods)
        sheet.put_right(315 + shift, y, str(count))
        sheet.put_right(420 + shift, y, euros(price))
        sheet.put_right(547, y, euros(count * price))
    return y + 22


def _foot(sheet: _Sheet, left: float = 40) -> None:
    sheet.put(left, 790, "Carrières Taupin & Fils, SAS au capital de 80 000 euros, RCS Bernay", 8)
    sheet.put(left, 801, f"SIRET {SUPPLIER_SIRET}", 8)


def scan(content: bytes, *, degrees: float = 0.6, seed: int = 1) -> bytes:
    """The same on paper, scanned a little askew, at 200 dpi."""
    with pdfium.PdfDocument(content) as source:
        image: Image.Image = source[0].render(scale=200 / 72, grayscale=True).to_pil()
    noise = Image.effect_noise(image.size, 18).point(lambda shade: shade // 8)
    image = image.rotate(degrees, expand=False, fillcolor=255, resample=Image.Resampling.BICUBIC)
    image = Image.blend(image, noise, 0.06).filter(ImageFilter.GaussianBlur(0.5))
    out = io.BytesIO()
    image.save(out, format="PDF", resolution=200, quality=70)
    return out.getvalue()
