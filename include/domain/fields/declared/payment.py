"""How and to which account an invoice is paid."""

from __future__ import annotations

from include.domain.fields.field import Compared, Field, Kind

PAYMENT: tuple[Field, ...] = (
    Field(
        name="iban",
        kind=Kind.IBAN,
        read=True,
        terms=("BT-84",),
        compared=Compared.WITH_PAGE,
        learned=True,
        labels={
            "iban": 1.0,
            "code iban": 1.0,
            "n° iban": 1.0,
            "rib": 0.6,
        },
    ),
    Field(
        name="payment_mode",
        kind=Kind.CHOICE,
        read=True,
        terms=("BT-81", "BT-82"),
        sent=True,
        compared=Compared.WITH_PAGE,
        confidence=0.5,
    ),
    Field(
        name="bank_details",
        kind=Kind.NAME,
        sent=True,
    ),
)
