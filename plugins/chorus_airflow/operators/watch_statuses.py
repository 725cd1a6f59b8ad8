"""Looks for status changes of one provider in Remote mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus_airflow.operators.retrieve_invoices import TrackingOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.tracking.retrieve_invoices import RetrievalReport
    from include.bootstrap import Services
    from include.domain.configuration import Provider


class WatchStatusesOperator(TrackingOperator):
    """Makes one incremental search by status date for one provider."""

    def track(self, services: Services, provider: Provider, context: Context) -> RetrievalReport:
        """See `watch_statuses`."""
        from include.application.tracking.retrieve_invoices import watch_statuses

        return watch_statuses(provider, services.retrieving())
