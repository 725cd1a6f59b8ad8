"""Runs that the web server begins in Airflow's own database (port `DagRuns`), which no task may touch."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from include.application.ports.dag_runs import StartedRun
from include.domain.errors import FlowUnavailableError

if TYPE_CHECKING:
    from include.domain.configuration import Provider

logger = logging.getLogger(__name__)

RETRIEVAL = {"local": "chorus_local_retrieval", "remote": "chorus_status_watch"}
"""By the mode of a provider, the DAG that asks what became of its invoices."""

SUBMISSION = "chorus_auto_submission"


class AirflowDagRuns:
    """Begins runs by Airflow's own means, in the name of the person who asked."""

    def retrieve(self, provider: Provider, *, actor: str) -> StartedRun:
        """See `DagRuns`; the minute in the name of the run keeps a second click from a second run."""
        run_id = f"asked__{provider.key.replace(':', '_')}__{_minute()}"
        return begun(RETRIEVAL[provider.loading], run_id, {"provider": provider.name}, actor)

    def dry_run(self, *, actor: str) -> StartedRun:
        """See `DagRuns`."""
        return begun(SUBMISSION, f"asked__dry_run__{_minute()}", {"dry_run": True}, actor)


def _minute() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M")


def begun(dag_id: str, run_id: str, conf: dict[str, object], actor: str) -> StartedRun:
    """A run of this name, begun now or before; FlowUnavailableError where Airflow does not take it."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.exceptions import DagRunAlreadyExists
    from airflow.models import DagModel
    from airflow.sdk.exceptions import AirflowException
    from airflow.utils.types import DagRunTriggeredByType
    from sqlalchemy.exc import SQLAlchemyError

    try:
        trigger_dag(
            dag_id,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=actor,
            run_id=run_id,
            conf=conf,
        )
        dag = DagModel.get_current(dag_id)
    except DagRunAlreadyExists:
        logger.info("The run %s of %s was begun before", run_id, dag_id)
        dag = DagModel.get_current(dag_id)
    except (AirflowException, SQLAlchemyError, ValueError) as error:
        logger.warning("A run of %s is not begun: %s", dag_id, error)
        raise FlowUnavailableError("flow_not_begun", flow=dag_id) from error
    return StartedRun(dag_id=dag_id, run_id=run_id, paused=dag is not None and bool(dag.is_paused))
