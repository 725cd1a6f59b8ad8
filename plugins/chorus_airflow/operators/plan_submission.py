"""Lists the providers that have something to send or to search, by state in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.river import River


class PlanSubmissionOperator(StationOperator):
    """Takes nothing from the tasks before it: what they stored is what counts."""

    def work(self, river: River, asked: Asked, context: Context) -> Any:
        """Provider keys; none at all in a dry run."""
        planned = river.plan()
        if asked.provider is not None:
            wanted = river.provider(asked.provider).key
            planned = [key for key in planned if key == wanted]
        if asked.dry_run:
            self.log.info("Dry run: would visit %s, sends nothing", ", ".join(planned) or "no provider")
            return []
        self.log.info("To be visited: %s", ", ".join(planned) or "no provider")
        return planned
