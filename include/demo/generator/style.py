"""How one author prints: fonts, wordings, and the forms of amounts, dates and SIRETs."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

_NO_BREAK = "\N{NO-BREAK SPACE}"

_MONTHS = (
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
)
_WORDINGS: dict[str, tuple[str, ...]] = {
    "number": ("Facture n°", "N° de facture", "Numéro de facture", "N° facture"),
    "credit_number": ("Avoir n°", "N° d'avoir", "Numéro de l'avoir"),
    "date": ("Date", "Date de facture", "Date d'émission", "Émise le"),
    "due": ("Échéance", "Date d'échéance", "À régler avant le", "Payable au plus tard le"),
    "supplier_siret": ("SIRET", "N° SIRET", "Siret"),
    "recipient_siret": ("SIRET destinataire", "SIRET client", "SIRET du client"),
    "service": ("Code service", "Service exécutant", "Code service exécutant"),
    "engagement": ("N° d'engagement", "Engagement juridique", "Numéro d'engagement", "N° EJ"),
    "contract": ("N° de marché", "Marché n°", "Référence du marché"),
    "original": ("Facture d'origine", "Sur facture n°", "Annule la facture n°"),
    "excl": ("Total HT", "Montant HT", "Total hors taxes"),
    "tax": ("Total TVA", "Montant TVA", "TVA"),
    "incl": ("Total TTC", "Montant TTC", "Total toutes taxes comprises"),
    "due_amount": ("Net à payer", "Montant à payer", "Reste à payer"),
    "to_refund": ("Net à déduire", "Montant à déduire"),
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """One author's habits; `words` gives the wording for each label."""

    family: str
    stretching: int
    words: dict[str, str]
    separator: str
    date_form: int
    siret_form: int
    currency: str
    thousands: str

    @classmethod
    def draw(cls, rng: random.Random, *, families: tuple[str, ...]) -> Style:
        """Habits at random, within the fonts that suit a layout."""
        return cls(
            family=rng.choice(families),
            stretching=rng.choice((92, 97, 100, 105)),
            words={label: rng.choice(wordings) for label, wordings in _WORDINGS.items()},
            separator=rng.choice((" : ", ": ")),
            date_form=rng.randrange(4),
            siret_form=rng.randrange(3),
            currency=rng.choice((f"{_NO_BREAK}€", " €", " EUR", "")),
            thousands=rng.choice((_NO_BREAK, " ")),
        )

    def amount(self, value: Decimal, *, currency: bool = False) -> str:
        """`1 234,50`, with the currency where it stands alone."""
        text = f"{value:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", self.thousands)
        return text + (self.currency if currency else "")

    def rate(self, value: Decimal) -> str:
        """`20,00 %`."""
        return f"{value:.2f} %".replace(".", ",")

    def quantity(self, value: Decimal) -> str:
        """`1 200`."""
        return f"{value:,.0f}".replace(",", self.thousands)

    def price(self, value: Decimal) -> str:
        """With as many decimals as it has, two at least."""
        decimals = max(2, -int(value.normalize().as_tuple().exponent))
        return f"{value:.{decimals}f}".replace(".", ",")

    def date(self, value: dt.date) -> str:
        """One of four French forms."""
        if self.date_form == 3:
            day = "1er" if value.day == 1 else str(value.day)
            return f"{day} {_MONTHS[value.month - 1]} {value.year}"
        return value.strftime(("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")[self.date_form])

    def siret(self, value: str) -> str:
        """Whole, or in the usual groups."""
        if self.siret_form == 0:
            return value
        if self.siret_form == 1:
            return f"{value[:9]} {value[9:]}"
        return f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}"

    @staticmethod
    def iban(value: str) -> str:
        """In groups of four."""
        return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
