"""What all operators share: the services of a task, what the run was asked for, errors as Airflow understands them."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.utils.skipmixin import SkipMixin
from airflow.sdk import BaseOperator, TriggerRule

from chorus_airflow.connections import airflow_services
from chorus_airflow.lineage import Lineage, operator_lineage
from chorus_airflow.links import InvoicesLink
from chorus_airflow.outcomes import airflow_outcome

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from include.application.pipeline import Scope
    from include.bootstrap import Services
    from include.domain.configuration import Provider


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What the form of this run asked for; everything is empty in a scheduled run."""

    provider: str | None = None
    document_ids: tuple[int, ...] = ()
    dry_run: bool = False
    retry: bool = False

    @classmethod
    def of(cls, params: Any) -> RunRequest:
        """From the parameters of the DAG; a DAG that lacks one means its default."""
        return cls(
            provider=params.get("provider") or None,
            document_ids=tuple(params.get("document_ids") or ()),
            dry_run=bool(params.get("dry_run")),
            retry=bool(params.get("retry")),
        )

    @property
    def scope(self) -> Scope:
        """The same for the pipeline."""
        from include.application.pipeline import Scope

        return Scope(
            providers=(self.provider,) if self.provider else (), document_ids=self.document_ids, dry_run=self.dry_run
        )

    @property
    def narrowed(self) -> bool:
        """Whether somebody asked for something of this run."""
        return self != RunRequest()


class StageOperator(BaseOperator):
    """One stage of the pipeline as a task; it builds the services when it runs, never at parse time."""

    operator_extra_links = (InvoicesLink(),)

    ui_color = "#e8edf7"
    lineage = Lineage()

    def execute(self, context: Context) -> Any:
        """Runs the stage; returns ids and counts only."""
        services = task_services(context)
        try:
            with airflow_outcome():
                return self.work(services, RunRequest.of(context["params"]), context)
        finally:
            services.close()

    @abc.abstractmethod
    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """The stage itself; it leaves in `lineage` what it read and wrote."""

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any]:
        """Asked by the OpenLineage provider when the task has ended, well or not."""
        return operator_lineage(self.lineage)


class SkippingOperator(StageOperator, SkipMixin):
    """A stage that can end its run."""

    def skip_the_rest(self, context: Context) -> None:
        """Skips everything after it in one go, also when the task right after it is cleared alone later.

        All but the watcher, which nothing that failed leaves skipped anyway: so it hears of a task that is cleared
        later, and fails.
        """
        downstream = self.get_flat_relatives(upstream=False)
        self.skip(context["ti"], [one for one in downstream if one.trigger_rule != TriggerRule.ONE_FAILED])


def name_task(context: Context, provider: Provider) -> None:
    """Gives `map_index_template` the provider's name, which the grid shows in place of a number."""
    context["provider"] = provider.name  # type: ignore[typeddict-unknown-key]  # Airflow's own way


def requester(context: Context) -> str:
    """The run, for the audit of what a person asked it to do."""
    run = context["dag_run"]
    return f"airflow:{run.dag_id}.{run.run_id}"


def task_services(context: Context) -> Services:
    """The services of a task; the audit names it, and its run is kept with each move and attempt that it makes."""
    from include.application.ports.runs import RunRef

    task = context["ti"]
    run = RunRef(
        dag_id=task.dag_id,
        run_id=task.run_id,
        task_id=task.task_id,
        try_number=task.try_number,
        map_index=task.map_index if task.map_index is not None and task.map_index >= 0 else None,
    )
    return airflow_services(actor=f"airflow:{task.dag_id}.{task.task_id}", run=run)
