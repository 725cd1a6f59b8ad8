"""Every hour: what should have happened and did not."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule, chain

from chorus_airflow.notifications.failed_run import FailedRunNotifier
from chorus_airflow.operators.notify import NotifyOperator
from chorus_airflow.operators.retain import RetainOperator
from chorus_airflow.operators.watch_out import WatchOutOperator
from chorus_airflow.operators.watcher import WatcherOperator
from include.settings import settings

DOC = """
### What it does
Looks whether the ten-minute flow and the nightly retrieval came to a good end lately, whether ready invoices go out,
whether documents are stuck, whether bodies are silent, whether there are statuses nobody knows, and how long logins
hold. Each finding is told once, to the users and groups of `alerts`, until it changes. Once a day it also removes
personal data that is older than its period, where `retention.automatic` is on.

### When it fails
The red task's log says what happened; findings are no failure. **Clearing any task is safe**: what was told is not told
again. It needs a scheduler that runs: let another machine watch Airflow's own health page.

### By hand
Trigger it to look now; the limits stand in the section `watchdog` of the configuration.
"""

with DAG(
    dag_id="chorus_watchdog",
    description="Tells what should have happened and did not, every hour",
    doc_md=DOC,
    schedule=CronDataIntervalTimetable(settings().watchdog_schedule, timezone="Europe/Paris"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    on_failure_callback=FailedRunNotifier(flow="watchdog"),
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(minutes=30),
    tags=["chorus", "operation"],
    default_args={
        "owner": "chorus",
        # the next hour is the retry
        "retries": 1,
        "retry_delay": dt.timedelta(minutes=1),
        "execution_timeout": dt.timedelta(minutes=10),
    },
) as dag:
    watch = WatchOutOperator(
        task_id="watch_out", doc_md="Looks for missing runs, submissions, moves and news, and for logins that end."
    )
    notify = NotifyOperator(
        task_id="notify",
        flow="watchdog",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Mails one digest per kind of event and person.",
    )
    watcher = WatcherOperator(task_id="watcher", doc_md="Fails the run when one of its tasks failed.")

    retain = RetainOperator(task_id="retain", doc_md="Removes personal data after its period, if that is asked for.")

    chain(watch, notify)
    [watch, notify, retain] >> watcher
