"""Real runs on a real Airflow: scheduler, DAG processor, API server and triggerer in processes of their own.

One Airflow for the whole file; each test finds an empty store, an empty portal and a platform in its first state.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from include.demo.airflow_server import USER
from tests.browser.airflow_story import AirflowVisit, tell
from tests.browser.sitting import chromium
from tests.e2e.deployment import (
    NIGHTLY,
    RESUBMISSION,
    SUBMISSION,
    WATCH,
    WATCHDOG,
    Dag,
    Deployment,
    running_deployment,
)
from tests.e2e.surroundings import (
    ANNA,
    BOB,
    arrange,
    chorus,
    heal,
    mailed,
    news,
    on_platform,
    read_and_assessed,
    sending,
    statuses,
    tracked,
)
from tests.e2e.watching import await_that
from tests.integration.tracking.bench import contents
from tests.orchestration.world import FIRST, SECOND, World, fault, provider

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

KEY = f"simulator:{FIRST.siret}"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ScheduledRun:
    """The run that the scheduler made by itself when its DAG was let run."""

    state: str
    tasks: dict[str, list[str]]
    statuses: dict[str, str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with running_deployment(tmp_path_factory.mktemp("deployment")) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def scheduled(running: Deployment) -> dict[str, ScheduledRun]:
    """What each DAG with a schedule did when it was let run; the hourly ones sleep again afterwards."""
    running.new_world()
    tracked(running)
    on_platform(running, 12, MISE_A_DISPOSITION=1)
    running.dag(SUBMISSION).pause(paused=False)
    running.dag(RESUBMISSION).pause(paused=False)
    found = {}
    for dag_id in (NIGHTLY, WATCH, WATCHDOG):
        running.dag(dag_id).pause(paused=False)
    for dag_id in (NIGHTLY, WATCH, WATCHDOG):
        dag = running.dag(dag_id)
        await_that(lambda dag=dag: bool(dag.runs("scheduled")), f"a scheduled run of {dag_id}", 120)  # type: ignore[misc]
        run = dag.runs("scheduled")[0]
        state = dag.ended(run["dag_run_id"])
        found[dag_id] = ScheduledRun(state=state, tasks=dag.states(run["dag_run_id"]), statuses=statuses(running.world))
    for dag_id in (WATCH, WATCHDOG):
        running.dag(dag_id).rest()
    return found


@pytest.fixture
def deployment(running: Deployment, scheduled: dict[str, ScheduledRun], monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A new world; this process looks at the same state as the tasks."""
    monkeypatch.setenv("CHORUS_HOME", str(running.chorus_home))
    running.new_world()
    return running


# -- the ten-minute run ------------------------------------------------------------------------------------------------


def sent(deployment: Deployment, *prefixes: str) -> list[str]:
    return [number for number in deployment.world.on_platform() if number.startswith(prefixes)]


def test_what_is_dropped_is_sent_by_the_next_run_and_clearing_it_changes_nothing(deployment: Deployment) -> None:
    world, submission = sending(deployment), deployment.dag(SUBMISSION)
    for number in ("DROP-1", "DROP-2"):
        world.file(number)
    run = submission.trigger()
    assert submission.ended(run) == "success", submission.states(run)
    assert sent(deployment, "DROP") == ["DROP-1", "DROP-2"]
    assert submission.states(run)["watcher"] == ["skipped"]

    events = submission.ask("GET", f"/api/v2/assets/events?source_dag_id={SUBMISSION}&source_run_id={quote(run)}")
    [event] = events["asset_events"]
    assert event["uri"] == "chorus://submitted/"
    assert event["extra"]["submitted"] == 2

    before = world.everything()
    for task_id, narrowed in (("submit_invoices", {"task_ids": ["submit_invoices"]}), ("collect_documents", {})):
        clear = {"dry_run": False, "dag_run_id": run, "only_failed": False, "reset_dag_runs": True, **narrowed}
        submission.ask("POST", "/clearTaskInstances", clear)
        assert submission.ended(run) == "success"
        assert [task["try_number"] for task in submission.tasks(run)[task_id]] == [2]
        assert world.everything() == before

    logs = list((deployment.home / "airflow" / "logs" / f"dag_id={SUBMISSION}").rglob("*.log"))
    assert logs
    for log in logs:
        told = log.read_text()
        assert not [word for word in world.known_secrets if word in told], log


def test_a_wrong_password_of_one_provider_fails_the_run_and_not_the_other(deployment: Deployment) -> None:
    world, submission = sending(deployment), deployment.dag(SUBMISSION)
    world.file("GOOD-1")
    run = submission.trigger()
    assert submission.ended(run) == "success"
    world.file("GOOD-2")
    world.file("BAD-1", SECOND)
    run = submission.trigger()
    assert submission.ended(run) == "failed"
    states = submission.states(run)
    assert states["submit_invoices"] == ["failed", "success"]
    assert (states["notify"], states["watcher"]) == (["success"], ["failed"])
    assert sent(deployment, "GOOD", "BAD") == ["GOOD-1", "GOOD-2"]


def test_a_task_killed_in_mid_submission_is_finished_by_its_next_try_and_nothing_goes_twice(
    deployment: Deployment,
) -> None:
    world, submission = sending(deployment), deployment.dag(SUBMISSION)
    for number in ("KILL-1", "KILL-2", "KILL-3"):
        world.file(number)
    fault(world.simulator, operation="factures/soumettre", kind="slow_after_accept", seconds=60, times=2)
    run = submission.trigger()
    await_that(lambda: len(sent(deployment, "KILL")) >= 2, "the platform's list", 120)
    submission.kill(run, "submit_invoices")
    assert submission.ended(run) == "success"
    [task] = submission.tasks(run)["submit_invoices"]
    assert task["try_number"] == 2
    assert sent(deployment, "KILL") == ["KILL-1", "KILL-2", "KILL-3"]
    ours = {name: state for name, state in world.states().items() if name.startswith("KILL")}
    assert set(ours.values()) == {"submitted"}
    assert submission.ended(submission.trigger()) in ("success", "failed")
    assert sent(deployment, "KILL") == ["KILL-1", "KILL-2", "KILL-3"]


def test_the_screens_stand_in_airflows_frame_and_lead_to_the_run_and_back(deployment: Deployment) -> None:
    """The only test here that opens them: the web server keeps its store open, which a new world would take away."""
    world, submission = sending(deployment), deployment.dag(SUBMISSION)
    world.configure(
        providers=[provider(FIRST, "chorus_first", use={"users": [USER]})], people={"users": [{"name": USER}]}
    )
    world.file("SEEN-1")
    run = submission.trigger()
    assert submission.ended(run) == "success"
    with chromium() as browser:
        visit = AirflowVisit.begin(browser, str(deployment.http.base_url).rstrip("/"))
        password = json.loads((deployment.home / "airflow" / "passwords.json").read_text())[USER]
        tell(visit, user=USER, password=password, number="SEEN-1", dag_id=SUBMISSION, run_id=run)


def test_a_bad_value_in_the_trigger_form_is_refused_before_any_task_runs(deployment: Deployment) -> None:
    submission = deployment.dag(SUBMISSION)
    for conf in ({"document_ids": ["one"]}, {"dry_run": "yes"}):
        answer = submission.http.post(f"{submission.path}/dagRuns", json={"logical_date": None, "conf": conf})
        assert answer.status_code == 400, answer.text


# -- nights ------------------------------------------------------------------------------------------------------------


def test_the_scheduler_makes_a_night_an_hour_and_a_watchdog_by_itself(scheduled: dict[str, ScheduledRun]) -> None:
    for dag_id, run in scheduled.items():
        assert (dag_id, run.state, run.tasks["watcher"]) == (dag_id, "success", ["skipped"]), run
    night = scheduled[NIGHTLY]
    assert set(night.statuses.values()) == {"MISE_A_DISPOSITION"} and len(night.statuses) == 12


class Week:
    """Seven days on the platform, each with one change for some and one new invoice."""

    COURSE = ("MANDATEE", "SUSPENDUE", "COMPLETEE", "A_RECYCLER", "DEPOSEE", "INVENTED", "REJETEE")

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.first = today - 14 * DAY
        arrange(deployment, "clock", at=(self.first + DAY).isoformat())
        on_platform(deployment, 7, MISE_A_DISPOSITION=1)

    def pass_day(self, day: int) -> None:
        arrange(self.deployment, "clock", at=(self.first + (day + 1) * DAY + DAY / 2).isoformat())
        for place in (day, (day + 3) % 7):
            number, status = f"P-{place + 1:06}", self.COURSE[(place + day) % 7]
            arrange(self.deployment, "status", number=number, status=status, comment=f"jour {day}")
        on_platform(self.deployment, 1, prefix=f"N{day}-", **{self.COURSE[day]: 1})
        arrange(self.deployment, "clock", at=(self.first + (day + 2) * DAY).isoformat())


def test_a_week_backfilled_from_the_screen_leaves_what_seven_nights_leave(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, nightly = tracked(deployment), deployment.dag(NIGHTLY)
    nights = World(folder=tmp_path, simulator=deployment.simulator, monkeypatch=monkeypatch)
    week = Week(deployment)
    chorus("run", "retrieval", "--no-notify")
    with monkeypatch.context() as there:
        there.setenv("CHORUS_HOME", str(tmp_path / "nights"))
        nights.prepare()
        nights.configure(**world.changes)
        chorus("run", "retrieval", "--no-notify")
        for day in range(7):
            week.pass_day(day)
            chorus("run", "retrieval", "--no-notify")
        wanted = contents(nights.services.store)
    arrange(deployment, "clock", at=dt.datetime.now(dt.UTC).isoformat())
    store = world.services.store
    before = store.tracking.record(KEY)
    assert contents(store)[:3] != wanted[:3]

    nightly.backfill(week.first, week.first + 7 * DAY - dt.timedelta(seconds=1), max_active_runs=3)
    assert nightly.backfilled(week.first, 7) == ["success"] * 7
    assert contents(store)[:3] == wanted[:3]
    assert store.tracking.record(KEY) == before, "a window never moves what the next night begins with"
    assert news(deployment, BOB) == dict.fromkeys(statuses(world), 1), "the last news of each invoice, once"
    assert mailed(deployment)[BOB] == mailed(deployment)[ANNA] <= 7

    left = contents(store), mailed(deployment)
    assert nightly.ended(nightly.trigger()) == "success"
    assert (contents(store), mailed(deployment)) == left, "nothing was left for the night, and nothing is told twice"
    watermark = store.tracking.record(KEY).watermark
    assert watermark is not None and before.watermark is not None and watermark > before.watermark + 7 * DAY


def test_a_killed_night_is_finished_by_its_next_try_and_the_same_night_twice_tells_once(
    deployment: Deployment,
) -> None:
    world, nightly = tracked(deployment), deployment.dag(NIGHTLY)
    on_platform(deployment, 1200, MISE_A_DISPOSITION=1)
    fault(world.simulator, operation="factures/rechercher/fournisseur", kind="slow", seconds=1, times=6)
    run = nightly.trigger()
    await_that(lambda: len(statuses(world)) >= 500, "the first page", 120)
    nightly.kill(run, "retrieve_invoices")
    assert len(statuses(world)) < 1200, "killed in the middle of the list"
    assert nightly.ended(run) == "success"
    assert [task["try_number"] for task in nightly.tasks(run)["retrieve_invoices"]] == [2]
    assert set(statuses(world).values()) == {"MISE_A_DISPOSITION"} and len(statuses(world)) == 1200
    assert mailed(deployment) == {}, "no storm on the first load, killed or not"

    arrange(deployment, "move", **{"from": "MISE_A_DISPOSITION", "to": "SUSPENDUE", "count": 12})
    runs = [nightly.trigger(), nightly.trigger()]
    assert [nightly.ended(one) for one in runs] == ["success"] * 2
    first, second = sorted(((one["start_date"], one["end_date"]) for one in map(nightly.run, runs)), key=str)
    assert first[1] <= second[0], "one night at a time"
    assert mailed(deployment) == {ANNA: 1, BOB: 1}
    subjects = {str(message["To"]): str(message["Subject"]) for message in deployment.mails.messages}
    assert subjects[ANNA].startswith("Chorus Pro : 12 factures") and subjects[BOB].startswith("Chorus Pro: 12 invoices")
    assert list(statuses(world).values()).count("SUSPENDUE") == 12


def test_an_outage_is_a_failed_run_of_every_dag_and_the_next_night_catches_up(deployment: Deployment) -> None:
    world = tracked(deployment, alerts={"users": ["anna"]})
    world.file("R-1")
    read_and_assessed()
    on_platform(deployment, 3, MISE_A_DISPOSITION=1, INVENTED=0.5)
    chorus("run", "retrieval", "--no-notify")
    arrange(deployment, "move", **{"from": "MISE_A_DISPOSITION", "to": "MANDATEE"})
    assert sorted(world.states().values()) == ["ready"]
    # nobody listens where the first supplier's platform was, the second one's answers 500, mails cannot leave
    mail = {"connection": "smtp_nowhere", "sender": "chorus@imprimerie.example"}
    tracked(deployment, first="chorus_nowhere")
    world.configure(mail=mail)
    deployment.mails.messages.clear()  # a run that failed in the test before may be told as late as now
    fault(world.simulator, operation="*", kind="server_error", login=deployment.passwords["login"])

    nightly, watch, watchdog = (deployment.dag(name) for name in (NIGHTLY, WATCH, WATCHDOG))
    resubmission = deployment.dag(RESUBMISSION)
    night = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - 3 * DAY
    window = ("--from-date", night.isoformat(), "--to-date", (night + DAY - dt.timedelta(seconds=1)).isoformat())
    deployment.airflow("backfill", "create", "--dag-id", NIGHTLY, *window, "--max-active-runs", "1")
    for dag in (watch, watchdog):
        dag.pause(paused=False)
    runs = [(watch, watch.trigger()), (watchdog, watchdog.trigger())]
    runs.append((resubmission, resubmission.trigger(states=["ready"], confirmed=True)))
    assert nightly.backfilled(night, 1) == ["failed"]
    [failed] = [run["dag_run_id"] for run in nightly.runs("backfill") if run["logical_date"] >= night.isoformat()]
    assert [dag.ended(run) for dag, run in runs] == ["failed"] * 3
    for dag in (watch, watchdog):
        dag.rest()
    ends = {"retrieve_invoices": nightly.states(failed), "watch_statuses": watch.states(runs[0][1])}
    ends |= {"notify": watchdog.states(runs[1][1]), "submit_unchanged": resubmission.states(runs[2][1])}
    for task_id, states in ends.items():
        assert (states[task_id], states["watcher"]) == (["failed"], ["failed"]), (task_id, states)
    assert watchdog.states(runs[1][1])["watch_out"] == ["success"], "it looks at our own store"
    assert set(statuses(world).values()) == {"MISE_A_DISPOSITION", "UNKNOWN"} and mailed(deployment) == {}

    tracked(deployment)
    heal(deployment)
    assert nightly.ended(nightly.trigger()) == "success"
    assert set(statuses(world).values()) == {"MANDATEE", "UNKNOWN"}
    left = contents(world.services.store)
    nightly.backfill(night, night + DAY - dt.timedelta(seconds=1), reprocess_behavior="failed")
    assert nightly.backfilled(night, 1) == ["success"], "the failed day, asked for again"
    assert contents(world.services.store) == left
    assert world.on_platform().count("R-1") == 0, "what failed is not sent behind anybody's back"


# -- sending again, after a person's answer ----------------------------------------------------------------------------


class Question:
    """A run of `chorus_resubmission` for one document that waits for a person."""

    def __init__(self, dag: Dag, document_id: int, **form: Any) -> None:
        self.dag = dag
        self.run = dag.trigger(document_ids=[document_id], states=["ready"], **form)
        self.path = f"/dagRuns/{quote(self.run)}/taskInstances/approve/-1/hitlDetails"

    def asked(self) -> dict[str, Any]:
        """What *Required actions* shows."""
        await_that(lambda: self.dag.http.get(self.dag.path + self.path).is_success, "the question", 120)
        found: dict[str, Any] = self.dag.ask("GET", self.path)
        return found

    def answer(self, option: str) -> None:
        """As the page posts it."""
        body = {"chosen_options": [option], "params_input": {}}
        assert self.dag.ask("PATCH", self.path, body)["responded_by"]["name"]

    def ended(self) -> tuple[str, str]:
        """The run's state, and that of its sending."""
        state = self.dag.ended(self.run)
        [sending_] = self.dag.states(self.run)["submit_unchanged"]
        return state, sending_


def test_only_what_a_person_approved_is_sent_again_and_only_as_it_was_shown(deployment: Deployment) -> None:
    world, dag = tracked(deployment), deployment.dag(RESUBMISSION)
    names = {"R-1": "YES", "R-2": "NO", "R-3": "SILENCE", "R-4": "CHANGED", "R-5": "CONFIRMED", "R-6": "SHOWN"}
    for number in names:
        world.file(number)
    read_and_assessed()
    ids = {names[number]: int(row.id) for number, row in world.documents().items()}
    assert set(world.states().values()) == {"ready"}

    today = dt.datetime.now(dt.UTC).date()
    form = {"provider": FIRST.name, "from_date": str(today - DAY), "to_date": str(today + DAY)}
    asked = {name: Question(dag, ids[name], **form) for name in ("YES", "NO", "SILENCE", "CHANGED")}
    for name, question in asked.items():
        shown = question.asked()
        [number] = [number for number in names if names[number] == name]
        assert f"| {number} |" in shown["body"] and "| Prête à déposer | 1 |" in shown["body"]
        assert shown["options"] == ["Approve", "Reject"]
        await_that(lambda q=question: dag.states(q.run)["approve"] == ["awaiting_input"], "waiting", 60)  # type: ignore[misc]
    chorus("documents", "set", str(ids["CHANGED"]), "engagement_number=45001")
    deployment.scheduler_went_round()
    asked["YES"].answer("Approve")
    asked["NO"].answer("Reject")
    asked["CHANGED"].answer("Approve")
    [task] = dag.tasks(asked["SILENCE"].run)["approve"]
    deployment.hours_pass_for_who_waits(task["id"])
    at_once, dry = Question(dag, ids["CONFIRMED"], confirmed=True), Question(dag, ids["SHOWN"], dry_run=True)

    nothing = dag.trigger(states=["ready"], to_date=str(today - DAY))
    assert (dag.ended(nothing), dag.states(nothing)["submit_unchanged"]) == ("success", ["skipped"]), "nothing fits"
    assert asked["YES"].ended() == ("success", "success")
    assert asked["NO"].ended() == ("success", "skipped")
    assert asked["SILENCE"].ended() == ("failed", "upstream_failed")
    assert asked["CHANGED"].ended() == ("success", "success")
    assert at_once.ended() == ("success", "success")
    assert dry.ended() == ("success", "skipped")
    assert [names[number] for number in world.on_platform()] == ["YES", "CONFIRMED"]
    unsent = {names[number] for number, state in world.states().items() if state != "submitted"}
    assert unsent == {"NO", "SILENCE", "CHANGED", "SHOWN"}
    path = f"/dagRuns/{quote(asked['CHANGED'].run)}/taskInstances/submit_unchanged/xcomEntries/return_value"
    assert dag.ask("GET", path)["value"] == {"changed since the preview": 1}

    for conf in ({"states": ["submitted"]}, {"states": []}, {"document_ids": ["one"]}, {"from_date": "yesterday"}):
        refused = dag.http.post(f"{dag.path}/dagRuns", json={"logical_date": None, "conf": conf})
        assert refused.status_code == 400, (conf, refused.text)


# -- Airflow's own door ------------------------------------------------------------------------------------------------


def test_a_failed_run_is_mailed_within_a_minute_to_who_is_in_alerts(deployment: Deployment) -> None:
    tracked(deployment, alerts={"users": ["bob"]})
    resubmission = deployment.dag(RESUBMISSION)
    run = resubmission.trigger(document_ids=[999])
    assert resubmission.ended(run) == "failed"
    await_that(lambda: mailed(deployment) != {}, "the mail about the failed run", 60)
    assert mailed(deployment) == {BOB: 1}
    body = deployment.mails.messages[0].get_body(("plain",))
    assert body is not None
    assert RESUBMISSION in body.get_content() and run in body.get_content()


def test_the_connection_page_tests_what_is_typed_before_it_is_saved(deployment: Deployment) -> None:
    simulator = deployment.simulator
    extra = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
    typed = {
        "connection_id": "chorus_typed",
        "conn_type": "chorus_pro",
        "host": simulator.url,
        "login": simulator.login,
    }
    submission = deployment.dag(SUBMISSION)

    def tested(password: str) -> dict[str, Any]:
        body = {**typed, "password": password, "extra": json.dumps(extra)}
        answer: dict[str, Any] = submission.ask("POST", "/api/v2/connections/test", body)
        return answer

    right, wrong = tested(simulator.password), tested("wrong")
    assert right["status"] and "PISTE: token given" in right["message"]
    assert not wrong["status"] and "technical account" in wrong["message"]


def test_the_grid_names_the_provider_of_each_mapped_task(deployment: Deployment) -> None:
    world, submission = sending(deployment), deployment.dag(SUBMISSION)
    world.file("NAME-1")
    run = submission.trigger()
    submission.ended(run)
    tasks = submission.tasks(run)
    assert [task["rendered_map_index"] for task in tasks["read_documents"]] == ["1 of 1"]
    assert [task["rendered_map_index"] for task in tasks["submit_invoices"]] == [FIRST.name]


def test_a_later_start_keeps_the_pool_that_an_operator_changed(deployment: Deployment) -> None:
    submission, pool = deployment.dag(SUBMISSION), "/api/v2/pools/ocr"

    def slots(count: int) -> None:
        submission.ask("PATCH", f"{pool}?update_mask=slots", {"pool": "ocr", "slots": count, "include_deferred": False})

    before = submission.ask("GET", pool)["slots"]
    slots(before + 2)
    try:
        deployment.make_pools()
        assert submission.ask("GET", pool)["slots"] == before + 2
    finally:
        slots(before)
