"""The invoice of a flow as read, and the faults for which the platform refuses it before looking at any rule.

The texts follow refusals that users reported: they name the platform's own class path, begin with `FichierXml.` and
carry no accents.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, cast

from include.simulator import codes
from include.simulator.answers import Json
from include.simulator.backend.drafts import Draft, Totals

if TYPE_CHECKING:
    from lxml import etree

CREDIT_NOTE = "381"
NUMBER_LENGTH = 20
AMOUNT_LIMIT = Decimal(10) ** 13
FRAMEWORK_CODES = {code.split("_", 1)[0]: code for code in (*codes.FRAMEWORKS, *codes.OTHER_FRAMEWORKS)}


class Node:
    """An XML element, walked by local names whatever the namespace."""

    def __init__(self, element: etree._Element | None) -> None:
        self.element = element

    def all(self, path: str) -> list[Node]:
        """Every descendant at a path."""
        if self.element is None:
            return []
        steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
        found = self.element.xpath(steps)
        return [Node(cast("etree._Element", one)) for one in found] if isinstance(found, list) else []

    def one(self, path: str) -> Node:
        """The first descendant at a path, or an empty node."""
        return next(iter(self.all(path)), Node(None))

    def text(self, path: str) -> str | None:
        """The text at a path; None when absent or blank."""
        element = self.one(path).element
        return (element.text or "").strip() or None if element is not None else None

    def texts(self, *paths: str) -> list[str]:
        """The texts at several paths."""
        return [text for path in paths if (text := self.text(path)) is not None]


def plain(text: str | None) -> str:
    """A number that can be read back, whatever was sent."""
    match = re.fullmatch(r"[+-]?\d+(\.\d+)?", text or "")
    return str(Decimal(match.group())) if match else "0"


@dataclass(frozen=True, kw_only=True)
class FlowInvoice:
    """One invoice of a flow as read, with what is wrong with its XML."""

    number: str
    type_code: str
    issue_date: str
    currency: str
    framework: str
    supplier_siret: str | None
    recipient_siret: str | None
    service_code: str | None
    engagement: str | None
    contract: str | None
    original_number: str | None
    totals: Totals
    vat: list[Json] = field(default_factory=list)
    lines: list[Json] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def draft(self, *, supplier_id: int | None, flux: str) -> Draft:
        """What is handed in."""
        return Draft(
            mode=codes.FLOW_MODE,
            number=self.number,
            type="AVOIR" if self.type_code == CREDIT_NOTE else "FACTURE",
            issue_date=self.issue_date,
            framework=FRAMEWORK_CODES.get(self.framework, self.framework),
            recipient_siret=self.recipient_siret,
            service_code=self.service_code,
            engagement=self.engagement,
            contract=self.contract,
            original_number=self.original_number,
            currency=self.currency,
            vat_type="TVA_SUR_DEBIT",
            supplier_id=supplier_id,
            totals=self.totals,
            vat=self.vat,
            lines=self.lines,
            flux=flux,
        )


class Faults:
    """Collects the refusals of one file."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def missing(self, path: str) -> None:
        """An element that must be there."""
        self.texts.append(f"L'element FichierXml.{path}.value est obligatoire.")

    def say(self, text: str) -> None:
        """Any other refusal."""
        self.texts.append(text)

    def check_number(self, number: str | None, path: str) -> None:
        """Mandatory, 20 characters."""
        if number is None:
            self.missing(path)
        elif len(number) > NUMBER_LENGTH:
            self.say(f"Le champ identifiant de la facture (FichierXml.{path}.value) ne doit pas depasser 20 caracteres")

    def check_framework(self, code: str | None) -> str:
        """Rule G1.02: A1 to A25 when given; the codes of the reform (B1, S1, M1) are refused."""
        if code is not None and code not in FRAMEWORK_CODES:
            self.say(f"Le cadre de facturation {code} n'est pas autorise (G1.02)")
        return code or "A1"

    def check_means(self, code: str | None) -> None:
        """Rule S2.05: the list of payment means."""
        if code is not None and code not in codes.XML_PAYMENT_MEANS:
            self.say(f"Le moyen de paiement {code} n'est pas autorise (S2.05)")

    def siret(self, ids: list[str], party: str) -> str | None:
        """The SIRET among a party's ids; a SIREN in its place is refused."""
        compact = [re.sub(r"\s", "", one) for one in ids]
        found = next((one for one in compact if re.fullmatch(r"\d{14}", one)), None)
        if found is None:
            given = compact[0] if compact else "absent"
            self.say(f"L'identifiant du {party} ({given}) doit etre un SIRET de 14 chiffres")
        return found

    def date(self, text: str | None, path: str) -> str:
        """A mandatory day, as `20261120` or `2026-11-20`."""
        match = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", text or "")
        try:
            return dt.date.fromisoformat("-".join(match.groups())).isoformat() if match else self._no_date(path)
        except ValueError:
            return self._no_date(path)

    def _no_date(self, path: str) -> str:
        self.missing(path)
        return ""

    def amount(self, text: str | None, path: str) -> Decimal:
        """A mandatory amount."""
        if text is None:
            self.missing(path)
            return Decimal(0)
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("nan")
        if not value.is_finite() or abs(value) >= AMOUNT_LIMIT:
            self.say(f"Le montant FichierXml.{path}.value n'est pas un nombre")
            return Decimal(0)
        return value
