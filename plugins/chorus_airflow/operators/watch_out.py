"""Looks for what should have happened and did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class WatchOutOperator(StageOperator):
    """Looks once at everything; findings are told and are no failure of the task."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Counts of findings, and of alarms that are new."""
        return services.watchdog().look().counts
