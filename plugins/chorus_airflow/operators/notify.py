"""Tells people what happened: events become digests, digests become mails; and tells the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from chorus_airflow.followers import alias_of, tell_of_failed_task
from chorus_airflow.metrics import tell_figures
from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class NotifyOperator(StationOperator):
    """Mails and writes nothing in a dry run; what it could not mail or write is due again later.

    `speaks_for` names tasks that emit an asset: what one of them had done before it failed is told here. With `flow`: a
    whole run whose tasks all succeeded is recorded as a good pass of it, for the look-out.
    """

    def __init__(
        self, *, flow: str | None = None, speaks_for: Mapping[str, Asset] | None = None, **kwargs: Any
    ) -> None:
        self.speaks_for = dict(speaks_for or {})
        super().__init__(outlets=[alias_of(asset) for asset in self.speaks_for.values()], **kwargs)
        self.flow = flow

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """One digest per run, kind of event and person; then the documents' states into the portal."""
        if asked.dry_run:
            return {}
        river = services.river()
        report, told = river.notify(), river.write_back()
        counts = {
            "events": report.events,
            "mailed": report.mailed,
            "refused for good": report.failed,
            "postponed": report.postponed,
            "written back": told.written,
            "not written back": told.failed,
        }
        for task_id, asset in self.speaks_for.items():
            tell_of_failed_task(context, task_id, asset)
        tell_figures(services)
        raise_troubles([trouble for trouble in (report.trouble, told.trouble) if trouble])
        if self.flow is not None and not asked.narrowed and _all_good(context):
            services.store.watch.record_pass(self.flow, now=services.clock.now())
        return counts


def _all_good(context: Context) -> bool:
    task = context["ti"]
    states = task.get_task_states(dag_id=task.dag_id, run_ids=[task.run_id])
    return not _FAILED.intersection(states.get(task.run_id, {}).values())


_FAILED = frozenset({"failed", "upstream_failed"})
