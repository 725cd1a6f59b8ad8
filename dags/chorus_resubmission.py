"""By hand: sends invoices again that a person chose in a form, after that person saw what would be sent."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Asset, Param, TriggerRule, chain

from chorus_airflow.notifications.failed_run import FailedRunNotifier
from chorus_airflow.operators.notify import NotifyOperator
from chorus_airflow.operators.resubmission import (
    ApproveOperator,
    PreviewOperator,
    ResubmitOperator,
    SelectInvoicesOperator,
)
from chorus_airflow.operators.watcher import WatcherOperator

SUBMITTED = Asset("chorus://submitted")

STATES = ["refused", "unknown", "ready"]

DOC = """
### What it does
Chooses invoices by the form, shows what would be sent with counts, numbers and totals, waits until a person approves
under *Required actions*, then sends those that are **still as they were shown**. What changed meanwhile is reported in
the log of `submit_unchanged` and not sent. Refused ones are assessed again first; unknown ones are searched, never sent
first. The ledger sends no invoice twice.

### When it fails
The red task's log says what happened. **Clearing any task is safe**: what was sent is not as it was shown any more.

### By hand
Trigger it with *dry run* to see the table only, with *confirmed* to leave out the question.
"""

with DAG(
    dag_id="chorus_resubmission",
    description="Sends chosen invoices again, after a person approved",
    doc_md=DOC,
    schedule=None,
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    on_failure_callback=FailedRunNotifier(),
    max_active_runs=4,
    tags=["chorus", "submission"],
    default_args={
        "owner": "chorus",
        "retries": 3,
        "retry_delay": dt.timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "execution_timeout": dt.timedelta(minutes=30),
    },
    params={
        "provider": Param(None, type=["null", "string"], title="Provider", description="Of this one only."),
        "from_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="From",
            description="First day of arrival in the portal.",
        ),
        "to_date": Param(
            None, type=["null", "string"], format="date", title="To", description="Last day of arrival in the portal."
        ),
        "document_ids": Param(
            [],
            type="array",
            items={"type": "integer", "minimum": 1},
            title="Document ids",
            description="Only these documents (`chorus documents list`).",
        ),
        "states": Param(
            ["refused", "unknown"],
            type="array",
            items={"type": "string", "enum": STATES},
            minItems=1,
            title="States",
            description="Only invoices in these states.",
        ),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Show the table; send nothing."),
        "request": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Request",
            description="What somebody chose on the screens: filled in by them.",
        ),
        "confirmed": Param(False, type="boolean", title="Confirmed", description="Send without asking again."),
    },
) as dag:
    select = SelectInvoicesOperator(
        task_id="select_invoices",
        doc_md="Finds the invoices that fit the form, and freezes their ids and versions as a request in our database.",
    )
    preview = PreviewOperator(
        task_id="preview", doc_md="Writes the table of what would be sent, which a person decides on."
    )
    approve = ApproveOperator(
        task_id="approve",
        subject="Send these invoices to Chorus Pro again?",
        body="{{ ti.xcom_pull(task_ids='preview') }}",
        response_timeout=dt.timedelta(days=2),
        ignore_downstream_trigger_rules=True,
        # a person may take their time: this task waits without a worker
        execution_timeout=None,
        doc_md="Waits for a person, two days at most; left out when the form says confirmed.",
    )
    submit = ResubmitOperator(
        task_id="submit_unchanged",
        pool="chorus_api",
        trigger_rule=TriggerRule.NONE_FAILED,
        outlets=[SUBMITTED],
        doc_md="Sends what is still as it was shown, and reports the rest.",
    )
    notify = NotifyOperator(
        task_id="notify",
        speaks_for={"submit_unchanged": SUBMITTED},
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Mails one digest per kind of event and person.",
    )
    watcher = WatcherOperator(task_id="watcher", doc_md="Fails the run when one of its tasks failed.")

    stages = [select, preview, approve, submit, notify]
    chain(*stages)
    stages >> watcher
