"""An invoice as it was handed in, whatever the way: by `soumettre`, or inside a flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The amounts of the head, exact."""

    excl: Decimal
    tax: Decimal
    incl: Decimal
    due: Decimal
    discount: Decimal = Decimal(0)
    discount_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file tied to an invoice."""

    file_id: int
    type: str | None = None
    designation: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a supplier hands in, before any rule was applied."""

    mode: str
    number: str
    type: str
    issue_date: str
    framework: str
    recipient_siret: str | None
    totals: Totals
    supplier_id: int | None
    supplier_service_id: int | None = None
    bank_id: int | None = None
    service_code: str | None = None
    validator_siret: str | None = None
    currency: str = "EUR"
    vat_type: str | None = None
    exemption_reason: str | None = None
    payment_mode: str | None = None
    engagement: str | None = None
    contract: str | None = None
    original_number: str | None = None
    comment: str | None = None
    # Lines and VAT recap in the keys of the wire, amounts as text.
    lines: list[Json] = field(default_factory=list)
    vat: list[Json] = field(default_factory=list)
    main: Attachment | None = None
    attachments: tuple[Attachment, ...] = ()
    flux: str | None = None

    def document(self) -> Json:
        """What only `consulter` shows, as stored beside the searchable columns."""
        totals = self.totals
        return {
            "vat_type": self.vat_type,
            "exemption_reason": self.exemption_reason,
            "payment_mode": self.payment_mode,
            "comment": self.comment,
            "lines": self.lines,
            "vat": self.vat,
            "excl": str(totals.excl),
            "tax": str(totals.tax),
            "incl": str(totals.incl),
            "due": str(totals.due),
            "discount": str(totals.discount),
            "discount_reason": totals.discount_reason,
        }


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The parties of a draft, found in the directory."""

    supplier_id: int
    recipient_id: int
    service_id: int | None = None
    validator_id: int | None = None
