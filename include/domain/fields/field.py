"""What is declared of one field of an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of value a field holds, and so how it is read, converted and compared."""

    AMOUNT = "amount"
    DATE = "date"
    SIRET = "siret"
    IBAN = "iban"
    VAT = "vat"
    CURRENCY = "currency"
    CHOICE = "choice"
    """One of a closed list of codes."""
    IDENTIFIER = "identifier"
    """A number or code that somebody gave out: invoice, order, contract, service."""
    NAME = "name"
    TEXT = "text"


class Compared(StrEnum):
    """Between which sources a contradiction is looked for (docs/adr/0006-order-of-values.md)."""

    NEVER = "never"
    WITH_PAGE = "with_page"
    """Embedded data against the page: a clear contradiction keeps the invoice back."""
    ALWAYS = "always"
    """Those, and a warning where any two sources disagree."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an invoice.

    `read`: looked for on the pages and in embedded XML. `terms`: its business terms in EN 16931-1, section 6.3, the
    first one being where it is read. `sent`: goes to the platform, so that another value makes a refused invoice a
    changed one. `demanded`: no default can fill it, and nothing goes without it. `learned`: the layout memory learns
    where it stands; `needs_label`: and believes a place only beside its label. `rival`: a page may print several of it
    with good labels, and nothing but the label tells them apart. `asked_platform`: the platform's own reading of a PDF
    may give it (docs/reference/chorus-pro-api.md 3.3). `longest`: characters that the platform takes
    (docs/reference/chorus-pro-api.md 3.2 and 5.1); `number_signs`: only the signs of its rule G1.05. `confidence`: how
    surely it has to be read to go out with nobody looking, from 0 to 1 (`configuration/thresholds.py` says how these
    were chosen). `joined`: it may hold several values of a metadata, with this between them.

    `labels`: the wordings that announce its value on a page, each with how surely it does, from 0 to 1. French first,
    English second; case, accents, plural, `n°`/`numéro` and small words like `de la` do not matter. The longest wording
    that fits a place wins, so that a longer wording in `extraction/lexicon/excluded_labels.py` keeps a label from being
    seen. `…` stands for one to three words of any kind.
    """

    name: str
    kind: Kind
    read: bool = False
    terms: tuple[str, ...] = ()
    sent: bool = False
    demanded: bool = False
    compared: Compared = Compared.NEVER
    learned: bool = False
    needs_label: bool = False
    rival: bool = False
    asked_platform: bool = False
    longest: int | None = None
    number_signs: bool = False
    confidence: float = 0.0
    joined: str | None = None
    labels: Mapping[str, float] = field(default_factory=dict, hash=False)
