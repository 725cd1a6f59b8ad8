"""Holds what we sent against what the night brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class ReconcileOperator(StageOperator):
    """Local mode only; asks Chorus Pro nothing, and tells what is new. Clearing it is safe: nothing is told twice."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Differences that stand now, by provider."""
        from include.application.tracking.reconcile import reconcilable, reconcile

        _, configuration = services.store.configuration.current()
        open_differences, failures = {}, []
        store = services.store
        for provider in reconcilable(configuration):
            if request.provider in (None, provider.name, provider.siret):
                compared = reconcile(provider, store.findings, services.clock, store.internal_errors)
                open_differences[provider.key] = compared.open
                failures += compared.failures
        raise_failures(failures)
        return open_differences
