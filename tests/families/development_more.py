"""More families that rules may be improved on: abbreviations, odd orders, discounts, two addresses, bare amounts."""

from __future__ import annotations

from decimal import Decimal

from tests.families.development import without_rows
from tests.families.kit import Facts, Family, Paper, Truth, cents, family, fours, grouped, long_date, money

MORE: list[Family] = []


@family(MORE, "20")
def abbreviated(facts: Facts) -> tuple[Paper, Truth]:
    """Everything is cut short."""
    number = f"{facts.issued:%y}/{facts.serial:04d}"
    name, street, city, _ = facts.supplier
    page = Paper("Helvetica", 90)
    page.stack(10, 10, [name, street, city, f"SIRET {facts.supplier_siret}"], 9, True)
    page.stack(120, 30, [*facts.body, f"SIRET {facts.body_siret}"], 9)
    rows = [("Fact. N°", number), ("Dt fact.", f"{facts.issued:%d/%m/%y}"), ("Éch.", f"{facts.due:%d/%m/%y}")]
    rows += [("Cde n°", facts.engagement), ("Serv. exéc.", facts.service), ("Mché n°", facts.contract)]
    y = page.pairs(10, 36, rows, 70, 9)
    rows = [(x.label, str(x.quantity), money(x.price, sign=""), money(x.amount, sign="")) for x in facts.lines]
    y = page.grid(10, y + 8, [("Désign.", 110, "L"), ("Qté", 15, "R"), ("P.U.", 25, "R"), ("Mt", 30, "R")], rows)
    rows = [("Mt HT", money(facts.excl)), ("Mt TVA 20%", money(facts.tax)), ("Mt TTC", money(facts.incl))]
    page.pairs(130, y + 4, rows, 190)
    page.put(10, 275, f"IBAN {facts.iban}", 8)
    return page, without_rows(facts.truth(number))


@family(MORE, "20")
def discounted(facts: Facts) -> tuple[Paper, Truth]:
    """A discount and carriage between the sum of the lines and the net."""
    number = f"F{facts.issued:%Y%m}-{facts.serial:03d}"
    carriage = Decimal("25.00")
    gross = cents((facts.excl - carriage) / Decimal("0.9"))
    name, street, city, town = facts.supplier
    page = Paper()
    page.put(12, 10, name, 14, True)
    page.put(12, 17, f"{street} {city} - SIRET {facts.supplier_siret} - RCS {town}", 8)
    page.put(12, 30, f"FACTURE : {number}", 13, True)
    page.put(12, 38, f"Établie le {facts.issued:%d/%m/%Y}", 10)
    page.stack(115, 30, ["Adresse de facturation", *facts.body, f"SIRET {facts.body_siret}"], 9)
    page.stack(12, 48, ["Adresse de livraison", "École maternelle Prévert", "2 impasse des Lilas", facts.body[3]], 9)
    page.put(12, 76, f"Votre référence : {facts.engagement} (engagement)   Service : {facts.service}", 9)
    rows = [(x.label, str(x.quantity), money(x.amount)) for x in facts.lines]
    y = page.grid(12, 84, [("Désignation", 120, "L"), ("Qté", 20, "R"), ("Montant HT", 40, "R")], rows, lines="rule")
    rows = [("Total brut HT", money(gross)), ("Remise 10 %", money(facts.excl - carriage - gross))]
    rows += [("Frais de port HT", money(carriage)), ("Net HT", money(facts.excl)), ("TVA 20 %", money(facts.tax))]
    page.pairs(110, y + 4, [*rows, ("Net TTC", money(facts.incl))], 192)
    page.put(12, 262, f"Règlement à effectuer avant le {facts.due:%d/%m/%Y} sur le compte {fours(facts.iban)}", 9)
    return page, without_rows(facts.truth(number), contract_number=None, engagement_number=facts.engagement)


@family(MORE, "20")
def upside(facts: Facts) -> tuple[Paper, Truth]:
    """The sum with tax first, its parts in sentences after it."""
    number = f"{facts.serial}/{facts.issued:%m}/{facts.issued:%Y}"
    name, street, city, _ = facts.supplier
    page = Paper("Times")
    page.put(20, 15, f"Facture n° {number}", 16, True)
    page.stack(20, 26, [f"Date d'émission {long_date(facts.issued)}", f"Date d'exigibilité {long_date(facts.due)}"], 11)
    page.stack(20, 42, ["Créancier", name, street, city, f"Siret {grouped(facts.supplier_siret, 3, 3, 3)}"], 11)
    page.stack(115, 42, ["Débiteur", *facts.body, f"Siret {grouped(facts.body_siret, 3, 3, 3)}"], 11)
    page.put(20, 80, f"Total TTC {money(facts.incl)}", 14, True)
    page.put(20, 88, f"dont {money(facts.excl)} HT et {money(facts.tax)} de TVA à 20 %", 11)
    page.put(20, 96, f"Réf. engagement juridique {facts.engagement}, code service {facts.service}", 11)
    page.pairs(20, 108, [(x.label, money(x.amount)) for x in facts.lines], 185, 11)
    page.put(20, 270, f"À créditer : {fours(facts.iban)}", 10)
    return page, without_rows(facts.truth(number), contract_number=None)


@family(MORE, "20")
def reverse_charge(facts: Facts) -> tuple[Paper, Truth]:
    """A subcontractor: the buyer owes the VAT."""
    number = f"ST{facts.serial:05d}"
    name, street, city, _ = facts.supplier
    page = Paper("Noto")
    page.stack(15, 12, [name, street, city, f"N° Siret {facts.supplier_siret}"], 9)
    page.stack(115, 30, ["Client", *facts.body, f"N° Siret {facts.body_siret}"], 9)
    page.put(15, 62, f"Facture N° {number}", 13)
    page.put(15, 69, f"Date : {facts.issued:%d/%m/%Y}    Échéance : {facts.due:%d/%m/%Y}", 9)
    page.put(15, 74, f"Marché n° {facts.contract} - engagement {facts.engagement} - service {facts.service}", 9)
    rows = [(x.label, str(x.quantity), money(x.amount)) for x in facts.lines]
    y = page.grid(15, 84, [("Travaux", 120, "L"), ("Qté", 20, "R"), ("Montant HT", 40, "R")], rows, lines="none")
    page.pairs(
        110,
        y + 4,
        [("Total HT", money(facts.excl)), ("TVA", "autoliquidation"), ("Net à payer", money(facts.excl))],
        195,
    )
    page.put(15, y + 30, "Autoliquidation de la TVA, article 283-2 nonies du CGI", 9)
    page.put(15, 270, f"IBAN {fours(facts.iban)}", 9)
    total = str(facts.excl)
    zero = [{"rate": "0.00", "base": total, "amount": "0.00"}]
    held = facts.truth(number) | {"total_tax": None, "total_incl_tax": None, "amount_due": total, "vat": []}
    return page, {**held, "implied": {"total_tax": "0.00", "total_incl_tax": total, "vat": zero}}


@family(MORE, "20", "10")
def bare_amounts(facts: Facts) -> tuple[Paper, Truth]:
    """No sign of a currency on any amount, rates without percent, thin blanks."""
    number = f"A{facts.serial:06d}B"
    thin = "\N{NO-BREAK SPACE}"
    name, street, city, _ = facts.supplier
    page = Paper("Courier", 88)
    page.stack(10, 10, [name, street, city, f"Siret : {facts.supplier_siret}"], 9)
    page.stack(110, 30, [*facts.body], 9)
    page.put(10, 56, f"Numéro de pièce : {number}", 10)
    page.put(10, 61, f"Date pièce      : {facts.issued:%d/%m/%Y}", 10)
    page.put(10, 66, f"Échéance        : {facts.due:%d/%m/%Y}", 10)
    page.put(10, 71, f"Siret client    : {facts.body_siret}", 10)
    page.put(10, 76, f"Code service    : {facts.service}     Engagement : {facts.engagement}", 10)
    rows = [(x.label[:32], str(x.quantity), f"{x.rate}", money(x.amount, thin, sign="")) for x in facts.lines]
    y = page.grid(
        10, 86, [("Désignation", 90, "L"), ("Q", 15, "R"), ("T", 15, "R"), ("Montant", 40, "R")], rows, 9, "none"
    )
    taxes = [(f"{r}", money(b, thin, sign=""), money(t, thin, sign="")) for r, b, t in facts.taxes]
    y = page.grid(10, y + 6, [("Taux", 20, "R"), ("Base", 40, "R"), ("TVA", 40, "R")], taxes, 9, "none")
    rows = [("TOTAL HT", money(facts.excl, thin, sign="")), ("TVA", money(facts.tax, thin, sign=""))]
    page.pairs(110, y + 4, [*rows, ("TTC EUR", money(facts.incl, thin, sign=""))], 190)
    page.put(10, 270, f"Domiciliation {fours(facts.iban)} {facts.bic}", 9)
    return page, facts.truth(number) | {"contract_number": None}


@family(MORE, "20")
def association(facts: Facts) -> tuple[Paper, Truth]:
    """A body known by its wording only, dates in words, an amount in letters."""
    number = f"{facts.issued:%Y}-{facts.serial}"
    name, street, city, town = facts.supplier
    page = Paper("Times")
    page.stack(20, 12, [name, street, city, f"Siret {facts.supplier_siret}"], 11, True)
    page.stack(
        110,
        40,
        [
            f"Mairie de {facts.body[3].split(' ', 1)[1].title()}",
            "Service des affaires culturelles",
            facts.body[2],
            facts.body[3],
        ],
        11,
    )
    page.put(110, 70, f"{town}, le {long_date(facts.issued)}", 11)
    page.put(20, 84, f"FACTURE {number}", 15, True)
    page.put(20, 92, f"Commande {facts.engagement}", 11)
    y = page.pairs(20, 104, [(x.label, money(x.amount)) for x in facts.lines], 185, 11) + 4
    rows = [
        ("Montant hors taxe", money(facts.excl)),
        ("TVA à 20,00 %", money(facts.tax)),
        ("Montant à payer TTC", money(facts.incl)),
    ]
    y = page.pairs(20, y, rows, 185, 11)
    page.put(20, y + 6, "Arrêtée la présente facture à la somme indiquée ci-dessus, toutes taxes comprises.", 10)
    page.put(20, y + 14, f"Date limite de règlement : {long_date(facts.due)} - {fours(facts.iban)}", 10)
    name_line = f"Mairie de {facts.body[3].split(' ', 1)[1].title()}"
    held = facts.truth(number) | {"recipient_siret": None, "recipient_name": name_line, "service_code": None}
    return page, without_rows(held, contract_number=None)


@family(MORE, "20")
def accounts(facts: Facts) -> tuple[Paper, Truth]:
    """A statement with former invoices beside the one that is billed, and two accounts."""
    number = f"FCT-{facts.serial:05d}-26"
    name, street, city, _ = facts.supplier
    old = f"FCT-{facts.serial - 9:05d}-26"
    page = Paper("Helvetica", 96)
    page.stack(12, 10, [name, street, city, f"SIRET : {facts.supplier_siret}"], 10, True)
    page.stack(118, 28, ["Facturé à", facts.body[0], facts.body[2], facts.body[3], f"SIRET : {facts.body_siret}"], 10)
    page.put(12, 60, f"Facture {number}", 14, True)
    page.put(12, 68, f"Facturé le {facts.issued:%d/%m/%Y} - à payer pour le {facts.due:%d/%m/%Y}", 10)
    page.put(
        12, 74, f"Code service : {facts.service} | N° d'engagement : {facts.engagement} | Contrat : {facts.contract}", 9
    )
    rows = [(x.label, str(x.quantity), money(x.amount)) for x in facts.lines]
    y = page.grid(12, 82, [("Objet", 125, "L"), ("Qté", 15, "R"), ("HT", 40, "R")], rows, lines="rule")
    rows = [("Total HT", money(facts.excl)), ("TVA 20,00 %", money(facts.tax)), ("Total TTC", money(facts.incl))]
    y = page.pairs(110, y + 4, rows, 192)
    page.put(12, y + 10, "Rappel de vos factures non réglées", 9, True)
    y = page.grid(
        12,
        y + 16,
        [("N° facture", 40, "L"), ("Date", 30, "L"), ("Montant TTC", 40, "R")],
        [[old, "02/01/2026", "412,80 €"]],
        8,
    )
    page.put(12, 262, f"IBAN : {fours(facts.iban)} (compte principal)", 9)
    return page, without_rows(facts.truth(number))


@family(MORE, "20", "5.5")
def printed_form(facts: Facts) -> tuple[Paper, Truth]:
    """A form: captions in small letters inside boxes, values below them, three boxes of totals."""
    number = f"{facts.issued:%y}{facts.serial:05d}"
    name, street, city, _ = facts.supplier
    page = Paper("Helvetica", 94)

    def field(x: float, y: float, width: float, caption: str, value: str) -> None:
        page.rect(x, y, width, 12)
        page.put(x + 1, y + 0.6, caption, 6.5)
        page.put(x + 2, y + 5, value, 10)

    page.stack(12, 8, [name, street, city], 9, True)
    field(12, 30, 45, "Numéro de facture", number)
    field(57, 30, 40, "Date d'émission", f"{facts.issued:%d/%m/%Y}")
    field(97, 30, 40, "Date d'échéance", f"{facts.due:%d/%m/%Y}")
    field(137, 30, 60, "SIRET du fournisseur", facts.supplier_siret)
    field(12, 42, 60, "SIRET du destinataire", facts.body_siret)
    field(72, 42, 35, "Code service", facts.service)
    field(107, 42, 45, "N° d'engagement", facts.engagement)
    field(152, 42, 45, "N° de marché", facts.contract)
    page.stack(115, 60, ["Destinataire", *facts.body], 10)
    rows = [(x.label, str(x.quantity), f"{money(x.rate, sign='')}", money(x.amount, sign="")) for x in facts.lines]
    y = page.grid(12, 90, [("Libellé", 115, "L"), ("Qté", 15, "R"), ("TVA %", 20, "R"), ("Montant HT", 35, "R")], rows)
    taxes = [(money(r, sign=" %"), money(b, sign=""), money(t, sign="")) for r, b, t in facts.taxes]
    page.grid(12, y + 8, [("Taux", 20, "R"), ("Base HT", 35, "R"), ("TVA", 30, "R")], taxes)
    field(110, y + 8, 29, "Total HT", money(facts.excl))
    field(139, y + 8, 29, "Total TVA", money(facts.tax))
    field(168, y + 8, 29, "Total TTC", money(facts.incl))
    field(110, y + 24, 87, "Net à payer", money(facts.incl))
    field(12, 262, 110, "IBAN", fours(facts.iban))
    return page, facts.truth(number)


@family(MORE, "10")
def works(facts: Facts) -> tuple[Paper, Truth]:
    """A building site: cumulated, former and present sums in three columns."""
    number = f"SIT{facts.serial:04d}-04"
    former = cents(facts.excl * Decimal("1.4"))
    name, street, city, town = facts.supplier
    page = Paper("Helvetica", 92)
    page.stack(12, 10, [name, street, city, f"SIRET {facts.supplier_siret} RCS {town}"], 9, True)
    page.stack(118, 26, [*facts.body, f"SIRET {facts.body_siret}"], 9)
    page.put(12, 54, f"Facture n° {number} - Situation n° 4 - mois de mars", 12, True)
    page.put(12, 61, f"Date : {facts.issued:%d/%m/%Y} - Échéance : {facts.due:%d/%m/%Y}", 9)
    page.put(12, 66, f"Marché n° {facts.contract} - N° EJ {facts.engagement} - Code service {facts.service}", 9)

    def three(part: Decimal) -> list[str]:
        whole = cents((former + facts.excl) * part)
        return [
            money(whole, sign=""),
            money(whole - cents(facts.excl * part), sign=""),
            money(cents(facts.excl * part), sign=""),
        ]

    rows = [["Travaux HT", *three(Decimal(1))], ["TVA 10 %", *three(Decimal("0.1"))]]
    heads = [("", 70, "L"), ("Cumul", 38, "R"), ("Précédent", 38, "R"), ("Présente situation", 40, "R")]
    y = page.grid(12, 76, heads, rows)  # type: ignore[arg-type]
    rows = [
        ("Montant HT à facturer", money(facts.excl)),
        ("TVA 10,00 %", money(facts.tax)),
        ("Montant TTC à facturer", money(facts.incl)),
    ]
    page.pairs(100, y + 8, [*rows, ("Net à mandater", money(facts.incl))], 196)
    page.put(12, 270, f"IBAN {fours(facts.iban)}", 9)
    return page, without_rows(facts.truth(number))


@family(MORE, "20")
def settled(facts: Facts) -> tuple[Paper, Truth]:
    """Already paid by card: nothing is due."""
    number = f"WEB-{facts.serial:07d}"
    name, street, city, _ = facts.supplier
    page = Paper("Noto")
    page.put(15, 12, name, 15)
    page.stack(15, 20, [street, city, f"SIRET {facts.supplier_siret}"], 8.5)
    page.put(110, 12, f"Facture n° {number}", 13)
    page.put(110, 20, f"Date de facture {facts.issued:%d/%m/%Y}", 9)
    page.put(110, 25, f"Commande n° {facts.engagement} du {facts.issued:%d/%m/%Y}", 9)
    page.stack(15, 40, ["Adresse de facturation", *facts.body, f"SIRET {facts.body_siret}"], 9)
    page.stack(110, 40, ["Adresse de livraison", facts.body[0], "Magasin général", "Quai 4", facts.body[3]], 9)
    rows = [(x.label, str(x.quantity), money(x.price), money(x.amount)) for x in facts.lines]
    y = page.grid(
        15,
        74,
        [("Produit", 100, "L"), ("Qté", 15, "R"), ("Prix HT", 30, "R"), ("Total HT", 35, "R")],
        rows,
        lines="rule",
    )
    rows = [("Total produits HT", money(facts.excl)), ("Total HT", money(facts.excl)), ("TVA 20 %", money(facts.tax))]
    rows += [
        ("Total TTC", money(facts.incl)),
        ("Déjà réglé par carte", money(facts.incl)),
        ("Reste dû", money(Decimal(0))),
    ]
    page.pairs(110, y + 4, rows, 195, 9.5)
    held = facts.truth(number) | {"amount_due": "0.00", "due_date": None, "iban": None, "service_code": None}
    return page, without_rows(held, contract_number=None)
