"""What a killed worker costs by the settings of docker-compose.yaml, in every DAG; e2e/test_celery.py kills one."""

from __future__ import annotations

import datetime as dt

from tests.orchestration.world import AIRFLOW
from tests.services.compose import Services

pytestmark = AIRFLOW

START = 10
"""Seconds from the moment that a retry is due until its process runs."""


def test_every_task_runs_again_within_two_minutes(compose_services: Services) -> None:
    from airflow.dag_processing.dagbag import DagBag

    settings = compose_services["airflow-scheduler"]["environment"]
    silence = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"
    noticed = int(settings[silence]) + int(settings[f"{silence}_DETECTION_INTERVAL"])
    late = {}
    for dag in DagBag("dags").dags.values():
        for task in dag.tasks:
            # with a backoff Airflow draws the first delay from one to two times the number
            delay = task.retry_delay * (2 if task.retry_exponential_backoff else 1)
            if task.task_id != "watcher" and dt.timedelta(seconds=noticed + START) + delay > dt.timedelta(minutes=2):
                late[f"{dag.dag_id}.{task.task_id}"] = delay
    assert late == {}


def test_no_work_ends_with_the_worker_that_does_it() -> None:
    from airflow.dag_processing.dagbag import DagBag

    tasks = [task for dag in DagBag("dags").dags.values() for task in dag.tasks]
    assert {task.task_id for task in tasks if not task.retries} == {"watcher"}, "which only says that another failed"


def test_the_token_of_a_queued_task_lives_until_it_is_queued_again(compose_services: Services) -> None:
    settings = compose_services["airflow-scheduler"]["environment"]
    every = int(settings["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL"])
    assert int(settings["AIRFLOW__API_AUTH__JWT_LEEWAY"]) >= 2 * every


def test_a_task_outlives_a_restart_of_the_api_server(compose_services: Services) -> None:
    """Its calls are repeated after random waits that double up to a limit: after try n 2**(n-1) s at most.

    As long on average as a restart takes, and not so long that the task is queued again meanwhile.
    """
    settings = compose_services["airflow-scheduler"]["environment"]
    tries = int(settings["AIRFLOW__WORKERS__EXECUTION_API_RETRIES"])
    longest = int(settings["AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX"])
    average = sum((1 + min(longest, 2 ** (n - 1))) / 2 for n in range(1, tries))
    assert 45 < average < int(settings["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"])


def test_redis_hands_no_task_out_again_while_it_may_still_run(compose_services: Services) -> None:
    from airflow.dag_processing.dagbag import DagBag

    limits = [task.execution_timeout for dag in DagBag("dags").dags.values() for task in dag.tasks]
    settings = compose_services["airflow-worker"]["environment"]
    visible = dt.timedelta(seconds=int(settings["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"]))
    assert max(limit for limit in limits if limit) < visible
