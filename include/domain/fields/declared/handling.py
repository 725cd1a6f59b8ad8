"""What the platform, the recipient and the portal do with an invoice."""

from __future__ import annotations

from include.domain.fields.field import Compared, Field, Kind

HANDLING: tuple[Field, ...] = (
    Field(
        name="invoicing_framework",
        kind=Kind.CHOICE,
        read=True,
        terms=("BT-23",),
        sent=True,
        compared=Compared.WITH_PAGE,
        confidence=0.5,
    ),
    Field(
        name="comment",
        kind=Kind.TEXT,
        sent=True,
        longest=2000,
        joined="\n",
    ),
    Field(
        name="user_label",
        kind=Kind.TEXT,
        joined=";",
    ),
    Field(
        name="attachment_switch",
        kind=Kind.TEXT,
        joined=";",
    ),
)
