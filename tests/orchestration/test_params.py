"""What a person asks for in the trigger form: a provider, documents, a dry run, a retry."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.ports.invoice_views import InvoiceFilter
from include.domain.rights import OWNER
from include.simulator.server import RunningSimulator
from tests.factories import PROVIDER_KEY
from tests.orchestration.world import AIRFLOW, FIRST, SECOND, Stage, World, fault, provider, run_dag

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]


def refuse(simulator: RunningSimulator, times: int) -> None:
    fault(simulator, operation="factures/soumettre", kind="business_refusal", times=times, code=20013, label="Non")


def ids(world: World, *names: str) -> list[int]:
    rows = world.documents()
    return [rows[name].id for name in names]


@pytest.fixture
def ready(world: World) -> World:
    """Two invoices that wait to be sent."""
    world.file("FA-1")
    world.file("FA-2")
    run_dag({"dry_run": True})
    return world


@pytest.fixture
def refused(ready: World) -> World:
    """The same two, refused once."""
    refuse(ready.simulator, times=2)
    run_dag()
    assert ready.states() == {"FA-1": "refused", "FA-2": "refused"}
    return ready


def test_a_dry_run_reads_and_assesses_but_claims_sends_and_mails_nothing(ready: World) -> None:
    run = run_dag({"dry_run": True})
    assert run.state == "success"
    assert run.tasks["submit_invoices"] == ["skipped"]
    assert ready.states() == {"FA-1": "ready", "FA-2": "ready"}
    assert ready.on_platform() == []
    assert ready.mails() == []
    assert ready.services.store.invoice_views.rows(OWNER, InvoiceFilter()) == [], "nothing was ever claimed"


def test_a_dry_run_leaves_what_is_to_be_told_to_the_next_run(world: World) -> None:
    world.configure(providers=[provider(FIRST, "chorus_first", automatic_submission=False)])
    world.file("FA-1")
    run_dag({"dry_run": True})
    assert world.mails() == []
    run_dag()
    assert len(world.mails()) == 1, "that an invoice waits for a person"


def test_named_documents_are_sent_and_no_others(ready: World) -> None:
    run = run_dag({"document_ids": ids(ready, "FA-2")})
    assert run.state == "success"
    assert ready.on_platform() == ["FA-2"]
    assert ready.states() == {"FA-1": "ready", "FA-2": "submitted"}


def test_a_document_that_does_not_exist_is_told_and_nothing_is_sent(ready: World) -> None:
    run = run_dag({"document_ids": [4711]})
    assert run.state == "failed"
    assert run.stateof("collect_documents") == "failed"
    assert run.tries["collect_documents"] == 1
    assert ready.on_platform() == []


@pytest.mark.parametrize("name", [SECOND.name, SECOND.siret])
def test_a_named_provider_sends_alone(world: World, name: str) -> None:
    world.second_provider()
    world.file("FA-1")
    world.file("MA-1", SECOND)
    assert run_dag({"provider": name}).state == "success"
    assert world.on_platform() == ["MA-1"]
    assert world.states() == {"FA-1": "ready", "MA-1": "submitted"}


def test_an_unknown_provider_is_told_and_nothing_is_sent(ready: World) -> None:
    run = run_dag({"provider": "Nobody"})
    assert run.state == "failed"
    assert run.stateof("plan_submission") == "failed"
    assert ready.on_platform() == []


def test_a_retry_opens_the_named_refused_ones_and_sends_them_again(refused: World) -> None:
    run = run_dag({"document_ids": ids(refused, "FA-2"), "retry": True})
    assert run.state == "success"
    assert refused.on_platform() == ["FA-2"]
    assert refused.states() == {"FA-1": "refused", "FA-2": "submitted"}


def test_without_a_retry_naming_a_refused_one_does_not_send_it_again(refused: World) -> None:
    assert run_dag({"document_ids": ids(refused, "FA-1", "FA-2")}).state == "success"
    assert refused.on_platform() == []
    assert set(refused.states().values()) == {"refused"}


def test_a_retry_of_nothing_in_particular_opens_nothing_and_says_so(
    refused: World, capsys: pytest.CaptureFixture[str]
) -> None:
    refused.file("FA-3")
    run = run_dag({"retry": True})
    assert run.state == "failed"
    assert run.stateof("collect_documents") == "failed"
    assert "no document was named" in capsys.readouterr().out
    assert refused.on_platform() == []
    assert {refused.states()[name] for name in ("FA-1", "FA-2")} == {"refused"}


def test_a_retry_with_dry_run_opens_nothing(refused: World) -> None:
    assert run_dag({"document_ids": ids(refused, "FA-1", "FA-2"), "retry": True, "dry_run": True}).state == "success"
    assert set(refused.states().values()) == {"refused"}
    assert run_dag().state == "success"
    assert refused.on_platform() == [], "and the next run sends nothing either"


def test_clearing_the_task_of_a_retry_does_not_open_what_was_refused_again_meanwhile(refused: World) -> None:
    conf = {"document_ids": ids(refused, "FA-1"), "retry": True}
    asked_at = dt.datetime.now(dt.UTC)
    refuse(refused.simulator, times=1)
    run_dag(conf)
    before = refused.everything()
    assert refused.states()["FA-1"] == "refused"
    for task_id in ("collect_documents", "match_criteria", "map_fields", "plan_submission", "notify"):
        Stage(conf, run_after=asked_at).run(task_id)
        assert refused.everything() == before, task_id
    Stage(conf, run_after=asked_at).run("submit_invoices", provider_key=PROVIDER_KEY)
    assert refused.everything() == before


def test_a_retry_searches_an_unknown_one_at_once_and_never_sends_it_first(ready: World) -> None:
    fault(ready.simulator, operation="factures/soumettre", kind="drop_after_accept", times=1)
    fault(ready.simulator, operation="factures/rechercher/fournisseur", kind="server_error", times=1)
    run_dag({"document_ids": ids(ready, "FA-1")})
    assert ready.states()["FA-1"] == "unknown"
    assert run_dag({"document_ids": ids(ready, "FA-1"), "retry": True}).state == "success"
    assert ready.states() == {"FA-1": "submitted", "FA-2": "ready"}
    assert ready.on_platform() == ["FA-1"]


def test_where_a_person_decides_a_retry_sends_only_what_was_sent_before(refused: World) -> None:
    refused.configure(providers=[provider(FIRST, "chorus_first", automatic_submission=False)])
    refused.file("FA-3")
    run_dag()
    assert refused.states()["FA-3"] == "ready"
    run = run_dag({"document_ids": ids(refused, "FA-1", "FA-3"), "retry": True})
    assert run.state == "success"
    assert refused.on_platform() == ["FA-1"]
    assert refused.states() == {"FA-1": "submitted", "FA-2": "refused", "FA-3": "ready"}
