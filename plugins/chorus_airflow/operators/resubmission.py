"""Sending again by hand: choose, show, ask a person, send what is still as it was shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped

from chorus_airflow.followers import tell_followers
from chorus_airflow.metrics import count_outcomes
from chorus_airflow.named import check_named
from chorus_airflow.operators.submit_invoices import TAKEN, sending
from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.resubmission import Frozen
    from include.bootstrap import Services

FROZEN = "frozen"


class SelectInvoicesOperator(StationOperator):
    """Returns the ids of the invoices that fit the form."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """InputError for documents, states or providers that there are not."""
        from include.application.resubmission import check_states

        params = context["params"]
        check_states(params["states"])
        check_named(services, asked)
        provider = None if asked.provider is None else services.river().provider(asked.provider).key
        first, last = (params.get(name) for name in ("from_date", "to_date"))
        chosen = services.store.resubmission.candidates(
            states=params["states"],
            provider_key=provider,
            from_date=dt.date.fromisoformat(first) if first else None,
            to_date=dt.date.fromisoformat(last) if last else None,
            document_ids=asked.document_ids,
        )
        return [one.invoice_id for one in chosen]


class PreviewOperator(StationOperator):
    """Freezes id, version and values of what was chosen, and returns the table that a person decides on."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Ends the run here in a dry run, and where nothing was chosen."""
        from include.application.resubmission import preview

        task = context["ti"]
        ids = task.xcom_pull(task_ids="select_invoices") or []
        chosen = services.store.resubmission.candidates(states=context["params"]["states"], invoice_ids=ids)
        shown = preview(chosen, services.store.configuration.current()[1])
        task.xcom_push(key=FROZEN, value=[dataclasses.asdict(one) for one in chosen])
        if asked.dry_run or not chosen:
            self.log.info("Nothing is sent:\n%s", shown)
            task.xcom_push(key="return_value", value=shown)
            followers = sorted(self.get_flat_relative_ids(upstream=False))
            raise DownstreamTasksSkipped(tasks=followers)  # type: ignore[no-untyped-call]
        return shown


class ApproveOperator(ApprovalOperator):
    """Waits for a person; skipped, with what follows going on, when the form says that it is confirmed."""

    def execute(self, context: Context) -> Any:
        """Parks the task until somebody answers under *Required actions*."""
        if context["params"].get("confirmed"):
            raise AirflowSkipException("Confirmed in the form.")
        return super().execute(context)


class ResubmitOperator(StationOperator):
    """Sends what is still as it was shown, and says what became of the rest. Clearing it sends nothing twice."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Fails only for faults of the surroundings, after it sent what it could."""
        from include.application.resubmission import CHANGED, resubmit

        run = context["dag_run"]
        report = resubmit(
            services.river(),
            services.store.resubmission,
            self._frozen(context),
            actor=f"airflow:{run.dag_id}.{run.run_id}",
        )
        for outcome in report.outcomes:
            level = self.log.warning if outcome["outcome"] == CHANGED else self.log.info
            level("Document %s: %s", outcome["id"], outcome["outcome"])
        self.lineage = sending(report.counts.get("submitted", 0))
        for key, sent in report.providers.items():
            count_outcomes(key, sent)
        counts = {**report.counts, "providers": report.providers}
        tell_followers(self, context, counts, done=TAKEN, failed=bool(report.troubles))
        raise_troubles(report.troubles)
        return report.counts

    def _frozen(self, context: Context) -> list[Frozen]:
        from include.application.resubmission import Frozen

        return [Frozen.of(row) for row in context["ti"].xcom_pull(task_ids="preview", key=FROZEN) or []]
