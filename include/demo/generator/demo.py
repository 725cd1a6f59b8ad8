"""The portal of the demonstration: one document for each thing that can become of one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from include.demo.generator import cast, papers, render
from include.demo.generator.invoice import Body, Invoice, Line, truth
from include.demo.generator.layouts import LAYOUTS, Layout
from include.demo.generator.publish import SideCar, publish, publish_defaults
from include.demo.generator.samples import SAMPLE_DOCUMENTS, SAMPLES, sample_truths

ACCOUNTING = "Comptabilite/Factures"
"""Taken by its folder."""
SALES = "Ventes"
"""Taken by the classification rule that its `_folder.json` gives."""

_SALES_DEFAULTS: SideCar = {"classification_rule": "Facture client", "metadata": {"commercial": "Durand"}}

_LONGEST_LABEL = 8


@dataclass(frozen=True, kw_only=True)
class DemoDocument:
    """A document as filed: its path in the portal, what it shows, what it holds, and what is to become of it.

    `truth` is what the document itself says (keys of the truth files; no fields where it is no invoice or cannot be
    read); `expected` are the values that metadata and translated wordings put in its place.
    """

    portal_id: str
    purpose: str
    truth: Mapping[str, Any]
    expected_state: str
    expected: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file name."""
        return self.portal_id.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A generated invoice of the demonstration."""

    slug: str
    purpose: str
    body: Body
    layout: str
    folder: str = ACCOUNTING
    state: str = "submitted"
    quality: str = "digital"
    several_rates: bool = False
    change: Mapping[str, Any] = field(default_factory=dict)
    side_car: SideCar | None = None
    expected: Mapping[str, str] = field(default_factory=dict)


_ONE_RATE = (
    Line(label="Plaquette institutionnelle", quantity=Decimal(500), unit_price=Decimal("2.50"), rate=Decimal(20)),
)

_PIECES: tuple[_Piece, ...] = (
    _Piece(slug="facture-mairie", purpose="text layer; the body demands nothing", body=cast.ANNECY, layout="classic"),
    _Piece(
        slug="facture-departement",
        purpose="text layer, three rates of VAT; the body demands an engagement number",
        body=cast.DEPARTMENT,
        layout="boxed",
        several_rates=True,
    ),
    _Piece(
        slug="facture-hopital",
        purpose="text layer, typewriter layout; the body demands a service",
        body=cast.HOSPITAL,
        layout="ledger",
    ),
    _Piece(
        slug="facture-universite",
        purpose="text layer, number in a sentence; the body demands service and engagement",
        body=cast.UNIVERSITY,
        layout="letter",
        several_rates=True,
    ),
    _Piece(
        slug="facture-facturx",
        purpose="embedded Factur-X",
        body=cast.UNIVERSITY,
        layout="margin",
        quality="facturx",
    ),
    _Piece(
        slug="scan-300", purpose="scan at 300 dpi, read by OCR", body=cast.ANNECY, layout="classic", quality="scan_300"
    ),
    _Piece(
        slug="scan-incline",
        purpose="skewed scan at 200 dpi, read by OCR",
        body=cast.DEPARTMENT,
        layout="classic",
        quality="scan_200_skewed",
    ),
    _Piece(
        slug="avoir",
        purpose="a credit note that names its invoice",
        body=cast.ANNECY,
        layout="boxed",
        change={"type": "credit_note", "original_number": "FA-0417"},
    ),
    _Piece(
        slug="facture-libelle",
        purpose="no SIRET of the recipient: its wording and that of the service are translated",
        body=dataclasses.replace(cast.ANNECY, print_siret=False),
        layout="boxed",
        folder=SALES,
        side_car={"metadata": {"service": "Service technique"}},
        expected={"recipient_siret": cast.ANNECY.siret, "service_code": "ST01"},
    ),
    _Piece(
        slug="facture-montant",
        purpose="metadata override the amounts that are printed: 1 500 becomes 1 800",
        body=cast.ANNECY,
        layout="classic",
        folder=SALES,
        change={"lines": _ONE_RATE},
        side_car={
            "metadata": {"montant": "1 800,00", "montant_ht": "1 500,00", "montant_tva": 300, "net": "1 800,00 €"}
        },
        expected={
            "total_excl_tax": "1500.00",
            "total_tax": "300.00",
            "total_incl_tax": "1800.00",
            "amount_due": "1800.00",
        },
    ),
    _Piece(
        slug="facture-cic",
        purpose="a label in the metadata chooses the bank details",
        body=cast.ANNECY,
        layout="letter",
        folder=SALES,
        side_car={"metadata": {"rib": "cic"}},
        expected={"bank_details": "Compte CIC"},
    ),
    _Piece(
        slug="facture-sans-engagement",
        purpose="the engagement number that the body demands is missing",
        body=cast.DEPARTMENT,
        layout="margin",
        state="to_complete",
        change={"engagement_number": None},
    ),
    _Piece(
        slug="facture-sans-service",
        purpose="the service that the body demands is missing",
        body=cast.HOSPITAL,
        layout="classic",
        state="to_complete",
        change={"service_code": None},
    ),
    _Piece(
        slug="facture-desaccord",
        purpose="the metadata and the page disagree about the total, and several rates leave no way to mend the rest",
        body=cast.ANNECY,
        layout="classic",
        folder=SALES,
        state="to_complete",
        several_rates=True,
        side_car={"metadata": {"montant": "1 800,00"}},
        expected={"total_incl_tax": "1800.00"},
    ),
    _Piece(
        slug="facture-protegee",
        purpose="protected by a password",
        body=cast.ANNECY,
        layout="classic",
        quality="encrypted",
        state="unreadable",
    ),
    _Piece(
        slug="facture-tronquee",
        purpose="cut short by a broken transfer",
        body=cast.ANNECY,
        layout="classic",
        quality="cut_short",
        state="unreadable",
    ),
)


def generate_demo(folder: Path, *, today: dt.date, run_label: str) -> list[DemoDocument]:
    """Files the whole demonstration in a portal folder, and tells what is to become of each document.

    Dates are relative to `today`; `run_label` (at most eight letters or digits) is part of every number and file name,
    so that two runs never use the same number. The same arguments write the same bytes, and leave alone what is there.
    """
    if not run_label.isalnum() or len(run_label) > _LONGEST_LABEL:
        raise ValueError(
            f"run_label {run_label!r} must be 1 to {_LONGEST_LABEL} letters or digits: numbers hold 20 characters"
        )
    publish_defaults(folder / SALES, _SALES_DEFAULTS)
    return [
        *(_file(folder, piece, index, today, run_label) for index, piece in enumerate(_PIECES, start=1)),
        *_with_attachment(folder, today, run_label),
        *_no_invoices(folder, today, run_label),
        *_real_samples(folder),
    ]


def _number(today: dt.date, run_label: str, index: int) -> str:
    return f"FA{today:%y}-{run_label}-{index:03d}"


def _rng(slug: str) -> random.Random:
    """Every run shows the same invoices; only their numbers and dates are its own."""
    return random.Random(slug)


def _file(folder: Path, piece: _Piece, index: int, today: dt.date, run_label: str) -> DemoDocument:
    rng = _rng(piece.slug)
    drawn = cast.draw_invoice(
        rng,
        number=_number(today, run_label, index),
        body=piece.body,
        today=today,
        several_rates=piece.several_rates,
    )
    invoice = dataclasses.replace(drawn, **piece.change)
    name = f"{piece.slug}-{run_label}.pdf"
    portal_id = f"{piece.folder}/{name}"
    layout = LAYOUTS[piece.layout]
    publish(folder, portal_id, _QUALITIES[piece.quality](invoice, layout, rng), piece.side_car)
    readable = piece.state != "unreadable"
    return DemoDocument(
        portal_id=portal_id,
        purpose=piece.purpose,
        truth=_truth(invoice, layout, name, piece.quality) if readable else _nothing(name, piece.quality),
        expected_state=piece.state,
        expected=piece.expected,
    )


def _scan(dpi: int, degrees: float) -> Callable[[Invoice, Layout, random.Random], bytes]:
    def scan(invoice: Invoice, layout: Layout, rng: random.Random) -> bytes:
        page = render.digital(invoice, layout, rng)
        return render.scanned(page, rng, dpi=dpi, degrees=degrees, made_on=invoice.issue_date)

    return scan


def _cut_short(invoice: Invoice, layout: Layout, rng: random.Random) -> bytes:
    return render.cut_short(_scan(200, 0)(invoice, layout, rng))


_QUALITIES: dict[str, Callable[[Invoice, Layout, random.Random], bytes]] = {
    "digital": render.digital,
    "facturx": render.facturx,
    "encrypted": render.encrypted,
    "cut_short": _cut_short,
    "scan_300": _scan(300, 0),
    "scan_200_skewed": _scan(200, 1.3),
}
"""How a page becomes a file."""


def _truth(invoice: Invoice, layout: Layout, name: str, quality: str) -> Mapping[str, Any]:
    kind = quality if quality in ("digital", "facturx") else "scan"
    # the embedded data have whole VAT rows, whatever the page prints
    rows = layout.vat_rows or kind == "facturx"
    return truth(invoice, file=name, kind=kind, quality=quality, layout=layout.name, vat_rows=rows)


def _nothing(name: str, quality: str) -> Mapping[str, Any]:
    return {"file": name, "kind": None, "quality": quality, "layout": None, "pages": None, "fields": {}, "implied": {}}


def _with_attachment(folder: Path, today: dt.date, run_label: str) -> Iterator[DemoDocument]:
    """An invoice that the portal links to its delivery note; the note comes first, as in a real portal."""
    rng = _rng("facture-bl")
    number = _number(today, run_label, len(_PIECES) + 1)
    invoice = cast.draw_invoice(rng, number=number, body=cast.ANNECY, today=today)
    note, name = f"bl-{run_label}.pdf", f"facture-bl-{run_label}.pdf"
    content = papers.delivery_note(invoice, rng, number=f"BL-{run_label}")
    publish(folder, f"{SALES}/{note}", content, {"classification_rule": "Bon de livraison"})
    layout = LAYOUTS["classic"]
    side_car = {"metadata": {"pj": "PJ"}, "links": [note]}
    publish(folder, f"{SALES}/{name}", render.digital(invoice, layout, rng), side_car)
    yield DemoDocument(
        portal_id=f"{SALES}/{name}",
        purpose="sent with the delivery note that the portal links to it",
        truth=_truth(invoice, layout, name, "digital"),
        expected_state="submitted",
    )
    yield DemoDocument(
        portal_id=f"{SALES}/{note}",
        purpose="a delivery note: no criterion takes it, it goes along as an attachment",
        truth=_nothing(note, "digital"),
        expected_state="ignored",
    )


def _no_invoices(folder: Path, today: dt.date, run_label: str) -> Iterator[DemoDocument]:
    """A letter, and a file that is no PDF, in the folder of the invoices."""
    rng = _rng("courrier")
    name = f"courrier-{run_label}.pdf"
    written_on = today - dt.timedelta(days=3)
    content = papers.letter(cast.DURAND, cast.ANNECY, rng, written_on=written_on)
    publish(folder, f"{ACCOUNTING}/{name}", content)
    yield DemoDocument(
        portal_id=f"{ACCOUNTING}/{name}",
        purpose="a letter among the invoices",
        truth=_nothing(name, "digital"),
        expected_state="to_complete",
    )
    table = f"releve-{run_label}.csv"
    publish(
        folder, f"{ACCOUNTING}/{table}", b"numero;montant\r\n" + _number(today, run_label, 1).encode() + b";0,00\r\n"
    )
    yield DemoDocument(
        portal_id=f"{ACCOUNTING}/{table}",
        purpose="no PDF: ignored, with that reason",
        truth=_nothing(table, "digital"),
        expected_state="ignored",
    )


def _real_samples(folder: Path) -> Iterator[DemoDocument]:
    truths = sample_truths()
    for sample in SAMPLE_DOCUMENTS:
        portal_id = f"{sample.folder}/{sample.file}"
        publish(folder, portal_id, (SAMPLES / sample.file).read_bytes(), sample.side_car)
        yield DemoDocument(
            portal_id=portal_id,
            purpose=sample.purpose,
            truth=truths[sample.file],
            expected_state=sample.expected_state,
        )
