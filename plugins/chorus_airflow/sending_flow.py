"""`chorus_resubmission` as the web server sees it: begun and looked at in Airflow's own database (port `SendingFlow`).

The web server may read and write that database; no task can.
"""

from __future__ import annotations

from chorus_airflow.dag_runs import begun
from include.application.ports.sending_flow import Hindrance

DAG_ID = "chorus_resubmission"


class AirflowSendingFlow:
    """Starts a run of the DAG for a stored request, confirmed by the person who asked."""

    def begin(self, request_id: int, *, actor: str) -> None:
        """The run is named after the request: there is never a second one for it."""
        begun(DAG_ID, run_id_of(request_id), {"request": request_id, "confirmed": True}, actor)

    def hindrance(self) -> Hindrance | None:
        """What Airflow's database says of the DAG and of the scheduler's last sign of life."""
        from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
        from airflow.models import DagModel

        dag = DagModel.get_current(DAG_ID)
        if dag is None or dag.is_stale:
            return Hindrance.MISSING
        if dag.is_paused:
            return Hindrance.PAUSED
        job = SchedulerJobRunner.most_recent_job()
        return None if job is not None and job.is_alive() else Hindrance.SILENT


def run_id_of(request_id: int) -> str:
    """The name of the run that carries out a request."""
    return f"chorus__request_{request_id}"
