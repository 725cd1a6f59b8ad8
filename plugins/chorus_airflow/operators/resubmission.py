"""Sending again by hand: choose, show, ask a person, send what is still as it was shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from chorus_airflow.asset_events import emit_asset_events
from chorus_airflow.metrics import count_outcomes
from chorus_airflow.operators.submit_invoices import TAKEN, sending
from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, SkippingOperator, StageOperator, requester

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services

REQUEST = "request"
"""Key of the id of the request in what `select_invoices` returns."""


class SelectInvoicesOperator(StageOperator):
    """Freezes what fits the form as a request in our database; returns its id and how many invoices it has.

    A run that a screen began names a request that is frozen already.
    """

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """InputError for documents, states or providers that there are not, or a request whose time is over."""
        from include.application.resend.send_again import Selection
        from include.domain.rights import OWNER

        params = context["params"]
        if params.get(REQUEST):
            asked = services.send_again(viewer=OWNER).request(params[REQUEST])
            return {REQUEST: asked.id, "count": len(asked.items)}
        first, last = (params.get(name) for name in ("from_date", "to_date"))
        selection = Selection(
            states=tuple(params["states"]),
            provider=request.provider,
            from_date=dt.date.fromisoformat(first) if first else None,
            to_date=dt.date.fromisoformat(last) if last else None,
            document_ids=request.document_ids,
        )
        frozen = services.send_again(viewer=OWNER, actor=requester(context)).freeze(selection)
        return {REQUEST: frozen.id, "count": len(frozen.items)}


class PreviewOperator(SkippingOperator):
    """Returns the table of what the request would send, which a person decides on."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Ends the run here in a dry run, and where there is nothing to send."""
        from include.application.resend.preview import preview
        from include.domain.rights import OWNER

        chosen = services.send_again(viewer=OWNER).shown(request_id(context))
        shown = preview(chosen, services.store.configuration.current()[1], services.settings.json_language)
        # what a screen asked for has a result for each document, also where nothing is left to send
        if request.dry_run or not (chosen or context["params"].get(REQUEST)):
            self.log.info("Nothing is sent:\n%s", shown)
            context["ti"].xcom_push(key="return_value", value=shown)
            self.skip_the_rest(context)
        return shown


class ApproveOperator(ApprovalOperator):
    """Waits for a person; skipped, with what follows going on, when the form says that it is confirmed.

    A worker that dies meanwhile costs a try, as of every task, and the question is asked again.
    """

    def execute(self, context: Context) -> Any:
        """Parks the task until somebody answers under *Required actions*."""
        if context["params"].get("confirmed"):
            raise AirflowSkipException("Confirmed in the form.")
        return super().execute(context)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """A question that nobody answered in its time is not asked again: AirflowFailException."""
        if event["error_type"] == "timeout":
            raise AirflowFailException(
                "Nobody answered in time: nothing was sent. Trigger a new run to be asked again."
            )
        super().process_trigger_event_error(event)


class ResubmitOperator(StageOperator):
    """Sends what is still as it was shown, and says what became of the rest. Clearing it sends nothing twice."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Fails only for faults of the surroundings, after it sent what it could."""
        from include.application.resend.send_again import CHANGED
        from include.domain.rights import OWNER

        report = services.send_again(viewer=OWNER, actor=requester(context)).as_shown(request_id(context))
        for note in report.notes:
            self.log.warning("%s", note)
        for outcome in report.outcomes:
            level = self.log.warning if outcome.outcome == CHANGED else self.log.info
            level("Document %s: %s", outcome.id, outcome.outcome)
        self.lineage = sending(report.counts.get("submitted", 0))
        for key, sent in report.providers.items():
            count_outcomes(key, sent)
        counts = {**report.counts, "providers": report.providers}
        emit_asset_events(self, context, counts, done=TAKEN, failed=bool(report.failures))
        raise_failures(report.failures)
        return report.counts


def request_id(context: Context) -> int:
    """The request that `select_invoices` froze; 0, which is none, where an older version ran that task."""
    chosen = context["ti"].xcom_pull(task_ids="select_invoices")
    return int(chosen[REQUEST]) if isinstance(chosen, dict) else 0
