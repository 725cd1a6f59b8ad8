"""Holds what we sent against what the night brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class ReconcileOperator(StationOperator):
    """Local mode only; asks Chorus Pro nothing, and tells what is new. Clearing it is safe: nothing is told twice."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Differences that stand now, by provider."""
        from include.application.reconcile import reconcilable, reconcile

        _, configuration = services.store.configuration.current()
        found = {}
        for provider in reconcilable(configuration):
            if asked.provider in (None, provider.name, provider.siret):
                found[provider.key] = reconcile(provider, services.store.findings, services.clock).open
        return found
