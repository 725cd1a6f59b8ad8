"""`on_failure_callback` of every DAG: a failed run is an alert in our outbox, mailed at once.

The callback of a run is called by the DAG processor, in the process that parses the file: it has the environment and,
through the processor, Airflow's connections; it has no task and no worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk import Context


class FailedRunNotifier(BaseNotifier):
    """Tells a failed run to who is in `alerts`.

    It never raises: what cannot be told now is logged, and a stored alert is mailed by the next pass. With `flow`: a
    failed run of the whole of it stands as its last one.
    """

    def __init__(self, *, flow: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow = flow

    def notify(self, context: Context) -> None:
        """Stores the alert, then mails what is due."""
        try:
            self._tell(context)
        except Exception as error:  # without its trace, which could print values of a statement
            self.log.error("The failed run could not be told: %s", error)

    def _tell(self, context: Any) -> None:
        from chorus_airflow.connections import airflow_services
        from chorus_airflow.stage import RunRequest
        from include.application.operations.failed_run import tell_failed_run

        dag_id, run = context["dag"].dag_id, context.get("dag_run")
        flow = None if RunRequest.of(context.get("params") or {}).narrowed else self.flow
        services = airflow_services(actor=f"airflow:{dag_id}")
        try:
            tell_failed_run(
                services.store.watch,
                dag_id=dag_id,
                run_id=context["run_id"],
                began=str(run.start_date if run is not None else ""),
                flow=flow,
                now=services.clock.now(),
            )
            report = services.pipeline().notify()
        finally:
            services.close()
        self.log.info("The failed run is told: %s mails", report.mailed)
        for failure in report.failures:
            self.log.warning("Mails wait for the next pass: %s", failure)
