"""Lists the providers that have something to send or to search, by state in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.named import providers_of
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class PlanSubmissionOperator(StationOperator):
    """Takes nothing from the tasks before it: what they stored is what counts."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Provider keys; none at all in a dry run."""
        river = services.river()
        planned = river.plan()
        if asked.document_ids:
            holders = providers_of(services, asked)
            # a person who asks for a retry does not wait for the delay between two searches
            planned = holders if asked.retry else [key for key in planned if key in holders]
        if asked.provider is not None:
            wanted = river.provider(asked.provider).key
            planned = [key for key in planned if key == wanted]
        if asked.dry_run:
            self.log.info("Dry run: would visit %s, sends nothing", ", ".join(planned) or "no provider")
            return []
        self.log.info("To be visited: %s", ", ".join(planned) or "no provider")
        return planned
