"""Removes personal data after its period, where the configuration asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class RetainOperator(StageOperator):
    """Removes what is older than its period, once a day at most; skipped where `retention.automatic` is off.

    Clearing it is safe.
    """

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """How much of each kind was removed."""
        from include.application.operations.retention import retain_by_itself

        store = services.store
        counts = retain_by_itself(store.retention, store.watch, store.configuration.current()[1], services.clock)
        if counts is None:
            raise AirflowSkipException("Not asked for (retention.automatic), or done within a day.")
        return counts
