"""Lists the providers that have something to send or to search, by state in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class PlanSubmissionOperator(StageOperator):
    """Returns the keys of the providers with work; takes nothing from the tasks before it: what they stored counts."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Provider keys; none at all in a dry run."""
        from include.domain.rights import OWNER

        stages = services.send_again(viewer=OWNER) if request.retry else services.pipeline()
        planned = stages.plan(request.scope)
        if request.dry_run:
            self.log.info("Dry run: would visit %s, sends nothing", ", ".join(planned) or "no provider")
            return []
        self.log.info("To be visited: %s", ", ".join(planned) or "no provider")
        return planned
