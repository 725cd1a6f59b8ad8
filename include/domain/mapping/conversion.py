"""Values as a portal or a person writes them, converted to the canonical form of a field.

A value that cannot be converted is never passed over: it becomes a reason with the value in it. One that could mean two
things (`1.800`) cannot be converted either: a wrong amount costs more than a missing one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from include.domain.codes import InvoiceType, InvoicingFramework, PaymentMode, VatType
from include.domain.fields import Value, VatRow
from include.domain.fields.registry import BY_NAME, Kind
from include.domain.values import (
    CENT,
    cents,
    fold,
    normalise_iban,
    normalise_siret,
    parse_amount,
    parse_date,
)


@dataclass(frozen=True, kw_only=True)
class Unconvertible:
    """Why a value cannot be taken: `expected` is what it should have been, `allowed` the codes, if there is a list."""

    expected: str
    text: str
    allowed: str = ""


def _codes(kind: type[StrEnum], **wordings: str) -> dict[str, str]:
    """Folded spelling -> code; every code by itself, and the wordings given per member as `a|b`."""
    table = {fold(code): str(code) for code in kind}
    for member, texts in wordings.items():
        table.update((fold(text), str(kind[member])) for text in texts.split("|"))
    return table


_CODES: dict[str, dict[str, str]] = {
    "type": _codes(
        InvoiceType,
        INVOICE="facture|facture de vente|380",
        CREDIT_NOTE="avoir|facture d'avoir|note de crédit|note de credit|credit note|381",
        CORRECTED_INVOICE="facture rectificative|facture corrective|corrected invoice|384",
        DOWN_PAYMENT="acompte|facture d'acompte|down payment|prepayment invoice|386",
    ),
    "invoicing_framework": _codes(
        InvoicingFramework,
        **{member.name: member.value.split("_")[0] for member in InvoicingFramework},
    ),
    "vat_type": _codes(
        VatType,
        TVA_SUR_DEBIT="tva sur débit|tva sur les débits|débit|débits|sur les débits",
        TVA_SUR_ENCAISSEMENT="tva sur encaissement|tva sur les encaissements|encaissement|encaissements",
        EXONERATION="exonéré|exonérée|exonération de tva",
        SANS_TVA="sans tva|hors champ",
    ),
    "payment_mode": _codes(
        PaymentMode,
        CHEQUE="chèque|cheque bancaire|chèque bancaire",
        PRELEVEMENT="prélèvement|prélèvement automatique",
        VIREMENT="virement bancaire|virement sepa|transfer",
        ESPECE="espèces|cash",
        AUTRE="other",
        REPORT="report de paiement",
    ),
}
_EUROS = frozenset({"eur", "€", "euro", "euros"})


def convert(name: str, texts: Sequence[str]) -> Value | Unconvertible | None:
    """The canonical value of field `name` from the values of a metadata or what a person typed; None if all are blank.

    Values that are the same once converted count once; several different ones cannot be taken, except for fields
    that hold several (`joined`) and the VAT table, of which each value is a row.
    """
    given = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if not given:
        return None
    if name == "vat":
        return _vat(given)
    joined = BY_NAME[name].joined
    if joined is not None:
        return joined.join(given)
    converted: dict[Value, None] = {}
    for text in given:
        value = _one(name, text)
        if isinstance(value, Unconvertible):
            return value
        converted[value] = None
    if len(converted) > 1:
        return Unconvertible(expected="one", text=", ".join(given))
    return next(iter(converted))


def _one(name: str, text: str) -> Value | Unconvertible:
    if name in _CODES:
        code = _CODES[name].get(fold(text))
        allowed = ", ".join(dict.fromkeys(_CODES[name].values()))
        return code if code is not None else Unconvertible(expected="code", text=text, allowed=allowed)
    expected, parse = _PARSERS.get(BY_NAME[name].kind, ("text", _line))
    value = parse(text)
    return value if value is not None else Unconvertible(expected=expected, text=text)


def _amount(text: str) -> Decimal | None:
    """With its sign: whether it may be negative depends on the type of the invoice. Parts of a cent are no amount."""
    amount = parse_amount(text)
    if amount is None or amount != amount.quantize(CENT):
        return None
    return cents(amount)


def _currency(text: str) -> str | None:
    folded = fold(text)
    if folded in _EUROS:
        return "EUR"
    return folded.upper() if len(folded) == 3 and folded.isascii() and folded.isalpha() else None


def _line(text: str) -> str:
    return " ".join(text.split())


_PARSERS: dict[Kind, tuple[str, Callable[[str], Value | None]]] = {
    Kind.AMOUNT: ("amount", _amount),
    Kind.DATE: ("date", parse_date),
    Kind.SIRET: ("siret", normalise_siret),
    Kind.IBAN: ("iban", normalise_iban),
    Kind.CURRENCY: ("currency", _currency),
}
"""What a value of a kind should be, and what makes one of a text."""


def _vat(texts: Iterable[str]) -> Value | Unconvertible:
    rows: list[VatRow] = []
    for text in texts:
        found = [_row(parts) for parts in _row_parts(text)]
        if not found or None in found:
            return Unconvertible(expected="vat", text=text)
        rows += [row for row in found if row is not None]
    return tuple(rows)


def _row_parts(text: str) -> list[list[str]]:
    """`20 : 850,00 : 170,00`, several with `;` between, or JSON: `[{"rate": "20", "base": "850", "amount": "170"}]`."""
    if not text.startswith(("[", "{")):
        return [part.split(":") for part in text.split(";") if part.strip()]
    try:
        data = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return []
    return [_json_row(item) for item in (data if isinstance(data, list) else [data])]


def _json_row(item: Any) -> list[str]:
    if isinstance(item, Mapping):
        return [str(item.get(key, "")) for key in ("rate", "base", "amount")]
    return [str(part) for part in item] if isinstance(item, list) else []


def _row(parts: list[str]) -> VatRow | None:
    if len(parts) != 3:
        return None
    rate = parse_amount(parts[0].replace("%", " "))
    base, amount = _amount(parts[1]), _amount(parts[2])
    if rate is None or not 0 <= rate < 100 or base is None or amount is None:
        return None
    return VatRow(rate=cents(rate), base=base, amount=amount)
