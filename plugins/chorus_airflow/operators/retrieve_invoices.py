"""Brings back what became of the invoices of one provider."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.asset_events import emit_asset_events
from chorus_airflow.lineage import OURS, Data, Lineage
from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, StageOperator, name_task
from include.domain.errors import InputError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.tracking.retrieve_invoices import RetrievalReport
    from include.bootstrap import Services
    from include.domain.configuration import Provider

_BACKFILL = "backfill"

STORED = frozenset({"new", "changed", "recovered"})
"""Counts that those who follow `chorus://statuses` wait for."""


class TrackingOperator(StageOperator):
    """One task per provider. Clearing it is safe: what is met unchanged is neither written nor told."""

    template_fields: Sequence[str] = ("provider_key",)

    def __init__(self, *, provider_key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.provider_key = provider_key

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Fails only for faults of the surroundings, after it stored what it could."""
        _, configuration = services.store.configuration.current()
        provider = configuration.provider_by_key(self.provider_key)
        if provider is None:
            raise InputError("provider_not_configured_any_more", key=self.provider_key)
        name_task(context, provider)
        report = self.track(services, provider, context)
        for note in report.notes:
            self.log.warning("%s: %s", self.provider_key, note)
        counts = report.counts()
        stored = Data(namespace=OURS, name="statuses", count=counts["new"] + counts["changed"])
        seen = Data(namespace="chorus-pro", name=provider.environment, count=counts["seen"])
        self.lineage = Lineage(inputs=(seen,), outputs=(stored,))
        failed = report.failure is not None
        emit_asset_events(self, context, counts, done=STORED, failed=failed, provider=self.provider_key)
        raise_failures(report.failures)
        return counts

    @abc.abstractmethod
    def track(self, services: Services, provider: Provider, context: Context) -> RetrievalReport:
        """The use case itself."""


class RetrieveInvoicesOperator(TrackingOperator):
    """From the stored watermark; a backfill, or days in the form, ask for their window again, from its start on."""

    def track(self, services: Services, provider: Provider, context: Context) -> RetrievalReport:
        """See `retrieve_invoices`."""
        from include.application.tracking.retrieve_invoices import retrieve_invoices

        return retrieve_invoices(provider, services.retrieving(), since=_window_start(context))


def _window_start(context: Context) -> dt.datetime | None:
    from include.application.tracking.retrieve_invoices import window_start

    run = context["dag_run"]
    if run.run_type == _BACKFILL:
        return run.data_interval_start
    first, last = (context["params"].get(name) for name in ("from_date", "to_date"))
    return window_start(dt.date.fromisoformat(first) if first else None, dt.date.fromisoformat(last) if last else None)
