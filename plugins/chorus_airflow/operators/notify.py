"""Tells people what happened: events become digests, digests become mails; and tells the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from chorus_airflow.asset_events import alias_of, tell_of_failed_task
from chorus_airflow.metrics import tell_figures
from chorus_airflow.outcomes import raise_failures, raise_postponed
from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class NotifyOperator(StageOperator):
    """Mails and writes nothing in a dry run; what it could not mail or write is due again later.

    `speaks_for` names tasks that emit an asset: what one of them had done before it failed is told here. `answers_for`
    names tasks that went on after single documents met an error of this program: this one fails for them. With `flow`:
    a whole run whose tasks all succeeded is recorded as a good pass of it, for the monitoring.
    """

    def __init__(
        self,
        *,
        flow: str | None = None,
        speaks_for: Mapping[str, Asset] | None = None,
        answers_for: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.speaks_for = dict(speaks_for or {})
        self.answers_for = tuple(answers_for)
        super().__init__(outlets=[alias_of(asset) for asset in self.speaks_for.values()], **kwargs)
        self.flow = flow

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """One digest per run, kind of event and person; then the documents' states into the portal."""
        if request.dry_run:
            raise_postponed(context, self.answers_for)
            return {}
        pipeline = services.pipeline()
        report, written = pipeline.notify(), pipeline.write_back()
        counts = {
            "events": report.events,
            "mailed": report.mailed,
            "refused for good": report.failed,
            "postponed": report.postponed,
            "written back": written.written,
            "not written back": written.failed,
        }
        for task_id, asset in self.speaks_for.items():
            tell_of_failed_task(context, task_id, asset)
        tell_figures(services)
        raise_failures([*report.failures, *written.failures])
        raise_postponed(context, self.answers_for)
        if self.flow is not None and not request.narrowed and _all_good(context):
            services.store.watch.record_pass(self.flow, now=services.clock.now())
        return counts


def _all_good(context: Context) -> bool:
    task = context["ti"]
    states = task.get_task_states(dag_id=task.dag_id, run_ids=[task.run_id])
    return not _FAILED.intersection(states.get(task.run_id, {}).values())


_FAILED = frozenset({"failed", "upstream_failed"})
