"""Families that the rules of reading were never written against. Do not look at them while you change a rule.

They are measured as they are, in figures only, beside those of the corpus (`make accuracy`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.families.kit import (
    Facts,
    Family,
    Paper,
    Truth,
    cents,
    family,
    fours,
    grouped,
    iban_of,
    long_date,
    money,
    siren_of,
    siret_of,
)

HELD_OUT: list[Family] = []


def days(facts: Facts, count: int) -> dt.date:
    """A day before or after the issue."""
    return facts.issued + dt.timedelta(days=count)


def rows_implied(held: Truth, **others: object) -> Truth:
    """The page prints rate and tax, and no base: its rows follow by arithmetic."""
    return {**held, "vat": [], "implied": {"vat": held["vat"]}, **others}


def boxed(page: Paper, x: float, y: float, width: float, title: str, lines: list[str]) -> None:
    """A frame with a title."""
    page.rect(x, y, width, 7 + 4.6 * len(lines))
    page.put(x + 1, y + 1, title, 8.5, True)
    page.stack(x + 1, y + 6, lines, 8.5)


@family(HELD_OUT, "5.5", "10")
def waterworks(facts: Facts) -> tuple[Paper, Truth]:
    """A water bill: readings, the next reading, the place supplied, the group's own SIRET in the footer."""
    number = f"{facts.issued:%y}0{facts.serial:07d}"
    name, street, city, town = facts.supplier
    page = Paper("Helvetica", 96)
    page.put(12, 10, f"{name} - Eau et assainissement", 13, True)
    page.stack(12, 17, [street, city, f"SIRET {grouped(facts.supplier_siret, 3, 3, 3)}"], 8)
    page.put(12, 36, "VOTRE FACTURE D'EAU", 15, True)
    rows = [("Facture n°", number), ("Référence client", f"31-{facts.serial:06d}-77")]
    rows += [("Émise le", long_date(facts.issued)), ("Relevé du compteur le", long_date(days(facts, -9)))]
    rows += [("Prochain relevé vers le", long_date(days(facts, 171))), ("À régler avant le", long_date(facts.due))]
    page.pairs(12, 46, rows, 98, 8.5)
    page.stack(112, 40, [facts.body[0], facts.body[1], *facts.body[2:]], 10)
    page.put(12, 84, "Lieu desservi : Gymnase Colette-Besson, rue des Sports", 8.5)
    lines = [f"SIRET {facts.body_siret}", f"Service {facts.service}", f"Engagement {facts.engagement}"]
    boxed(page, 112, 64, 80, "Vos références Chorus Pro", lines)
    rows = [(x.label, str(x.quantity), money(x.price, sign=""), money(x.amount, sign="")) for x in facts.lines]
    heads = [("Rubrique", 100, "L"), ("m3", 20, "R"), ("Prix HT", 30, "R"), ("Montant HT", 36, "R")]
    y = page.grid(12, 94, heads, rows, 8.5, "rule") + 4  # type: ignore[arg-type]
    page.put(12, y, f"Consommation du {days(facts, -190):%d/%m/%Y} au {days(facts, -9):%d/%m/%Y}", 8)
    sums = [("Total hors taxes", money(facts.excl))]
    sums += [(f"TVA à {money(r, sign=' %')} sur {money(b)}", money(t)) for r, b, t in facts.taxes]
    page.pairs(90, y + 6, [*sums, ("Total TTC à payer", money(facts.incl))], 198, 9)
    page.put(12, 262, f"Règlement par virement au compte {fours(facts.iban)}", 8)
    group = siret_of(facts.other, siren_of(facts.other, "5"))
    page.put(12, 278, f"Filiale du groupe Aquaval, SA au capital de 2 300 000 €, siège {town}, Siret {group}", 6.5)
    held = facts.truth(number) | {"contract_number": None, "total_tax": None}
    return page, held | {"implied": {"total_tax": str(facts.tax)}}


@family(HELD_OUT, "20")
def progress_claim(facts: Facts) -> tuple[Paper, Truth]:
    """Works claimed month by month: cumulated, claimed before, this claim; three parties with SIRETs."""
    number = f"{facts.issued:%Y}-S{facts.serial:04d}"
    before = cents(facts.excl * Decimal("1.7"))
    kept = cents(facts.incl * Decimal("0.05"))
    name, street, city, _ = facts.supplier
    surveyor = siret_of(facts.other, siren_of(facts.other, "4"))
    page = Paper("Helvetica", 92)
    page.stack(10, 10, [name, street, city, f"N° SIRET : {facts.supplier_siret}"], 9, True)
    page.put(105, 10, "SITUATION DE TRAVAUX N° 4", 13, True)
    page.put(105, 17, f"Facture {number} - établie le {facts.issued:%d.%m.%Y}", 9)
    page.stack(10, 36, ["MAÎTRE D'OUVRAGE", *facts.body, f"N° SIRET : {facts.body_siret}"], 8.5, True)
    page.stack(
        105, 36, ["MAÎTRE D'OEUVRE", "Agence Orville", "9 rue Bât d'Argent 69001 LYON", f"N° SIRET : {surveyor}"], 8.5
    )
    page.put(10, 68, f"Marché n° {facts.contract} notifié le {days(facts, -140):%d.%m.%Y} - Lot 07 Menuiseries", 9)
    page.put(10, 73, f"Service exécutant : {facts.service}     N° d'engagement : {facts.engagement}", 9)
    page.put(10, 78, f"Travaux exécutés au {days(facts, -3):%d.%m.%Y}", 9)
    rows = [(x.label, money(x.amount, sign="")) for x in facts.lines]
    y = page.grid(10, 88, [("Désignation des ouvrages", 140, "L"), ("Montant du mois HT", 45, "R")], rows, 9) + 5
    sums = [("Cumul des travaux HT", money(before + facts.excl)), ("À déduire situations 1 à 3 HT", money(-before))]
    sums += [("Montant de la présente situation HT", money(facts.excl)), ("TVA 20,00 %", money(facts.tax))]
    sums += [("Montant de la présente situation TTC", money(facts.incl)), ("Retenue de garantie 5 %", money(-kept))]
    page.pairs(85, y, [*sums, ("NET À PAYER TTC", money(facts.incl - kept))], 195, 9)
    page.put(10, 268, f"Paiement avant le {facts.due:%d.%m.%Y} - IBAN {fours(facts.iban)} BIC {facts.bic}", 8)
    return page, rows_implied(facts.truth(number), amount_due=str(facts.incl - kept))


@family(HELD_OUT, "20")
def printer(facts: Facts) -> tuple[Paper, Truth]:
    """A printing house: the dates of quotation, proof and delivery stand before that of the invoice."""
    number = f"FC {facts.serial:05d}"
    name, street, city, town = facts.supplier
    page = Paper("Times", 98)
    page.put(14, 10, name.upper(), 17, True)
    page.put(14, 18, f"Imprimeurs depuis 1954 - {street} - {city}", 9)
    page.stack(118, 30, [*facts.body], 11, True)
    page.put(14, 34, f"Devis D{facts.serial + 311} du {days(facts, -40):%d/%m/%Y}", 9)
    page.put(14, 39, f"BAT validé le {days(facts, -21):%d/%m/%Y}", 9)
    page.put(14, 44, f"Livraison du {days(facts, -2):%d/%m/%Y}, bon n° {facts.serial + 77}", 9)
    page.put(14, 60, f"Facture {number}", 16, True)
    page.put(118, 61, f"{town}, le {facts.issued:%d/%m/%Y}", 11)
    page.put(14, 70, f"V/Réf. : commande {facts.engagement}", 10)
    page.put(14, 75, f"Code service Chorus : {facts.service} / Siret Chorus : {facts.body_siret}", 10)
    rows = [(x.label, str(x.quantity), money(x.price, sign=""), money(x.amount, sign="")) for x in facts.lines]
    heads = [("Travaux d'impression", 104, "L"), ("Ex.", 18, "R"), ("Unitaire", 28, "R"), ("Montant", 32, "R")]
    y = page.grid(14, 86, heads, rows, 10) + 6  # type: ignore[arg-type]
    heads = [("Total H.T.", 45, "C"), ("Taux", 25, "C"), ("T.V.A.", 45, "C"), ("Total T.T.C.", 45, "C")]
    row = (money(facts.excl), "20,00 %", money(facts.tax), money(facts.incl))
    y = page.grid(14, y, heads, [row], 10)  # type: ignore[arg-type]
    page.put(14, y + 6, f"Échéance : {facts.due:%d/%m/%Y} par virement", 10)
    page.put(14, 276, f"SAS au capital de 80 000 € - Siret {grouped(facts.supplier_siret, 3, 3, 3)} - APE 1812Z", 8)
    page.put(14, 280, f"IBAN {fours(facts.iban)} - BIC {facts.bic} - TVA intracom. {facts.vat_number}", 8)
    return page, facts.truth(number) | {"contract_number": None}


@family(HELD_OUT, "10", "20")
def caterer(facts: Facts) -> tuple[Paper, Truth]:
    """Meals on a day, in a room of another service; two rates, the sum with tax first."""
    number = f"T-{facts.serial}"
    name, street, city, _ = facts.supplier
    page = Paper("Noto", 94)
    page.put(60, 10, name, 15, True, "C", 90)
    page.put(60, 17, f"Traiteur - réceptions - {street}, {city}", 8, False, "C", 90)
    page.stack(14, 32, ["Facturé à :", *facts.body, f"Siret : {facts.body_siret}"], 9)
    rows = [("Facture", number), ("Facturée le", f"{facts.issued:%d/%m/%y}")]
    rows += [("Prestation du", f"{days(facts, -6):%d/%m/%y}"), ("Nombre de convives", "140")]
    page.pairs(125, 32, rows, 195, 9)
    page.put(14, 66, f"Bon de commande : {facts.engagement} du {days(facts, -25):%d/%m/%y}", 9)
    page.put(14, 71, f"Service prescripteur : {facts.service} - salle : Espace culturel, code porte B412", 9)
    rows = [(x.label, str(x.quantity), money(x.rate, sign="%"), money(x.amount)) for x in facts.lines]
    heads = [("Prestation", 104, "L"), ("Qté", 16, "R"), ("TVA", 22, "R"), ("Total HT", 40, "R")]
    y = page.grid(14, 80, heads, rows, 8.5, "none") + 5  # type: ignore[arg-type]
    page.put(110, y, f"TOTAL TTC  {money(facts.incl)}", 12, True)
    page.put(110, y + 7, f"dont TVA  {money(facts.tax)}   soit HT  {money(facts.excl)}", 9)
    taxes = [(money(r, sign=" %"), money(b), money(t)) for r, b, t in facts.taxes]
    page.grid(14, y, [("Taux", 22, "R"), ("Base HT", 32, "R"), ("TVA", 32, "R")], taxes, 8)
    page.put(14, 270, f"À payer pour le {facts.due:%d/%m/%y}. IBAN : {facts.iban}", 8)
    page.put(14, 275, f"{name} - RCS {facts.supplier_siret[:9]} - SIRET {facts.supplier_siret}", 8)
    return page, facts.truth(number) | {"contract_number": None}


@family(HELD_OUT, "10")
def coaches(facts: Facts) -> tuple[Paper, Truth]:
    """School transport: trips with dates, the month, the number under its caption among four others."""
    number = f"{facts.serial:04d}-TS-{facts.issued:%y}"
    name, street, city, _ = facts.supplier
    page = Paper("Courier", 90)
    page.stack(10, 10, [name, street, city, "Licence n. 2021/93/0000412"], 9, True)
    page.stack(118, 24, [*facts.body], 9)
    heads = [("Date", 34, "C"), ("N. de piece", 40, "C"), ("Compte", 30, "C"), ("Page", 18, "C"), ("Echeance", 34, "C")]
    row = (f"{facts.issued:%d/%m/%Y}", number, f"C{facts.serial:05d}", "1/1", f"{facts.due:%d/%m/%Y}")
    page.put(10, 48, "FACTURE", 14, True)
    page.grid(10, 56, heads, [row], 9)  # type: ignore[arg-type]
    page.put(10, 74, f"Lettre de commande {facts.engagement}  Marche {facts.contract}", 9)
    page.put(10, 79, f"SIRET client {facts.body_siret}  Code service {facts.service}", 9)
    rows = [
        (f"{days(facts, -18 + 2 * place):%d/%m/%Y}", x.label[:34], str(x.quantity), money(x.amount, " ", sign=""))
        for place, x in enumerate(facts.lines)
    ]
    heads = [("Le", 30, "L"), ("Trajet", 95, "L"), ("Nb", 15, "R"), ("Montant", 40, "R")]
    y = page.grid(10, 90, heads, rows, 9, "rule") + 4  # type: ignore[arg-type]
    sums = [("Montant hors taxes", money(facts.excl, " ", sign="")), ("TVA 10,00", money(facts.tax, " ", sign=""))]
    page.pairs(95, y, [*sums, ("Montant TTC en euros", money(facts.incl, " ", sign=""))], 190, 10)
    page.put(10, 268, f"Siret {facts.supplier_siret}  NAF 4939A  TVA {facts.vat_number}", 8)
    page.put(10, 272, f"Domiciliation {fours(facts.iban)}", 8)
    return page, rows_implied(facts.truth(number))


@family(HELD_OUT, "0")
def training_centre(facts: Facts) -> tuple[Paper, Truth]:
    """Training free of VAT: the days of the session, an agreement, a number of declaration."""
    number = f"{facts.issued:%Y}/{facts.issued:%m}/{facts.serial:03d}"
    name, street, city, _ = facts.supplier
    page = Paper("Helvetica")
    page.put(12, 10, name, 14, True)
    page.stack(12, 17, [street, city, f"SIRET : {facts.supplier_siret} - Déclaration d'activité 84691234569"], 8.5)
    page.put(12, 38, f"FACTURE N° {number}", 13, True)
    page.put(12, 45, f"en date du {long_date(facts.issued)}", 10)
    page.stack(112, 38, [*facts.body, f"SIRET : {facts.body_siret}"], 10)
    text = [f"Action de formation du {days(facts, -12):%d/%m/%Y} au {days(facts, -8):%d/%m/%Y}"]
    text += [f"Convention signée le {days(facts, -60):%d/%m/%Y}", "Stagiaires : 6 agents"]
    text += [f"Numéro d'engagement juridique : {facts.engagement}", f"Code du service destinataire : {facts.service}"]
    page.stack(12, 70, text, 9.5)
    rows = [(x.label, str(x.quantity), money(x.price), money(x.amount)) for x in facts.lines]
    heads = [("Module", 100, "L"), ("Unités", 20, "R"), ("Tarif", 30, "R"), ("Coût", 35, "R")]
    y = page.grid(12, 100, heads, rows, 9) + 6  # type: ignore[arg-type]
    page.pairs(110, y, [("Net à payer", money(facts.incl))], 196, 11, True)
    page.put(12, y + 10, "TVA non applicable - article 261-4-4° du code général des impôts", 9)
    page.put(12, y + 16, f"Règlement à 30 jours, soit le {facts.due:%d/%m/%Y}. IBAN {fours(facts.iban)}", 9)
    held = facts.truth(number)
    zero = {"total_tax": "0.00", "total_incl_tax": held["amount_due"], "total_excl_tax": held["amount_due"]}
    held |= {"total_tax": None, "total_incl_tax": None, "total_excl_tax": None, "contract_number": None}
    return page, {**held, "vat": [], "implied": {**zero, "vat": facts.truth(number)["vat"]}}


@family(HELD_OUT, "20", "5.5")
def medical_supplies(facts: Facts) -> tuple[Paper, Truth]:
    """A hospital's supplier: batches that expire, delivery note and order with dates; totals on the second page."""
    number = f"{facts.serial:05d}{facts.issued:%m}FV"
    name, street, city, _ = facts.supplier
    page = Paper("Noto", 90)
    page.stack(10, 8, [name, street, city, f"SIRET {facts.supplier_siret} - {facts.vat_number}"], 8, True)
    rows = [("Numéro facture", number), ("Date facture", f"{facts.issued:%d/%m/%Y}"), ("Votre compte", "0041177")]
    rows += [("Notre BL", f"BL{facts.serial + 900} du {days(facts, -5):%d/%m/%Y}"), ("Page", "1 / 2")]
    page.pairs(120, 8, rows, 200, 8)
    page.stack(10, 38, ["Adresse de livraison", "Pharmacie à usage intérieur", "Quai 3", facts.body[3]], 8.5, True)
    page.stack(110, 38, ["Adresse de facturation", *facts.body, f"SIRET {facts.body_siret}"], 8.5, True)
    page.put(10, 68, f"Votre commande {facts.engagement} du {days(facts, -15):%d/%m/%Y} - Marché {facts.contract}", 8.5)
    page.put(10, 73, f"UF de livraison : 3310 - Service facturé : {facts.service}", 8.5)
    rows = [
        (
            x.label[:36],
            f"L{2000 + place}",
            f"{days(facts, 500 + place):%m/%Y}",
            money(x.rate, sign=""),
            money(x.amount, sign=""),
        )
        for place, x in enumerate(facts.lines)
    ]
    heads = [("Article", 90, "L"), ("Lot", 25, "L"), ("Péremption", 25, "C"), ("TVA", 20, "R"), ("Net HT", 30, "R")]
    y = page.grid(10, 82, heads, rows, 8, "rule")  # type: ignore[arg-type]
    page.pairs(110, y + 4, [("À reporter", money(facts.excl, sign=""))], 200, 8)
    page.add_page()
    page.put(10, 10, f"{name} - facture {number} (suite) - page 2 / 2", 8)
    page.pairs(110, 20, [("Report", money(facts.excl, sign=""))], 200, 8)
    taxes = [(money(r, sign=""), money(b, sign=""), money(t, sign="")) for r, b, t in facts.taxes]
    page.grid(10, 30, [("Code TVA %", 30, "R"), ("Montant soumis", 40, "R"), ("Montant TVA", 35, "R")], taxes, 8)
    sums = [("Total net HT", money(facts.excl)), ("Total taxes", money(facts.tax)), ("Total TTC", money(facts.incl))]
    page.pairs(130, 30, [*sums, ("Net à payer", money(facts.incl))], 200, 9)
    page.put(10, 70, f"Date d'échéance {facts.due:%d/%m/%Y} - Banque : {fours(facts.iban)} {facts.bic}", 8)
    page.put(10, 75, f"Affacturage : autre compte {fours(iban_of(facts.other))} jusqu'au 31/12/2025", 7)
    return page, facts.truth(number)


@family(HELD_OUT, "20")
def organiser(facts: Facts) -> tuple[Paper, Truth]:
    """A note of fees as a letter, the date at the top right with a town, the number in a sentence."""
    number = f"NH{facts.issued:%y%m}{facts.serial % 100:02d}"
    name, street, city, town = facts.supplier
    page = Paper("Times", 104)
    page.stack(20, 14, [name, "Conseil en organisation publique", street, city], 11, True)
    page.put(120, 40, f"{town}, le {long_date(facts.issued)}", 11)
    page.stack(120, 50, [*facts.body], 11)
    page.put(20, 84, f"Objet : note d'honoraires {number}", 12, True)
    text = [f"Votre courrier du {long_date(days(facts, -33))}, marché {facts.contract}, engagement {facts.engagement}"]
    text += [f"Service : {facts.service} - Siret : {facts.body_siret}"]
    page.stack(20, 92, text, 10)
    page.put(20, 106, f"Période du {long_date(days(facts, -62))} au {long_date(days(facts, -31))}", 11)
    y = page.pairs(20, 114, [(x.label, money(x.amount)) for x in facts.lines], 180, 11) + 3
    sums = [("Honoraires hors taxes", money(facts.excl)), ("TVA au taux de 20 %", money(facts.tax))]
    y = page.pairs(20, y, [*sums, ("Honoraires toutes taxes comprises", money(facts.incl))], 180, 11)
    page.put(20, y + 8, f"Je vous remercie de virer cette somme d'ici au {long_date(facts.due)}.", 11)
    page.put(20, 272, f"Siret {facts.supplier_siret} - compte {fours(facts.iban)}", 9)
    page.put(20, 277, f"Assurance RC professionnelle n° {facts.serial}88214 valable jusqu'au 31/12/2026", 8)
    return page, rows_implied(facts.truth(number))


@family(HELD_OUT, "20")
def cleaners(facts: Facts) -> tuple[Paper, Truth]:
    """Cleaning of several sites that have codes, the branch and the seat with their SIRETs, a Chorus Pro frame."""
    number = f"FA{facts.issued:%y%m}{facts.serial:05d}"
    name, street, city, town = facts.supplier
    seat = siret_of(facts.other, facts.supplier_siret[:9])
    while seat == facts.supplier_siret:
        seat = siret_of(facts.other, facts.supplier_siret[:9])
    page = Paper("Helvetica", 95)
    page.put(10, 10, f"{name} Propreté", 14, True)
    page.stack(10, 17, [f"Agence de {town}", street, city], 8.5)
    page.stack(115, 36, [*facts.body], 10, True)
    rows = [("FACTURE N°", number), ("DATE", f"{facts.issued:%d/%m/%Y}"), ("PÉRIODE", f"{facts.issued:%m/%Y}")]
    page.pairs(10, 38, [*rows, ("ÉCHÉANCE", f"{facts.due:%d/%m/%Y}")], 80, 9)
    lines = [f"N° SIRET émetteur : {facts.supplier_siret}", f"N° SIRET destinataire : {facts.body_siret}"]
    lines += [f"Code service : {facts.service}", f"N° engagement : {facts.engagement}", f"N° marché : {facts.contract}"]
    boxed(page, 10, 66, 188, "INFORMATIONS CHORUS PRO", lines)
    rows = [
        (f"S{410 + place}", f"Site {410 + place} - {x.label}", money(x.amount, sign=""))
        for place, x in enumerate(facts.lines)
    ]
    heads = [("Code site", 25, "L"), ("Prestations du mois", 123, "L"), ("Montant HT", 40, "R")]
    y = page.grid(10, 104, heads, rows, 8.5) + 4  # type: ignore[arg-type]
    sums = [
        ("Total HT", money(facts.excl)),
        ("Total TVA (20,00 %)", money(facts.tax)),
        ("Total TTC", money(facts.incl)),
    ]
    page.pairs(120, y, sums, 198, 9.5)
    page.put(10, 264, f"Coordonnées bancaires : IBAN {fours(facts.iban)} - BIC {facts.bic}", 8)
    page.put(10, 280, f"Siège social : 2 quai de la Loire 75019 PARIS - SIRET {seat} - RCS Paris", 7)
    return page, rows_implied(facts.truth(number))


@family(HELD_OUT, "20")
def plumber(facts: Facts) -> tuple[Paper, Truth]:
    """An artisan: quotation accepted, works from and to, an advance with its date, an insurance."""
    number = f"{facts.issued:%Y}-{facts.serial % 1000:03d}"
    paid = cents(facts.incl * Decimal("0.3"))
    name, street, city, _ = facts.supplier
    page = Paper("Helvetica", 102)
    page.stack(15, 12, [name, "Plomberie - chauffage", street, city, f"Siret : {facts.supplier_siret}"], 10, True)
    page.put(130, 12, "Facture", 18, True)
    page.stack(
        130, 22, [f"N° : {number}", f"Le : {facts.issued:%d/%m/%Y}", f"Client n° : {facts.serial % 90 + 10}"], 10
    )
    page.stack(110, 46, [*facts.body], 10)
    text = [f"Devis n° {facts.serial % 700} accepté le {days(facts, -50):%d/%m/%Y}"]
    text += [f"Travaux réalisés du {days(facts, -16):%d/%m/%Y} au {days(facts, -10):%d/%m/%Y}"]
    text += [f"Numéro d'engagement : {facts.engagement} / Code service : {facts.service}"]
    text += [f"SIRET de la collectivité : {facts.body_siret}"]
    page.stack(15, 74, text, 9.5)
    rows = [(x.label, str(x.quantity), money(x.price), money(x.amount)) for x in facts.lines]
    heads = [("Description", 95, "L"), ("Qté", 17, "R"), ("Prix U. HT", 34, "R"), ("Total HT", 34, "R")]
    y = page.grid(15, 100, heads, rows, 9) + 5  # type: ignore[arg-type]
    sums = [("Total HT", money(facts.excl)), ("TVA 20%", money(facts.tax)), ("Total TTC", money(facts.incl))]
    sums += [(f"Acompte versé le {days(facts, -45):%d/%m/%Y}", money(-paid))]
    page.pairs(100, y, [*sums, ("Reste à payer", money(facts.incl - paid))], 195, 10)
    page.put(15, 258, f"Date limite de paiement : {facts.due:%d/%m/%Y}. IBAN : {fours(facts.iban)}", 9)
    page.put(15, 276, f"Garantie décennale n° 55{facts.serial}, valable du 01/01/2026 au 31/12/2026", 8)
    return page, rows_implied(facts.truth(number), contract_number=None, amount_due=str(facts.incl - paid))


@family(HELD_OUT, "20")
def reseller(facts: Facts) -> tuple[Paper, Truth]:
    """Licences: subscription and renewal dates, a publisher with a SIRET, references of products."""
    number = f"INV{facts.issued:%Y}{facts.serial:05d}"
    publisher = siret_of(facts.other, siren_of(facts.other, "8"))
    name, street, city, _ = facts.supplier
    page = Paper("Noto", 92)
    page.put(12, 12, name, 13, True)
    page.put(12, 20, "FACTURE", 20, True)
    for x, y, caption, value in (
        (12, 34, "Numéro", number),
        (60, 34, "Date de facturation", long_date(facts.issued)),
        (115, 34, "Date d'échéance", long_date(facts.due)),
        (12, 46, "Abonnement", f"{days(facts, 1):%d/%m/%Y} - {days(facts, 365):%d/%m/%Y}"),
        (75, 46, "Commande client", facts.engagement),
        (115, 46, "Service", facts.service),
    ):
        page.put(x, y, caption, 7)
        page.put(x, y + 4, value, 9.5)
    page.stack(12, 60, ["Vendeur", name, street, city, f"N° SIRET : {facts.supplier_siret}"], 9, True)
    page.stack(110, 60, ["Acheteur", *facts.body, f"N° SIRET : {facts.body_siret}"], 9, True)
    rows = [(f"REF-{701 + place}", x.label, money(x.amount)) for place, x in enumerate(facts.lines)]
    y = page.grid(12, 98, [("Référence", 30, "L"), ("Produit", 110, "L"), ("HT", 40, "R")], rows, 9, "rule") + 5
    page.put(12, y, f"Renouvellement automatique le {long_date(days(facts, 366))}", 8)
    sums = [("Montant HT", money(facts.excl)), ("TVA 20,0 %", money(facts.tax)), ("Montant TTC", money(facts.incl))]
    page.pairs(120, y, sums, 192, 10)
    page.put(12, 266, f"Éditeur du logiciel : Tessella SAS, N° SIRET : {publisher}", 7.5)
    page.put(12, 271, f"Compte à créditer : {fours(facts.iban)} ({facts.bic})", 8)
    return page, rows_implied(facts.truth(number), contract_number=None)


@family(HELD_OUT, "20")
def electricity(facts: Facts) -> tuple[Paper, Truth]:
    """A bill grouped over sites, whose own totals stand on the second page."""
    number = f"{facts.serial:06d}{facts.issued:%Y}"
    name, street, city, town = facts.supplier
    page = Paper("Helvetica", 90)
    page.put(10, 10, f"{name} Énergies", 14, True)
    page.put(10, 18, f"Facture du {long_date(facts.issued)}", 12, True)
    page.put(10, 24, f"N° de facture : {number}", 10)
    page.stack(10, 32, [f"Compte de facturation : 6 0{facts.serial}", f"Contrat n° {facts.contract}"], 8.5)
    page.stack(115, 32, [*facts.body], 10)
    lines = [f"N° SIRET : {facts.body_siret}", f"Code service : {facts.service}"]
    boxed(page, 10, 46, 90, "Informations acheteur public", [*lines, f"N° d'engagement : {facts.engagement}"])
    sums = [("Total hors TVA", money(facts.excl)), ("TVA à 20 %", money(facts.tax))]
    page.pairs(10, 80, [*sums, ("Montant total TTC", money(facts.incl))], 130, 10)
    page.put(10, 106, f"À payer au plus tard le {long_date(facts.due)} : {money(facts.incl)}", 10, True)
    page.put(10, 112, f"Prochaine facture vers le {long_date(days(facts, 30))}", 8.5)
    page.put(10, 117, f"Période facturée : du {days(facts, -32):%d/%m/%Y} au {days(facts, -2):%d/%m/%Y}", 8.5)
    page.put(10, 262, f"Virement : {fours(facts.iban)}", 8.5)
    legal = f"{name} - {street} {city} - RCS {town} {facts.supplier_siret[:9]} - SIRET {facts.supplier_siret}"
    page.put(10, 278, f"{legal} - TVA {facts.vat_number}", 6.5)
    page.add_page()
    page.put(10, 10, f"Détail par site - facture {number} du {long_date(facts.issued)}", 10, True)
    rows = [
        (f"PDL {21400 + place}", x.label, money(x.amount), money(cents(x.amount * Decimal("1.2"))))
        for place, x in enumerate(facts.lines)
    ]
    heads = [("Site", 30, "L"), ("Poste", 90, "L"), ("Total HT", 30, "R"), ("Total TTC", 30, "R")]
    page.grid(10, 20, heads, rows, 8.5)  # type: ignore[arg-type]
    return page, rows_implied(facts.truth(number))
