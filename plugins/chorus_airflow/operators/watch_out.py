"""Looks for what should have happened and did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class WatchOutOperator(StationOperator):
    """One look; findings are no failure of the task, they are told."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Counts of findings, and of alarms that are new."""
        return services.watchdog().look().counts
