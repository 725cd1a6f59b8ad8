"""Sends the ready invoices of one provider to Chorus Pro, after searching what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.followers import tell_followers
from chorus_airflow.lineage import OURS, Data, Lineage
from chorus_airflow.metrics import count_outcomes
from chorus_airflow.named import to_send_again
from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class SubmitInvoicesOperator(StationOperator):
    """One task per provider. Clearing it is safe: the ledger claims each invoice, whoever runs beside it."""

    template_fields: Sequence[str] = ("provider_key",)

    def __init__(self, *, provider_key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.provider_key = provider_key

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Fails only for faults of the surroundings, after it sent what it could."""
        river = services.river()
        if asked.retry:
            invoice_ids = to_send_again(services, asked, self.provider_key)
            report = river.submit(self.provider_key, invoice_ids=invoice_ids, may_send=True)
        else:
            named = river.ledger.invoices_of(asked.document_ids) if asked.document_ids else None
            report = river.submit(self.provider_key, invoice_ids=named)
        counts = {**report.counts(), "searched": report.searched}
        for note in report.notes:
            self.log.warning("%s: %s", self.provider_key, note)
        self.lineage = sending(counts["submitted"])
        count_outcomes(self.provider_key, report.counts())
        failed = report.trouble is not None
        tell_followers(self, context, counts, done=TAKEN, failed=failed, provider=self.provider_key)
        raise_troubles([report.trouble] if report.trouble else [])
        river.check_credentials([river.provider_of(self.provider_key)])
        return counts


TAKEN = frozenset({"submitted"})
"""What those who follow `chorus://submitted` wait for."""


def sending(count: int) -> Lineage:
    """Documents of ours became invoices on the platform."""
    return Lineage(
        inputs=(Data(namespace=OURS, name="documents", count=count),),
        outputs=(Data(namespace=OURS, name="submitted", count=count),),
    )
