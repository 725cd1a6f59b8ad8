"""Every ten minutes: portal, criteria, reading, mapping, submission to Chorus Pro, notification."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, TriggerRule, chain

from chorus_airflow.notifications.failed_run import FailedRunNotifier
from chorus_airflow.operators.collect_documents import CollectDocumentsOperator
from chorus_airflow.operators.map_fields import MapFieldsOperator
from chorus_airflow.operators.match_criteria import MatchCriteriaOperator
from chorus_airflow.operators.notify import NotifyOperator
from chorus_airflow.operators.plan_submission import PlanSubmissionOperator
from chorus_airflow.operators.read_documents import ReadDocumentsOperator
from chorus_airflow.operators.submit_invoices import SubmitInvoicesOperator
from chorus_airflow.operators.watcher import WatcherOperator
from include.settings import settings

SUBMITTED = Asset("chorus://submitted")

READING_SECONDS = 30 * 60
"""Time limit for reading per run, in seconds: a scan takes seconds, and what was read must not wait for a thousand
others."""

DOC = """
### What it does
Picks the PDF invoices that meet the criteria, reads them, completes them from portal metadata and the recipients' list,
and sends the complete ones of every provider with automatic submission to Chorus Pro.

### When it fails
The red task's log says what happened and what to do; the run goes on with what it can without it. **Clearing any task
is safe**: each stage takes its work from the store by state, and the ledger sends no invoice twice. The next run,
ten minutes later, is a retry by itself.

### By hand
Trigger it with *document ids* to look at some documents only, with *retry* to send those again (refused ones are
opened, unknown ones searched first; where submission is not automatic, only what was sent before), with *dry run* to
read and assess without sending or mailing.
"""

with DAG(
    dag_id="chorus_auto_submission",
    description="Sends the invoices of the portal to Chorus Pro",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable(settings().submission_schedule, timezone="Europe/Paris"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    on_failure_callback=FailedRunNotifier(flow="submission"),
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=2),
    tags=["chorus", "submission"],
    default_args={
        "owner": "chorus",
        # the next run is the retry
        "retries": 1,
        "retry_delay": dt.timedelta(seconds=30),
        "execution_timeout": dt.timedelta(minutes=30),
    },
    params={
        "provider": Param(None, type=["null", "string"], title="Provider", description="Send for this one only."),
        "document_ids": Param(
            [],
            type="array",
            items={"type": "integer", "minimum": 1},
            title="Document ids",
            description="Only these documents (`chorus documents list`).",
        ),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Read and assess; send and mail nothing."),
        "retry": Param(
            False,
            type="boolean",
            title="Retry",
            description="Send the named documents again: refused ones are opened, unknown ones searched now.",
        ),
    },
) as dag:
    collect = CollectDocumentsOperator(
        task_id="collect_documents", doc_md="Looks at the portal: new, changed, moved and vanished documents."
    )
    match = MatchCriteriaOperator(
        task_id="match_criteria",
        doc_md="Holds documents against the criteria and copies the bytes of those that match.",
    )
    read = ReadDocumentsOperator.partial(
        task_id="read_documents",
        pool="ocr",
        reading_seconds=READING_SECONDS,
        map_index_template="{{ task.batch.number + 1 }} of {{ task.batch.count }}",
        execution_timeout=dt.timedelta(hours=1),
        doc_md="Reads one batch: embedded Factur-X, text layer, OCR. Unreadable documents get their reason.",
    ).expand(batch=match.output)
    map_ = MapFieldsOperator(
        task_id="map_fields",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Completes each invoice from metadata and directory and says what is missing.",
    )
    plan = PlanSubmissionOperator(
        task_id="plan_submission",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Lists the providers with something to send or to search.",
    )
    submit = SubmitInvoicesOperator.partial(
        task_id="submit_invoices",
        pool="chorus_api",
        outlets=[SUBMITTED],
        map_index_template="{{ provider }}",
        doc_md="Searches unknown outcomes, then sends the ready invoices of one provider, each exactly once.",
    ).expand(provider_key=plan.output)
    notify = NotifyOperator(
        task_id="notify",
        flow="submission",
        speaks_for={"submit_invoices": SUBMITTED},
        answers_for=("collect_documents", "match_criteria"),
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Mails one digest per kind of event and person.",
    )
    watcher = WatcherOperator(task_id="watcher", doc_md="Fails the run when one of its tasks failed.")

    stages = [collect, match, read, map_, plan, submit, notify]
    chain(*stages)
    stages >> watcher
