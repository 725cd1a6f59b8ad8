"""What all operators share: the services of a task, what the run was asked for, errors as Airflow understands them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from chorus_airflow.lineage import Lineage, operator_lineage
from chorus_airflow.outcomes import airflow_outcome

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from include.bootstrap import Services


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the form of this run asked for; everything is empty in a scheduled run."""

    provider: str | None = None
    document_ids: tuple[int, ...] = ()
    dry_run: bool = False
    retry: bool = False

    @classmethod
    def of(cls, params: Any) -> Asked:
        """From the parameters of the DAG; a DAG that lacks one means its default."""
        return cls(
            provider=params.get("provider") or None,
            document_ids=tuple(params.get("document_ids") or ()),
            dry_run=bool(params.get("dry_run")),
            retry=bool(params.get("retry")),
        )

    @property
    def narrowed(self) -> bool:
        """Whether somebody asked for something of this run."""
        return self != Asked()


class StationOperator(BaseOperator):
    """One station of the river as a task; it builds the services when it runs, never at parse time."""

    ui_color = "#e8edf7"
    lineage = Lineage()

    def execute(self, context: Context) -> Any:
        """Runs the station; returns ids and counts only."""
        found = task_services(context)
        try:
            with airflow_outcome():
                return self.work(found, Asked.of(context["params"]), context)
        finally:
            found.close()

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """The station itself; it leaves in `lineage` what it read and wrote."""
        raise NotImplementedError

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any]:
        """Asked by the OpenLineage provider when the task has ended, well or not."""
        return operator_lineage(self.lineage)


def task_services(context: Context) -> Services:
    """The product's services with Airflow's connections; the audit names the task."""
    from airflow.sdk.log import mask_secret

    from chorus_airflow.connections import AirflowSecrets
    from chorus_airflow.metrics import measure
    from include.bootstrap import services
    from include.settings import settings

    task = context["ti"]
    own = dataclasses.replace(settings(), actor=f"airflow:{task.dag_id}.{task.task_id}")
    return services(given=own, secrets=AirflowSecrets(), mask_secret=mask_secret, measure=measure())
