"""What there is to send again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.application.ports.bulk_requests import BulkItem
from include.domain.lifecycle import State

STATES = (State.READY, State.REFUSED, State.UNKNOWN)
"""States that can be sent again: ready ones are sent, refused ones assessed again first, unknown ones searched
first."""


@dataclass(frozen=True, kw_only=True)
class Resendable:
    """An invoice that can be sent again, as it is now; `attempts` is how often its sending was begun."""

    invoice_id: int
    document_id: int
    version: int
    attempts: int
    state: str
    provider_key: str
    number: str | None
    recipient_siret: str | None
    total_incl_tax: Decimal | None

    def frozen(self) -> BulkItem:
        """The item of a request about it as it is now."""
        return BulkItem(
            document_id=self.document_id,
            invoice_id=self.invoice_id,
            version=self.version,
            attempts=self.attempts,
            state=self.state,
        )

    def unchanged_since(self, item: BulkItem) -> bool:
        """Whether nothing happened to it since but sendings that never left: each is a claim and a way back.

        So a task that was turned away at the platform's gate sends in its next try what was approved. Every change of
        values raises the version.
        """
        sendings = self.attempts - item.attempts
        return self.state == item.state and self.version - 2 * sendings == item.version

    def same_values(self, other: Resendable) -> bool:
        """Whether it would send the same number to the same body over the same amount."""
        values = (self.number, self.recipient_siret, self.total_incl_tax, self.provider_key)
        return values == (other.number, other.recipient_siret, other.total_incl_tax, other.provider_key)


class Candidates(Protocol):
    """What there is to send again."""

    def candidates(
        self,
        *,
        states: Sequence[str] = STATES,
        provider_key: str | None = None,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        document_ids: Sequence[int] = (),
        invoice_ids: Sequence[int] | None = None,
    ) -> list[Resendable]:
        """Invoices in these states, by day of arrival in the portal (Paris), ordered by id."""
