"""A failed run is told once, and telling it never fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from include.application.ports.paging import PageRequest
from tests.fakes.clock import FakeClock
from tests.orchestration.world import AIRFLOW, World

pytestmark = AIRFLOW

ALERTED = {
    "people": {"users": [{"name": "carl", "mail": "carl@imprimerie.example", "language": "en"}]},
    "alerts": {"users": ["carl"]},
}


def told(run_id: str, **more: Any) -> None:
    from airflow.sdk import DAG

    from chorus_airflow.notifications.failed_run import FailedRunNotifier

    FailedRunNotifier()({"dag": DAG("chorus_watchdog", schedule=None), "run_id": run_id, **more})


def test_who_is_in_alerts_gets_one_mail_for_one_failed_run(world: World) -> None:
    world.configure(**ALERTED)
    told("manual__1")
    told("manual__1")
    [mail] = world.mails()
    assert "carl@imprimerie.example" in mail and "chorus_watchdog" in mail and "manual__1" in mail


def test_a_failed_run_of_the_whole_flow_stands_as_its_last_one(world: World) -> None:
    from airflow.sdk import DAG

    from chorus_airflow.notifications.failed_run import FailedRunNotifier

    notifier = FailedRunNotifier(flow="watchdog")
    notifier({"dag": DAG("chorus_watchdog", schedule=None), "run_id": "manual__1", "params": {}})
    notifier({"dag": DAG("chorus_watchdog", schedule=None), "run_id": "manual__2", "params": {"provider": "Durand"}})
    [last] = world.services.store.run_views.last_runs()
    assert (last.flow, last.result, last.run_id) == ("watchdog", "failed", "manual__1"), "a narrowed one is none"


def test_a_run_that_is_cleared_and_fails_again_is_stored_again_and_mailed_when_the_hour_has_passed(
    world: World,
) -> None:
    world.configure(**ALERTED)
    for began in (1, 2):
        told("manual__1", dag_run=SimpleNamespace(start_date=began))
    assert len(world.mails()) == 1
    assert len(world.services.store.outbox.undistributed(after=0, limit=10)) == 1
    later = FakeClock(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1, minutes=1))
    dataclasses.replace(world.services.pipeline().notify, clock=later)()
    assert len(world.mails()) == 2


def test_what_cannot_be_told_is_logged_and_nothing_else(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{world.folder / 'nowhere' / 'chorus.db'}")
    told("manual__1")
    assert "could not be told" in capsys.readouterr().out


def test_an_alert_that_cannot_be_mailed_now_is_stored_for_the_next_pass(world: World) -> None:
    world.configure(**ALERTED, mail={"connection": "smtp_nowhere", "sender": "chorus@imprimerie.example"})
    told("manual__1")
    [row] = world.services.store.notification_views.page("carl", PageRequest(sort="-at")).items
    assert row.event.facts["code"] == "run_failed"
