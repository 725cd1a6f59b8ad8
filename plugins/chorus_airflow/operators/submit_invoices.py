"""Sends the ready invoices of one provider to Chorus Pro, after searching what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.asset_events import emit_asset_events
from chorus_airflow.lineage import OURS, Data, Lineage
from chorus_airflow.metrics import count_outcomes
from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, StageOperator, name_task, requester

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class SubmitInvoicesOperator(StageOperator):
    """One task per provider. Clearing it is safe: the ledger claims each invoice, whoever runs beside it."""

    template_fields: Sequence[str] = ("provider_key",)

    def __init__(self, *, provider_key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.provider_key = provider_key

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Fails only for faults of the surroundings, after it sent what it could."""
        from include.application.providers.find_provider import find_provider_by_key
        from include.domain.rights import OWNER

        pipeline = services.pipeline()
        name_task(context, find_provider_by_key(pipeline.configuration, self.provider_key))
        if request.retry:
            again = services.send_again(viewer=OWNER, actor=requester(context))
            report = again.of_provider(self.provider_key, request.document_ids)
        else:
            report = pipeline.submit(self.provider_key, document_ids=request.document_ids)
        counts = {**report.counts(), "searched": report.searched}
        for note in report.notes:
            self.log.warning("%s: %s", self.provider_key, note)
        self.lineage = sending(counts["submitted"])
        count_outcomes(self.provider_key, report.counts())
        failed = report.failure is not None
        emit_asset_events(self, context, counts, done=TAKEN, failed=failed, provider=self.provider_key)
        raise_failures(report.failures)
        pipeline.submit.check_credentials(self.provider_key)
        return counts


TAKEN = frozenset({"submitted"})
"""Counts that those who follow `chorus://submitted` wait for."""


def sending(count: int) -> Lineage:
    """Lineage of a sending: documents of ours became invoices on the platform."""
    return Lineage(
        inputs=(Data(namespace=OURS, name="documents", count=count),),
        outputs=(Data(namespace=OURS, name="submitted", count=count),),
    )
