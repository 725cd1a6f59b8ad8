"""What families of invoices are made with: facts drawn at random, a page to print on, and a scanner."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Literal

import numpy
import ocrmypdf
import pypdfium2
from fpdf import FPDF
from PIL import Image
from stdnum import luhn

Align = Literal["L", "C", "R"]
Truth = dict[str, Any]
NOTO = Path(ocrmypdf.__file__).parent / "data" / "NotoSans-Regular.ttf"
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
CENT = Decimal("0.01")

_SUPPLIERS = (
    ("Établissements Vasseur & Fils", "18 rue du Moulin", "80100 ABBEVILLE", "Abbeville"),
    ("SAS Kermeur Réseaux", "Zone artisanale de Kergonan", "29200 BREST", "Brest"),
    ("Bureau Lantier Ingénierie", "4 bis, quai Perrache", "69002 LYON", "Lyon"),
    ("Ateliers du Val d'Oule", "Route de Nyons", "26470 LA MOTTE-CHALANCON", "Romans"),
    ("COOPERATIVE SOLENE", "77 avenue Jean Médecin", "06000 NICE", "Nice"),
    ("Garrigou Maintenance SARL", "ZI de Fonlabour", "81000 ALBI", "Albi"),
)
_BODIES = (
    ("Commune de Saint-Aubin", "Hôtel de ville", "1 place de la République", "35250 SAINT-AUBIN"),
    ("Communauté d'agglomération du Grand Verger", "Direction des finances", "12 avenue Foch", "49300 CHOLET"),
    ("Département de la Haute-Combe", "Service comptabilité", "3 rue des Archives", "73000 CHAMBERY"),
    ("Centre hospitalier Louis Pasteur", "Services économiques", "BP 40237", "39108 DOLE CEDEX"),
    ("Université Marie-Curie", "Agence comptable", "15 boulevard Arago", "51100 REIMS"),
    ("SDIS de la Vallée", "Groupement finances", "8 chemin du Fort", "87000 LIMOGES"),
)
_THINGS = (
    ("Entretien des espaces verts, lot 2", "1480.00"),
    ("Fourniture de filtres G4", "23.75"),
    ("Vérification des extincteurs", "12.40"),
    ("Main d'oeuvre technicien", "54.50"),
    ("Déplacement zone B", "36.00"),
    ("Location de nacelle 12 m", "310.00"),
    ("Papier recyclé A4 80 g (carton)", "31.90"),
    ("Prestation de conseil, phase diagnostic", "875.00"),
    ("Câble U1000 R2V 3G2,5", "1.37"),
)


def cents(value: Decimal) -> Decimal:
    """Rounded as people do."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def money(value: Decimal, group: str = "\N{NO-BREAK SPACE}", point: str = ",", sign: str = " €") -> str:
    """An amount as one author writes it."""
    whole, _, rest = f"{value:,.2f}".partition(".")
    return whole.replace(",", group) + point + rest + sign


def long_date(day: dt.date) -> str:
    """`3 mai 2026`."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def grouped(text: str, *sizes: int) -> str:
    """Digits set apart: `grouped("12345678900011", 3, 3, 3)` is `123 456 789 00011`."""
    parts, start = [], 0
    for size in sizes:
        parts.append(text[start : start + size])
        start += size
    return " ".join([*parts, text[start:]])


def fours(text: str) -> str:
    """An IBAN in groups of four."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One article."""

    label: str
    quantity: int
    price: Decimal
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        """Without tax."""
        return cents(self.price * self.quantity)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one invoice says; families choose how to say it, and what to leave out."""

    serial: int
    issued: dt.date
    due: dt.date
    supplier: tuple[str, str, str, str]
    supplier_siret: str
    vat_number: str
    iban: str
    bic: str
    body: tuple[str, str, str, str]
    body_siret: str
    service: str
    engagement: str
    contract: str
    lines: tuple[Line, ...]
    other: random.Random

    @classmethod
    def draw(cls, rng: random.Random, rates: Sequence[str]) -> Facts:
        """At random; `rates` are those of the lines in turn."""
        issued = dt.date(2026, rng.randint(1, 11), rng.randint(1, 28))
        siren = siren_of(rng, "345789")
        return cls(
            serial=rng.randint(12, 9876),
            issued=issued,
            due=issued + dt.timedelta(days=rng.choice((30, 45, 60))),
            supplier=rng.choice(_SUPPLIERS),
            supplier_siret=siret_of(rng, siren),
            vat_number=f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}",
            iban=iban_of(rng),
            bic=rng.choice(("AGRIFRPP", "CMCIFR2A", "PSSTFRPPLIL", "BNPAFRPPXXX")),
            body=rng.choice(_BODIES),
            body_siret=siret_of(rng, siren_of(rng, "12")),
            service=rng.choice(("UF4521", "DSI", "SERV_TECH", "FACT-02", "ST01", "DGAS-BAT", "0000170")),
            engagement=rng.choice(("EJ", "", "BC", "45")) + str(rng.randint(100_000, 99_999_999)),
            contract=f"{rng.choice(('2025', '24', 'M'))}{rng.choice('-_')}{rng.randint(101, 998)}",
            lines=tuple(
                Line(
                    label=label,
                    quantity=rng.choice((1, 2, 3, 8, 14, 60)),
                    price=Decimal(price),
                    rate=Decimal(rates[index % len(rates)]),
                )
                for index, (label, price) in enumerate(rng.sample(_THINGS, max(len(rates), rng.randint(2, 5))))
            ),
            other=rng,
        )

    @property
    def taxes(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Rate, base and tax, the highest rate first."""
        rates = sorted({line.rate for line in self.lines}, reverse=True)
        bases = [(rate, sum((line.amount for line in self.lines if line.rate == rate), Decimal())) for rate in rates]
        return [(rate, base, cents(base * rate / 100)) for rate, base in bases]

    @property
    def excl(self) -> Decimal:
        """Total without tax."""
        return sum((base for _, base, _ in self.taxes), Decimal())

    @property
    def tax(self) -> Decimal:
        """Total of the tax."""
        return sum((tax for _, _, tax in self.taxes), Decimal())

    @property
    def incl(self) -> Decimal:
        """Total with tax."""
        return self.excl + self.tax

    def truth(self, number: str) -> Truth:
        """What a page that prints everything holds."""
        return {
            "invoice_number": number,
            "issue_date": self.issued.isoformat(),
            "type": "invoice",
            "currency": "EUR",
            "supplier_siret": self.supplier_siret,
            "recipient_siret": self.body_siret,
            "recipient_name": self.body[0],
            "service_code": self.service,
            "engagement_number": self.engagement,
            "contract_number": self.contract,
            "total_excl_tax": str(self.excl),
            "total_tax": str(self.tax),
            "total_incl_tax": str(self.incl),
            "amount_due": str(self.incl),
            "iban": self.iban,
            "due_date": self.due.isoformat(),
            "vat": [{"rate": str(cents(r)), "base": str(b), "amount": str(a)} for r, b, a in self.taxes],
        }


def siren_of(rng: random.Random, first: str) -> str:
    """A SIREN with a right check digit."""
    bare = rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(7))
    return bare + luhn.calc_check_digit(bare)


def siret_of(rng: random.Random, siren: str) -> str:
    """An establishment of it."""
    bare = siren + f"00{rng.randint(1, 30):02d}"
    return bare + luhn.calc_check_digit(bare)


def iban_of(rng: random.Random) -> str:
    """A French IBAN with right check digits, all its signs digits."""
    account = "".join(rng.choice("0123456789") for _ in range(23))
    return f"FR{98 - int(account + '152700') % 97:02d}{account}"


class Paper(FPDF):
    """A4 in millimetres from the upper left corner."""

    def __init__(self, family: str = "Helvetica", stretching: int = 100) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = "cp1252"
        self.face = family
        if family == "Noto":
            self.add_font("Noto", "", NOTO)
            self.add_font("Noto", "B", NOTO)
        self.set_auto_page_break(False)
        self.add_page()
        self.set_stretching(stretching)

    def put(
        self, x: float, y: float, text: str, size: float = 10, bold: bool = False, align: Align = "L", width: float = 0
    ) -> None:
        """One line; aligned within `width`."""
        self.set_font(self.face, "B" if bold else "", size)
        self.set_xy(x, y)
        self.cell(width or self.get_string_width(text) + 3, size * 0.42, text, align=align)

    def stack(self, x: float, y: float, lines: Sequence[str], size: float = 10, bold_first: bool = False) -> float:
        """Lines below one another; returns where the next one would stand."""
        for index, line in enumerate(lines):
            self.put(x, y, line, size, bold_first and index == 0)
            y += size * 0.5
        return y

    def pairs(
        self, x: float, y: float, rows: Sequence[tuple[str, str]], right: float, size: float = 10, bold: bool = False
    ) -> float:
        """Label on the left, value against the right edge."""
        for label, value in rows:
            self.put(x, y, label, size, bold)
            self.put(x, y, value, size, bold, "R", right - x)
            y += size * 0.62
        return y

    def grid(
        self,
        x: float,
        y: float,
        columns: Sequence[tuple[str, float, Align]],
        rows: Sequence[Sequence[str]],
        size: float = 9,
        lines: Literal["box", "rule", "none"] = "box",
    ) -> float:
        """Heads and rows; returns where the table ends."""
        height = size * 0.75
        border = {"box": "LTRB", "rule": "B", "none": ""}[lines]
        for index, row in enumerate([[head for head, _, _ in columns], *rows]):
            self.set_font(self.face, "B" if index == 0 else "", size)
            self.set_xy(x, y)
            for (_, width, align), text in zip(columns, row, strict=True):
                self.cell(width, height, text, border=border or 0, align=align)  # type: ignore[arg-type]
            y += height
        return y


@dataclass(frozen=True, kw_only=True)
class Family:
    """One author: how the page is drawn; `draw` returns what the page holds."""

    name: str
    draw: Callable[[Facts], tuple[Paper, Truth]]
    rates: tuple[str, ...] = ("20",)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One made invoice with its truth."""

    file: str
    content: bytes
    truth: Mapping[str, Any]


def family(register: list[Family], *rates: str) -> Callable[[Callable[[Facts], tuple[Paper, Truth]]], None]:
    """Puts a drawing function into a register under its own name."""

    def added(draw: Callable[[Facts], tuple[Paper, Truth]]) -> None:
        register.append(Family(name=draw.__name__, draw=draw, rates=rates or ("20",)))

    return added


SCANS = ((200, 0.0), (200, 1.1), (150, -0.6), (200, -1.6))
"""Resolution and slant of the scans in turn."""


def samples(register: Sequence[Family], *, each: int = 2, scans: bool = True) -> list[Sample]:
    """Of each family so many invoices, digital and scanned; always the same ones."""
    made = []
    for place, one in enumerate(register):
        for index in range(each):
            rng = random.Random(f"{one.name} {index}")
            paper, fields = one.draw(Facts.draw(rng, one.rates))
            content = bytes(paper.output())
            made.append(_sample(f"{one.name}_{index}.pdf", content, fields, "digital"))
            if scans:
                dpi, degrees = SCANS[(place + index) % len(SCANS)]
                made.append(
                    _sample(f"{one.name}_{index}_scan.pdf", scanned(content, rng, dpi, degrees), fields, "scan")
                )
    return made


def _sample(file: str, content: bytes, fields: Truth, kind: str) -> Sample:
    implied = fields.get("implied", {})
    truth = {"file": file, "kind": kind, "fields": {k: v for k, v in fields.items() if k != "implied"}}
    return Sample(file=file, content=content, truth={**truth, "implied": implied})


def scanned(content: bytes, rng: random.Random, dpi: int, degrees: float) -> bytes:
    """Every page as a scanner gives it: grey, noisy, a little turned, no text."""
    document = pypdfium2.PdfDocument(content)
    noise = numpy.random.default_rng(rng.getrandbits(32))
    pages = []
    for page in document:
        image = page.render(scale=dpi / 72, grayscale=True).to_pil()
        turned = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)
        grain = noise.normal(0, 6, (turned.height, turned.width))
        grey = numpy.clip(numpy.asarray(turned, dtype=float) * 0.9 + 10 + grain, 0, 255)
        pages.append(Image.fromarray(grey.astype("uint8")))
    document.close()
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dpi, quality=75, save_all=True, append_images=pages[1:])
    return out.getvalue()
