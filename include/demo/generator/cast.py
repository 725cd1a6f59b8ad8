"""Who appears: an invented supplier, the bodies of the qualification data set, and what is sold."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from include.demo.generator.invoice import Body, Invoice, Line, Supplier

DURAND = Supplier(
    name="Imprimerie Durand",
    address=("12, rue des Papetiers", "74000 ANNECY"),
    siret="33254021516357",
    vat_number="FR04332540215",
    register="SARL au capital de 40 000 € - RCS Annecy 332 540 215 - APE 1812Z",
    phone="04 00 00 00 12",
    iban="FR7630001007941234567890185",  # the example of the banking standard: no account
    bic="BDFEFRPPXXX",
)
"""Its SIRET is that of the simulator's first supplier."""

ANNECY = Body(
    name="Mairie d'Annecy",
    department="Direction des finances",
    address=("Esplanade de l'Hôtel de Ville", "74000 ANNECY"),
    siret="12345678200051",
)
"""Demands nothing."""

DEPARTMENT = Body(
    name="Conseil départemental du Lac",
    department="Service comptable",
    address=("1, avenue du Parc", "74000 ANNECY"),
    siret="12345678200036",
)
"""Demands an engagement number."""

HOSPITAL = Body(
    name="Centre hospitalier des Aravis",
    department="Services économiques",
    address=("300, route de Thônes", "74230 THÔNES"),
    siret="12345678200028",
)
"""Demands a service."""

UNIVERSITY = Body(
    name="Université du Semnoz",
    department="Agence comptable",
    address=("27, rue Marcoz", "73000 CHAMBÉRY"),
    siret="12345678200044",
)
"""Demands both."""

BODIES = (ANNECY, DEPARTMENT, HOSPITAL, UNIVERSITY)

SERVICES = {HOSPITAL.siret: "SERVICE_DEST_SERV_OBL", UNIVERSITY.siret: "SERVICE_DEST_SERV_EJ_OBL"}
"""A service for each body that demands one."""

_ENGAGEMENT_NEEDED = frozenset({DEPARTMENT.siret, UNIVERSITY.siret})

_ARTICLES = (
    ("Bulletin municipal, 24 pages", "0.42"),
    ("Affiches A2, quadrichromie", "1.85"),
    ("Cartes de correspondance", "0.11"),
    ("Enveloppes à fenêtre C5", "0.065"),
    ("Registres reliés, 200 feuillets", "38.50"),
    ("Signalétique sur panneau alvéolaire", "64.00"),
    ("Mise en page et relecture (heure)", "58.00"),
    ("Numérisation de plans A0", "4.90"),
    ("Brochures agrafées, 16 pages", "1.27"),
    ("Livraison sur deux sites", "45.00"),
)
_RATES = ("20", "20", "20", "10", "5.5")


def draw_lines(rng: random.Random, *, several_rates: bool = False) -> tuple[Line, ...]:
    """Two to five articles, under one rate of VAT or several."""
    rate = rng.choice(_RATES)
    lines = []
    for index, (label, price) in enumerate(rng.sample(_ARTICLES, rng.randint(2, 5))):
        own = ("20", "5.5", "10")[index % 3] if several_rates else rate
        quantity = rng.choice((1, 2, 5, 12, 40, 150, 500, 1200))
        lines.append(Line(label=label, quantity=Decimal(quantity), unit_price=Decimal(price), rate=Decimal(own)))
    return tuple(lines)


def draw_invoice(
    rng: random.Random, *, number: str, body: Body, today: dt.date, several_rates: bool = False
) -> Invoice:
    """An invoice of the last two months that meets what its body demands."""
    issued = today - dt.timedelta(days=rng.randint(1, 55))
    needs_engagement = body.siret in _ENGAGEMENT_NEEDED
    return Invoice(
        number=number,
        issue_date=issued,
        due_date=issued + dt.timedelta(days=30),
        supplier=DURAND,
        body=body,
        lines=draw_lines(rng, several_rates=several_rates),
        service_code=SERVICES.get(body.siret),
        engagement_number=f"{rng.randint(1_300_000_000, 1_399_999_999)}" if needs_engagement else None,
        contract_number=f"{issued.year}M{rng.randint(100, 999)}" if rng.random() < 0.4 else None,
    )
