"""Every hour: status changes of providers in Remote mode, whose lists are asked live and stored by nobody."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, TriggerRule, chain

from chorus_airflow.notifications.failed_run import FailedRunNotifier
from chorus_airflow.operators.notify import NotifyOperator
from chorus_airflow.operators.plan_retrieval import PlanRetrievalOperator
from chorus_airflow.operators.watch_statuses import WatchStatusesOperator
from chorus_airflow.operators.watcher import WatcherOperator
from include.settings import settings

STATUSES = Asset("chorus://statuses")

DOC = """
### What it does
For each provider with `loading: remote`: one search on Chorus Pro for invoices whose status changed since the last
look, so that people hear of changes although nobody has opened a list.

### When it fails
The red task's log says what happened; the next hour looks from the same time on, and nothing is lost. **Clearing any
task is safe**: what is met unchanged is neither written nor told.

### By hand
Trigger it with a *provider* to look for that one only.
"""

with DAG(
    dag_id="chorus_status_watch",
    description="Looks for status changes of providers in Remote mode, every hour",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable(settings().watch_schedule, timezone="Europe/Paris"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    on_failure_callback=FailedRunNotifier(flow="watch"),
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(minutes=55),
    tags=["chorus", "tracking"],
    default_args={
        "owner": "chorus",
        # the next hour is the retry
        "retries": 1,
        "retry_delay": dt.timedelta(minutes=1),
        "execution_timeout": dt.timedelta(minutes=30),
    },
    params={"provider": Param(None, type=["null", "string"], title="Provider", description="This one only.")},
) as dag:
    plan = PlanRetrievalOperator(
        task_id="plan_retrieval", loading="remote", doc_md="Lists the providers in Remote mode, retired ones too."
    )
    watch = WatchStatusesOperator.partial(
        task_id="watch_statuses",
        pool="chorus_api",
        outlets=[STATUSES],
        map_index_template="{{ provider }}",
        doc_md="One search by status date for one provider; stores and tells what changed.",
    ).expand(provider_key=plan.output)
    notify = NotifyOperator(
        task_id="notify",
        flow="watch",
        speaks_for={"watch_statuses": STATUSES},
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Mails one digest per kind of event and person.",
    )
    watcher = WatcherOperator(task_id="watcher", doc_md="Fails the run when one of its tasks failed.")

    stages = [plan, watch, notify]
    chain(*stages)
    stages >> watcher
