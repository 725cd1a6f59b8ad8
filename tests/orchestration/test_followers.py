"""DAGs that follow our assets: how many events there are, and what each of them counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from include.application.submission.sending import SubmitReport
from include.application.submission.submit import Submit
from include.domain.errors import RemoteUnavailableError
from tests.orchestration.test_tracking_dags import NIGHTLY, in_mode, on_platform
from tests.orchestration.test_tracking_dags import run as run_tracking
from tests.orchestration.world import AIRFLOW, FIRST, SECOND, Run, World, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]

KEY, OTHER = (f"simulator:{one.siret}" for one in (FIRST, SECOND))


def events(run_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Asset, task and counts of everything that this run told."""
    import sqlalchemy as sa
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session

    query = sa.select(AssetModel.uri, AssetEvent.source_task_id, AssetEvent.extra)
    query = query.join(AssetModel, AssetModel.id == AssetEvent.asset_id).where(AssetEvent.source_run_id == run_id)
    with create_session() as session:
        return [(uri, task, extra) for uri, task, extra in session.execute(query.order_by(AssetEvent.id))]


def last_run(dag_id: str) -> str:
    import sqlalchemy as sa
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        query = sa.select(DagRun.run_id).where(DagRun.dag_id == dag_id).order_by(DagRun.id.desc()).limit(1)
        return str(session.scalar(query))


def counts(**given: int) -> dict[str, int]:
    return {**SubmitReport().counts(), "searched": 0, **given}


def run_with(monkeypatch: pytest.MonkeyPatch, world: World, tries: Iterable[SubmitReport | Exception]) -> Run:
    """One run whose sending ends so, try after try."""
    world.file("FA-1")
    run_dag({"dry_run": True})
    outcomes = iter(tries)

    def submit(_self: Submit, _key: str, **_how: Any) -> SubmitReport:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(Submit, "__call__", submit)
    return run_dag()


def broken(submitted: int) -> SubmitReport:
    return SubmitReport(submitted=submitted, failure=RemoteUnavailableError("The platform went away."))


def test_a_task_that_fails_part_way_tells_once_what_it_had_sent_in_all_its_tries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_with(monkeypatch, world, [broken(2), broken(1)])
    assert run.tasks["submit_invoices"] == ["failed"] and run.tries["submit_invoices"] == 2
    told = {"provider": KEY, **counts(submitted=3), "failed": True}
    assert events(run.run_id) == [("chorus://submitted/", "notify", told)]


def test_a_try_that_succeeds_counts_what_the_one_before_had_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_with(monkeypatch, world, [broken(2), SubmitReport(submitted=1)])
    assert run.tasks["submit_invoices"] == ["success"]
    told = {"provider": KEY, **counts(submitted=3)}
    assert events(run.run_id) == [("chorus://submitted/", "submit_invoices", told)]


def test_a_task_that_could_not_say_what_it_had_done_is_told_as_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_with(monkeypatch, world, [RuntimeError("killed"), RuntimeError("killed")])
    assert events(run.run_id) == [("chorus://submitted/", "notify", {"failed": True})]


def test_each_provider_has_an_event_of_its_own_and_one_that_sent_nothing_and_failed_has_none(world: World) -> None:
    world.second_provider()
    world.file("FA-1")
    world.file("MA-1", SECOND)
    run = run_dag()
    told = sorted((extra["provider"], extra["submitted"]) for _, _, extra in events(run.run_id))
    assert told == sorted([(KEY, 1), (OTHER, 1)])
    world.second_provider(right_password=False)
    world.file("FA-2")
    world.file("MA-2", SECOND)
    run = run_dag()
    assert run.state == "failed"
    assert [extra["provider"] for _, _, extra in events(run.run_id)] == [KEY]


def test_a_run_that_sends_nothing_tells_nothing(world: World) -> None:
    assert events(run_dag().run_id) == []
    world.file("FA-1")
    assert events(run_dag({"dry_run": True}).run_id) == []


def test_sending_again_tells_one_event_with_the_counts_of_each_provider(world: World) -> None:
    world.file("FA-1")
    run_dag({"dry_run": True})
    assert run_tracking("chorus_resubmission", {"states": ["ready"], "confirmed": True})[0] == "success"
    [(uri, task, extra)] = events(last_run("chorus_resubmission"))
    assert (uri, task) == ("chorus://submitted/", "submit_unchanged")
    assert extra["submitted"] == 1 and extra["providers"][KEY]["submitted"] == 1


def test_a_night_tells_its_counts_and_nothing_of_an_invoice(world: World) -> None:
    in_mode(world, "local")
    on_platform(world, 3, MISE_A_DISPOSITION=1)
    assert run_tracking(NIGHTLY)[0] == "success"
    [(uri, task, extra)] = events(last_run(NIGHTLY))
    assert (uri, task) == ("chorus://statuses/", "retrieve_invoices")
    assert (extra["provider"], extra["new"], extra["foreign"]) == (KEY, 3, 3)
    assert all(isinstance(value, int) for name, value in extra.items() if name != "provider")
