"""Every night: what became of the invoices of providers in Local mode."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, TriggerRule, chain

from chorus_airflow.notifications.failed_run import FailedRunNotifier
from chorus_airflow.operators.notify import NotifyOperator
from chorus_airflow.operators.plan_retrieval import PlanRetrievalOperator
from chorus_airflow.operators.reconcile import ReconcileOperator
from chorus_airflow.operators.retrieve_invoices import RetrieveInvoicesOperator
from chorus_airflow.operators.watcher import WatcherOperator
from include.settings import settings

STATUSES = Asset("chorus://statuses")

DOC = """
### What it does
For each provider with `loading: local`: asks Chorus Pro for every invoice whose status changed since the last complete
run (the first time: for all of them), stores statuses, comments and histories, takes up invoices that were typed on the
portal, and tells people what changed. Then holds what was sent against what Chorus Pro has: each difference is stored
and told once (`chorus invoices compare`).

### When it fails
The red task's log says what happened. It is tried again with growing pauses; a night that fails altogether is caught
up by the next one. **Clearing any task is safe**: what is met unchanged is neither written nor told.

### By hand
*From* and *to* ask for a window of days again; so does a backfill over a range of dates. Both ask from the first day
without end, because Chorus Pro knows the present status only, and neither moves what the next night begins with.
"""

with DAG(
    dag_id="chorus_local_retrieval",
    description="Brings back what became of the invoices, every night",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable(settings().retrieval_schedule, timezone="Europe/Paris"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    on_failure_callback=FailedRunNotifier(flow="retrieval"),
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=12),
    tags=["chorus", "tracking"],
    default_args={
        "owner": "chorus",
        # half a minute for a worker that died; then 1, 2, 4, 8, 16, 30 minutes: an outage of the night is over by the
        # morning, or the next night catches up
        "retries": 7,
        "retry_delay": dt.timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": dt.timedelta(minutes=30),
        "execution_timeout": dt.timedelta(minutes=30),
    },
    params={
        "provider": Param(None, type=["null", "string"], title="Provider", description="This one only."),
        "from_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="From",
            description="Statuses since this day, asked for again.",
        ),
        "to_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="To",
            description="Last day; what came after it is taken along.",
        ),
    },
) as dag:
    plan = PlanRetrievalOperator(
        task_id="plan_retrieval", loading="local", doc_md="Lists the providers in Local mode, retired ones too."
    )
    retrieve = RetrieveInvoicesOperator.partial(
        task_id="retrieve_invoices",
        pool="chorus_api",
        outlets=[STATUSES],
        map_index_template="{{ provider }}",
        execution_timeout=dt.timedelta(hours=6),
        doc_md="Stores what changed on Chorus Pro for one provider, batch by batch, then the histories of it.",
    ).expand(provider_key=plan.output)
    reconcile = ReconcileOperator(
        task_id="reconcile",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Holds our invoices against the platform's list: missing on either side, another status or amount.",
    )
    notify = NotifyOperator(
        task_id="notify",
        flow="retrieval",
        speaks_for={"retrieve_invoices": STATUSES},
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Mails one digest per kind of event and person.",
    )
    watcher = WatcherOperator(task_id="watcher", doc_md="Fails the run when one of its tasks failed.")

    stages = [plan, retrieve, reconcile, notify]
    chain(*stages)
    stages >> watcher
