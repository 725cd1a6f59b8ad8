"""Families that rules may be improved on: never for one of them, always for what it stands for."""

from __future__ import annotations

from decimal import Decimal

from tests.families.kit import Facts, Family, Paper, Truth, cents, family, fours, grouped, long_date, money

DEVELOPMENT: list[Family] = []


def without_rows(held: Truth, **others: object) -> Truth:
    """The VAT rows follow from what is printed, and are not printed themselves."""
    return {**held, "vat": [], "implied": {"vat": held["vat"]}, **others}


@family(DEVELOPMENT, "20")
def roofer(facts: Facts) -> tuple[Paper, Truth]:
    """Works by instalments: what was asked before is deducted, a guarantee is kept back."""
    number = f"FA {facts.issued:%Y}/{facts.serial:05d}"
    before = cents(facts.incl * Decimal("1.5"))
    kept = cents(facts.incl * Decimal("0.05"))
    name, street, city, town = facts.supplier
    page = Paper()
    page.stack(12, 10, [name, "Couverture - Étanchéité", street, city], 10, True)
    page.stack(118, 32, [*facts.body, f"N° SIRET : {grouped(facts.body_siret, 3, 3, 3)}"], 10, True)
    page.put(12, 62, f"Facture de situation n° 2 - {number}", 13, True)
    page.put(12, 70, f"Date : {facts.issued:%d/%m/%Y}      Échéance : {facts.due:%d/%m/%Y}")
    page.put(12, 75, f"Opération : réfection de la toiture du gymnase - Marché {facts.contract}")
    page.put(12, 80, f"EJ : {facts.engagement}   Code service : {facts.service}")
    rows = [(x.label, "60 %", money(x.amount, sign="")) for x in facts.lines]
    y = (
        page.grid(
            12, 90, [("Nature", 120, "L"), ("Avancement", 25, "C"), ("Montant H.T.", 35, "R")], rows, lines="rule"
        )
        + 5
    )
    rows = [
        ("Total travaux HT", money(facts.excl)),
        ("TVA 20,00 %", money(facts.tax)),
        ("Total travaux TTC", money(facts.incl)),
    ]
    rows += [("Retenue de garantie (5 %)", money(-kept)), ("Net à payer", money(facts.incl - kept))]
    rows += [("Pour mémoire, déjà facturé TTC", money(before))]
    page.pairs(90, y, rows, 192)
    page.put(12, 268, f"IBAN {fours(facts.iban)}  BIC {facts.bic}", 9)
    page.put(
        12, 282, f"SARL - SIRET {facts.supplier_siret} - RCS {town} - Assurance décennale n° 4471{facts.serial}", 7
    )
    return page, without_rows(facts.truth(number), amount_due=str(facts.incl - kept))


@family(DEVELOPMENT, "20")
def consultant(facts: Facts) -> tuple[Paper, Truth]:
    """A letter of a consultant with the number in the subject."""
    number = f"{facts.issued:%Y}-F-{facts.serial:04d} bis"
    name, street, city, town = facts.supplier
    page = Paper("Times")
    page.stack(20, 14, [name, f"{street}, {city}", f"Siret {facts.supplier_siret} - TVA {facts.vat_number}"], 10, True)
    page.stack(110, 40, list(facts.body), 11)
    page.put(110, 66, f"Fait à {town}, le {long_date(facts.issued)}", 11)
    page.put(20, 80, f"Objet : facture n° {number}", 12, True)
    page.put(
        20, 86, f"Engagement n° {facts.engagement} - Code service : {facts.service} - SIRET : {facts.body_siret}", 10
    )
    page.stack(20, 98, ["Monsieur le Directeur,", "", "Au titre de notre mission, nous vous prions de régler :"], 11)
    y = page.pairs(30, 118, [(f"- {x.label}", money(x.amount, " ")) for x in facts.lines], 165, 11) + 3
    rows = [("Total des honoraires HT", money(facts.excl, " ")), ("TVA 20 %", money(facts.tax, " "))]
    y = page.pairs(30, y, [*rows, ("Total des honoraires TTC", money(facts.incl, " "))], 165, 11, True) + 8
    page.put(20, y, f"Payable sous 30 jours, soit avant le {long_date(facts.due)}, au compte :", 11)
    page.put(20, y + 6, fours(facts.iban), 11)
    return page, without_rows(facts.truth(number), contract_number=None)


@family(DEVELOPMENT, "20", "5.5")
def water(facts: Facts) -> tuple[Paper, Truth]:
    """A utility in two columns, with balances of before."""
    number = f"{facts.serial:05d} {facts.issued:%m} {facts.issued:%Y}"
    name, _street, _city, town = facts.supplier
    page = Paper("Helvetica", 90)
    page.put(10, 10, f"{name} - Eau et assainissement", 14, True)
    page.stack(10, 20, ["Votre facture", f"Facture n° {number}", f"Éditée le {facts.issued:%d/%m/%Y}"], 10, True)
    page.stack(10, 40, [f"Référence abonné : 77-{facts.serial}", "N° de compteur : D16UE 045211"], 9)
    page.stack(115, 20, ["Titulaire du contrat", *facts.body], 10)
    page.stack(115, 50, [f"SIRET : {facts.body_siret}", f"Code service : {facts.service}"], 9)
    page.put(10, 56, f"N° de marché : {facts.contract}     N° d'engagement : {facts.engagement}", 9)
    rows = [("Solde de votre facture précédente", "0,00 €"), ("Montant de cette facture TTC", money(facts.incl))]
    page.pairs(10, 70, [*rows, ("Total à payer TTC", money(facts.incl))], 95, 10, True)
    page.put(10, 92, f"À payer au plus tard le {facts.due:%d/%m/%Y}", 11, True)
    parts = [(x.label, money(x.amount, sign=""), money(x.rate, sign="")) for x in facts.lines]
    y = page.grid(10, 104, [("Rubrique", 100, "L"), ("H.T. €", 30, "R"), ("TVA %", 20, "R")], parts, 8.5, "rule") + 6
    taxes = [
        (f"{money(r, sign='')} %", money(b, sign=""), money(t, sign=""), money(b + t, sign=""))
        for r, b, t in facts.taxes
    ]
    taxes += [("Total", money(facts.excl, sign=""), money(facts.tax, sign=""), money(facts.incl, sign=""))]
    page.grid(10, y, [("Taux", 20, "R"), ("Base HT", 30, "R"), ("TVA", 30, "R"), ("TTC", 30, "R")], taxes, 8.5)
    page.put(10, 265, f"Virement : {fours(facts.iban)} - {facts.bic}", 9)
    page.put(
        10, 284, f"SA au capital de 500 000 € - SIRET {facts.supplier_siret} - {town} - Médiation : BP 40463, Paris", 7
    )
    return page, facts.truth(number)


@family(DEVELOPMENT, "20")
def stamped(facts: Facts) -> tuple[Paper, Truth]:
    """Received and checked: stamps with dates and amounts of others over the page."""
    number = f"V/{facts.serial}/26"
    name, street, city, _ = facts.supplier
    page = Paper("Noto")
    page.put(15, 12, name, 16)
    page.stack(15, 20, [street, city, f"SIRET : {facts.supplier_siret}"], 9)
    page.stack(110, 38, ["Doit :", *facts.body], 10)
    page.put(15, 68, f"FACTURE n° : {number}", 13)
    page.put(15, 76, f"Le {facts.issued:%d/%m/%Y}", 10)
    page.put(
        15, 82, f"Réf. commande : {facts.engagement}   Service : {facts.service}   SIRET client : {facts.body_siret}", 9
    )
    rows = [(x.label, str(x.quantity), money(x.price), money(x.amount)) for x in facts.lines]
    y = page.grid(
        15, 92, [("Désignation", 100, "L"), ("Qté", 15, "R"), ("P.U. HT", 30, "R"), ("Total HT", 35, "R")], rows
    )
    rows = [
        ("Montant HT", money(facts.excl)),
        ("Montant TVA 20 %", money(facts.tax)),
        ("Montant TTC", money(facts.incl)),
    ]
    page.pairs(110, y + 5, rows, 195, 10, True)
    page.rect(20, y + 10, 60, 24)
    page.stack(22, y + 12, ["REÇU LE", f"{facts.due:%d/%m/%Y}", "COURRIER ARRIVÉ N° 00417"], 10)
    page.rect(20, y + 40, 60, 18)
    page.stack(22, y + 42, ["Service fait le 14/12/2026", "Bon à payer"], 9)
    page.put(15, 270, f"IBAN : {fours(facts.iban)} BIC : {facts.bic}", 9)
    return page, without_rows(facts.truth(number), contract_number=None, due_date=None)


@family(DEVELOPMENT, "20", "10")
def wide(facts: Facts) -> tuple[Paper, Truth]:
    """Three columns of references above, sums in one row below."""
    number = f"{facts.issued:%Y}.{facts.serial:04d}"
    name, street, city, _ = facts.supplier
    page = Paper("Helvetica", 95)
    page.put(10, 8, name, 13, True)
    page.put(10, 15, f"{street} - {city}", 8)
    page.stack(10, 26, ["Date de facture", f"{facts.issued:%d-%m-%Y}", "Date d'échéance", f"{facts.due:%d-%m-%Y}"], 9)
    page.stack(70, 26, ["N° de facture", number, "N° de commande", facts.engagement], 9)
    page.stack(130, 26, ["Code service", facts.service, "N° de contrat", facts.contract], 9)
    page.stack(10, 52, ["Vendeur", name, f"SIRET {facts.supplier_siret}", f"TVA {facts.vat_number}"], 9, True)
    page.stack(110, 52, ["Acheteur", facts.body[0], f"SIRET {facts.body_siret}", *facts.body[2:]], 9, True)
    rows = [(x.label, money(x.rate, sign=" %"), str(x.quantity), money(x.price), money(x.amount)) for x in facts.lines]
    heads = [("Libellé", 85, "L"), ("TVA", 20, "R"), ("Qté", 15, "R"), ("PU HT", 30, "R"), ("Montant HT", 35, "R")]
    y = page.grid(10, 84, heads, rows, lines="rule") + 8  # type: ignore[arg-type]
    taxes = [(f"TVA {money(r, sign='')} %", money(b), money(t)) for r, b, t in facts.taxes]
    y = page.grid(10, y, [("Taux", 40, "L"), ("Assiette", 35, "R"), ("Taxe", 35, "R")], taxes, lines="none") + 6
    sums = [money(facts.excl), money(facts.tax), money(facts.incl), money(Decimal(0)), money(facts.incl)]
    heads = [
        ("Total HT", 37, "C"),
        ("Total TVA", 37, "C"),
        ("Total TTC", 37, "C"),
        ("Acompte", 37, "C"),
        ("Net à payer", 37, "C"),
    ]
    page.grid(10, y, heads, [sums])  # type: ignore[arg-type]
    page.put(10, 275, f"Règlement : virement - IBAN : {fours(facts.iban)} - BIC : {facts.bic}", 8)
    return page, facts.truth(number)


@family(DEVELOPMENT, "20")
def factored(facts: Facts) -> tuple[Paper, Truth]:
    """The claim is sold: the factor's account counts, its SIRET does not."""
    number = f"FV{facts.issued:%y%m}{facts.serial:04d}"
    name, street, city, town = facts.supplier
    page = Paper()
    page.stack(12, 10, [name, street, city], 10, True)
    page.put(125, 10, "Facture", 20, True)
    page.pairs(125, 22, [("N°", number), ("Du", f"{facts.issued:%d/%m/%Y}"), ("Page", "1/1")], 195)
    page.stack(120, 46, [facts.body[0], facts.body[1], *facts.body[2:]], 10)
    page.put(12, 74, f"Identifiant Chorus Pro (SIRET) {facts.body_siret} - Code du service {facts.service}", 9)
    page.put(12, 79, f"Numéro d'engagement {facts.engagement}", 9)
    rows = [(x.label, str(x.quantity), money(x.price, sign=""), money(x.amount, sign="")) for x in facts.lines]
    heads = [("Désignation", 110, "L"), ("Quantité", 20, "R"), ("Prix unitaire", 25, "R"), ("Montant", 30, "R")]
    y = page.grid(12, 88, heads, rows) + 5  # type: ignore[arg-type]
    rows = [
        ("Base HT", money(facts.excl)),
        ("Taux", "20,00 %"),
        ("TVA", money(facts.tax)),
        ("Total TTC EUR", money(facts.incl)),
    ]
    page.pairs(130, y, rows, 196)
    page.put(130, y + 28, f"Échéance {facts.due:%d/%m/%Y}", 10, True)
    lines = [
        "Pour être libératoire, votre règlement doit être fait à l'ordre de FACTOREXIA SA, SIRET 552 120 222 00013,",
        f"qui le reçoit par subrogation. IBAN {fours(facts.iban)} BIC {facts.bic}",
        f"{name} - SIRET {grouped(facts.supplier_siret, 3, 3, 3)} - RCS {town} - NAF 4322A - TVA {facts.vat_number}",
    ]
    page.stack(12, 262, lines, 8)
    return page, without_rows(facts.truth(number), contract_number=None)


@family(DEVELOPMENT, "20")
def refund(facts: Facts) -> tuple[Paper, Truth]:
    """A credit note with positive amounts."""
    number = f"AV{facts.serial:06d}"
    name, street, city, _ = facts.supplier
    page = Paper("Times")
    page.put(15, 12, "FACTURE D'AVOIR", 18, True)
    page.stack(15, 24, [name, street, city, f"SIRET {facts.supplier_siret}"], 10)
    page.stack(115, 24, ["Destinataire", *facts.body, f"SIRET {facts.body_siret}"], 10)
    rows = [("Numéro de l'avoir", number), ("Date", f"{facts.issued:%d/%m/%Y}"), ("Facture d'origine", "F20260044")]
    y = page.pairs(15, 62, [*rows, ("Numéro d'engagement", facts.engagement), ("Service", facts.service)], 100)
    rows = [(x.label, str(x.quantity), money(x.amount)) for x in facts.lines]
    y = page.grid(15, y + 6, [("Objet", 120, "L"), ("Qté", 20, "R"), ("HT", 40, "R")], rows, lines="none")
    rows = [
        ("Total HT", money(facts.excl)),
        ("Total TVA (20 %)", money(facts.tax)),
        ("Total TTC à votre crédit", money(facts.incl)),
    ]
    page.pairs(100, y + 6, rows, 195)
    truth = {**facts.truth(number), "original_invoice_number": "F20260044"}
    return page, without_rows(truth, type="credit_note", contract_number=None, due_date=None, iban=None)


@family(DEVELOPMENT, "20")
def deposit(facts: Facts) -> tuple[Paper, Truth]:
    """An invoice for a payment in advance, over the sum of an order."""
    number = f"ACPT-{facts.serial:04d}"
    order = cents(facts.incl / Decimal("0.3"))
    name, street, city, _ = facts.supplier
    page = Paper("Noto")
    page.stack(15, 12, [name, street, city, f"Siret : {facts.supplier_siret}"], 9)
    page.put(110, 12, "Facture d'acompte", 16)
    page.put(110, 21, f"N° {number} du {facts.issued:%d/%m/%Y}", 10)
    page.stack(110, 32, ["Client", *facts.body, f"Siret : {facts.body_siret}"], 9)
    page.put(15, 64, f"Bon de commande n° {facts.engagement} du 02/01/2026 d'un montant de {money(order)} TTC", 9)
    page.put(15, 69, f"Code service {facts.service} - contrat {facts.contract}", 9)
    rows = [("Acompte de 30 % à la commande", money(facts.excl))]
    y = page.grid(15, 80, [("Désignation", 130, "L"), ("Montant HT", 50, "R")], rows) + 5
    rows = [("Total HT", money(facts.excl)), ("TVA à 20 %", money(facts.tax)), ("Total TTC", money(facts.incl))]
    page.pairs(110, y, [*rows, ("Net à payer", money(facts.incl))], 195)
    page.put(15, y + 40, f"À régler pour le {facts.due:%d/%m/%Y}. IBAN : {fours(facts.iban)}", 9)
    return page, without_rows(facts.truth(number), type="down_payment")


@family(DEVELOPMENT, "5.5", "20")
def grocer(facts: Facts) -> tuple[Paper, Truth]:
    """Delivered in three services, several codes on the page, totals of each page carried forward."""
    number = f"{facts.serial:07d}"
    name, street, city, _ = facts.supplier
    half = len(facts.lines) // 2
    report = sum((x.amount for x in facts.lines[:half]), Decimal())
    page = Paper("Courier", 90)
    page.stack(10, 10, [name, street, city, f"Siret {facts.supplier_siret}"], 9, True)
    page.stack(110, 30, [*facts.body, f"Siret {facts.body_siret}"], 9)
    page.stack(
        10, 58, [f"Facture no {number}", f"Date        {facts.issued:%d/%m/%y}", f"Echeance    {facts.due:%d/%m/%y}"], 9
    )
    page.stack(
        90,
        58,
        [f"Code service Chorus Pro : {facts.service}", f"Engagement : {facts.engagement}", "Code client : 0099812"],
        9,
    )
    columns = [
        ("Code", 20, "L"),
        ("Libelle", 80, "L"),
        ("Qte", 15, "R"),
        ("Prix", 25, "R"),
        ("TVA", 15, "R"),
        ("Net HT", 30, "R"),
    ]

    def rows(first: int, last: int | None) -> list[tuple[str, ...]]:
        return [
            (
                f"{facts.other.randint(100000, 999999)}",
                x.label[:34],
                str(x.quantity),
                money(x.price, sign=""),
                f"{x.rate}",
                money(x.amount, sign=""),
            )
            for x in facts.lines[first:last]
        ]

    y = page.grid(10, 80, columns, rows(0, half), 8, "none")  # type: ignore[arg-type]
    page.pairs(100, y + 4, [("Total a reporter", money(report, sign=""))], 195, 9)
    page.add_page()
    page.put(10, 10, f"{name} - Facture no {number} - page 2", 9)
    page.pairs(100, 18, [("Report", money(report, sign=""))], 195, 9)
    y = page.grid(10, 28, columns, rows(half, None), 8, "none") + 6  # type: ignore[arg-type]
    taxes = [(money(r, sign=""), money(b, sign=""), money(t, sign="")) for r, b, t in facts.taxes]
    y = page.grid(10, y, [("Taux TVA", 25, "R"), ("Base HT", 35, "R"), ("Montant TVA", 35, "R")], taxes, 8, "none") + 6
    sums = [("Total HT", money(facts.excl)), ("Total TVA", money(facts.tax)), ("Net a payer TTC", money(facts.incl))]
    page.pairs(100, y, sums, 195, 10)
    page.put(10, y + 30, f"IBAN {fours(facts.iban)}", 9)
    return page, facts.truth(number) | {"contract_number": None}


@family(DEVELOPMENT, "0")
def artist(facts: Facts) -> tuple[Paper, Truth]:
    """A small business without VAT."""
    number = f"n°{facts.serial}".removeprefix("n°")
    name, street, city, _ = facts.supplier
    page = Paper()
    page.stack(20, 20, [name, street, city, f"SIRET {grouped(facts.supplier_siret, 3, 3, 3)}"], 11)
    page.stack(115, 50, [*facts.body, f"SIRET {grouped(facts.body_siret, 3, 3, 3)}"], 11)
    page.put(20, 88, f"FACTURE N°{number}", 16, True)
    page.put(20, 97, f"{long_date(facts.issued)}", 11)
    page.put(20, 103, f"Bon de commande {facts.engagement} - code service {facts.service}", 11)
    y = page.pairs(20, 116, [(x.label, money(x.amount)) for x in facts.lines], 185, 11) + 4
    page.pairs(20, y, [("TOTAL", money(facts.excl))], 185, 13, True)
    page.put(20, y + 12, "TVA non applicable, article 293 B du CGI", 10)
    page.put(20, y + 18, f"Règlement par virement avant le {long_date(facts.due)}", 10)
    page.put(20, y + 24, f"IBAN : {fours(facts.iban)}", 10)
    held = facts.truth(number) | {"contract_number": None, "total_excl_tax": None, "total_tax": None, "vat": []}
    implied = {"total_excl_tax": str(facts.excl), "total_tax": "0.00", "vat": facts.truth(number)["vat"]}
    return page, {**held, "implied": implied}


@family(DEVELOPMENT, "20")
def exporter(facts: Facts) -> tuple[Paper, Truth]:
    """English labels and a sum in dollars for information."""
    number = f"SI-{facts.issued:%y}-{facts.serial:05d}"
    dollars = cents(facts.incl * Decimal("1.17"))
    name, street, city, _ = facts.supplier
    page = Paper("Noto")
    page.put(15, 12, "INVOICE", 20)
    page.stack(15, 24, [name, street, city, f"SIRET: {facts.supplier_siret}", f"VAT No: {facts.vat_number}"], 9)
    page.stack(110, 24, ["Sold to:", facts.body[0], *facts.body[2:], f"SIRET: {facts.body_siret}"], 9)
    rows = [("Invoice No", number), ("Invoice date", f"{facts.issued:%d/%m/%Y}"), ("Due date", f"{facts.due:%d/%m/%Y}")]
    rows += [("PO number", facts.engagement), ("Buyer reference", facts.service), ("Contract No", facts.contract)]
    y = page.pairs(15, 58, rows, 95, 9)
    rows = [(x.label, str(x.quantity), money(x.price, ",", "."), money(x.amount, ",", ".")) for x in facts.lines]
    heads = [("Item", 100, "L"), ("Qty", 15, "R"), ("Unit price", 30, "R"), ("Amount", 35, "R")]
    y = page.grid(15, y + 6, heads, rows, lines="rule") + 5  # type: ignore[arg-type]
    rows = [
        ("Net amount", money(facts.excl, ",", ".")),
        ("VAT 20%", money(facts.tax, ",", ".")),
        ("Total due", money(facts.incl, ",", ".")),
    ]
    page.pairs(110, y, [*rows, ("For information, total in USD", money(dollars, ",", ".", " USD"))], 195, 9.5)
    page.put(15, 270, f"Please pay to IBAN {fours(facts.iban)}, BIC {facts.bic}", 9)
    return page, without_rows(facts.truth(number))


@family(DEVELOPMENT, "20", "10")
def telecom(facts: Facts) -> tuple[Paper, Truth]:
    """A direct debit, sums by rate in sentences, the number below its label."""
    number = f"{facts.serial:04d}{facts.issued:%m%y}A1"
    name, _street, _city, town = facts.supplier
    page = Paper("Helvetica", 97)
    page.put(10, 10, name, 18, True)
    page.stack(10, 24, ["Numéro de facture", number, "", "Date de facture", f"{long_date(facts.issued)}"], 9)
    page.stack(60, 24, ["Identifiant client", f"C-{facts.serial}", "", "Votre marché", facts.contract], 9)
    page.stack(120, 24, list(facts.body), 10)
    page.put(
        10, 56, f"Pour Chorus Pro : SIRET {facts.body_siret}, service {facts.service}, engagement {facts.engagement}", 9
    )
    page.put(10, 66, "Montant de votre facture", 12)
    page.put(80, 66, money(facts.incl), 12, True)
    page.put(10, 73, f"Cette somme sera prélevée le {long_date(facts.due)}", 9)
    y = page.pairs(10, 84, [(x.label, money(x.amount)) for x in facts.lines], 190, 9) + 4
    y = page.pairs(10, y, [("Total hors taxes", money(facts.excl))], 190, 9, True)
    for rate, base, tax in facts.taxes:
        page.put(10, y, f"dont TVA à {money(rate, sign='')} % sur un montant de {money(base)}", 9)
        page.put(10, y, money(tax), 9, False, "R", 180)
        y += 6
    page.pairs(
        10,
        y,
        [("Total de la TVA", money(facts.tax)), ("Total toutes taxes comprises", money(facts.incl))],
        190,
        9,
        True,
    )
    page.put(10, 270, f"Compte débité : FR76 XXXX XXXX XXXX - Notre SIRET : {facts.supplier_siret} - RCS {town}", 8)
    return page, facts.truth(number) | {"iban": None}


@family(DEVELOPMENT, "20")
def landscape(facts: Facts) -> tuple[Paper, Truth]:
    """Labels in capitals right above their values, without any line; amounts with points."""
    number = f"F.{facts.issued:%Y}.{facts.serial}"
    name, street, city, _ = facts.supplier
    page = Paper("Times", 105)
    page.stack(12, 10, [name.upper(), street, city], 10, True)
    page.stack(120, 10, ["FACTURER À", *facts.body], 10, True)
    page.stack(12, 40, ["RÉFÉRENCE FACTURE", number], 9)
    page.stack(62, 40, ["ÉMISE LE", f"{facts.issued:%d.%m.%Y}"], 9)
    page.stack(102, 40, ["ÉCHÉANCE", f"{facts.due:%d.%m.%Y}"], 9)
    page.stack(142, 40, ["BON DE COMMANDE", facts.engagement], 9)
    page.stack(12, 54, ["SIRET CLIENT", facts.body_siret], 9)
    page.stack(62, 54, ["SERVICE EXÉCUTANT", facts.service], 9)
    page.stack(102, 54, ["MARCHÉ N°", facts.contract], 9)
    rows = [
        (x.label, str(x.quantity), money(x.price, ".", sign=""), money(x.amount, ".", sign="")) for x in facts.lines
    ]
    y = page.grid(
        12,
        70,
        [("PRESTATION", 95, "L"), ("QTÉ", 15, "R"), ("TARIF", 30, "R"), ("MONTANT", 40, "R")],
        rows,
        lines="none",
    )
    rows = [
        ("TOTAL HORS TAXES", money(facts.excl, ".")),
        ("TVA (20 %)", money(facts.tax, ".")),
        ("TOTAL TTC", money(facts.incl, ".")),
    ]
    page.pairs(100, y + 8, rows, 192)
    page.put(12, 276, f"SIRET {facts.supplier_siret} · TVA {facts.vat_number} · IBAN {fours(facts.iban)}", 8)
    return page, without_rows(facts.truth(number))
