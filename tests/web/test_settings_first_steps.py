"""From an empty product to the first dry run: what is missing, where it is done, and what the doctor says of it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import invoices
from include.application.operations.doctor import step_checks
from include.application.operations.first_steps import StepName, first_steps, missing
from include.domain.configuration import Configuration, Criterion, Portal
from include.domain.lifecycle import State
from tests.factories import SUPPLIER
from tests.fakes.clock import START
from tests.web.conftest import Site, settings_of_the_site

STEPS, OPENS = "/settings/first-steps", "/settings/"
PORTAL = {"kind": "folder", "url": "file:///srv/portal"}


def stand(site: Site, wanted: Configuration, *, state: State = State.DETECTED, login: bool = False) -> None:
    """The product with this configuration, its invoices all in one state, its login tried or not."""
    store = site.services.store
    number, _ = store.configuration.current()
    store.configuration.save(wanted, expected_revision=number, actor="t", source="t", at=START, changes=())
    with store.database.write() as connection:
        connection.execute(sa.update(invoices).values(state=state))
    if login:
        store.providers.close_circuit(f"simulator:{SUPPLIER}", now=START)


def empty() -> Configuration:
    return Configuration(people=settings_of_the_site().people, administer=settings_of_the_site().administer)


def whole() -> Configuration:
    return settings_of_the_site().model_copy(update={"portal": Portal.model_validate(PORTAL)})


def undone(site: Site) -> list[str]:
    """The steps that are not done, which the page and the doctor call by the same sentences."""
    store = site.services.store
    _, now = store.configuration.current()
    steps = first_steps(store.configuration, store.providers, now)
    page = site.client("boss").get(STEPS).text
    checks = {check.name: check for check in step_checks(steps)}
    assert all(step.seen.said("fr").replace("'", "&#39;") in page for step in steps)
    assert all(str(step.seen) in f"{[str(check.seen) for check in checks.values()]}" for step in steps if not step.done)
    return [step.name.value for step in steps if not step.done]


def test_an_empty_product_lacks_everything_and_the_settings_open_there(site: Site) -> None:
    stand(site, empty())
    assert undone(site) == [name.value for name in StepName]
    assert site.client("boss").get(OPENS).headers["location"] == f"/chorus{STEPS}"
    page = site.client("boss").get(STEPS).text
    places = ("settings/file", "settings/providers", "settings/criteria")
    assert all(f'href="/chorus/{place}"' in page for place in places)
    assert re.findall(r'aria-current="step" data-step="(\w+)"', page) == ["portal"]
    assert f"/chorus{STEPS}/trial" not in page, "nothing can be tried yet"
    assert f"/chorus{STEPS}" in site.client("boss").get("/").text, "the dashboard leads there"


def test_the_steps_are_done_one_by_one_until_the_settings_open_with_the_providers(site: Site) -> None:
    stand(site, whole().model_copy(update={"criteria": ()}))
    assert undone(site) == ["provider", "criterion", "trial"]
    stand(site, whole(), login=True)
    assert undone(site) == ["trial"]
    stand(site, whole(), state=State.TO_COMPLETE, login=True)
    assert undone(site) == []
    assert site.client("boss").get(OPENS).headers["location"] == "/chorus/settings/providers"
    assert site.client("boss").get("/settings").headers["location"] == "/chorus/settings/providers"


def test_a_provider_without_a_login_that_worked_is_named(site: Site) -> None:
    stand(site, whole())
    assert "Aucune connexion à Chorus Pro n&#39;a encore réussi\N{NO-BREAK SPACE}: Durand." in (
        site.client("boss").get(STEPS).text
    )


@pytest.mark.parametrize("state", list(State))
def test_a_document_that_was_read_and_assessed_ends_the_trial(site: Site, state: State) -> None:
    stand(site, whole(), state=state, login=True)
    before = {State.DETECTED, State.IGNORED, State.MATCHED, State.READ, State.HELD, State.DISCARDED}
    assert undone(site) == (["trial"] if state in before else [])


def test_the_trial_is_a_dry_run_in_the_name_of_its_person(site: Site) -> None:
    stand(site, whole(), login=True)
    client, headers = site.client("boss"), site.form_headers("boss")
    answer = client.post(f"{STEPS}/trial", headers=headers)
    assert (answer.status_code, site.dag_runs.begun) == (303, {"asked__dry_run": "boss"})
    shown = client.get(answer.headers["location"].removeprefix("/chorus")).text
    assert "L&#39;essai est lancé." in shown and "/dags/chorus_auto_submission/runs/asked__dry_run" in shown
    site.dag_runs.paused = True
    again = client.post(f"{STEPS}/trial", headers=headers).headers["location"].removeprefix("/chorus")
    assert "en pause dans Airflow" in client.get(again).text
    site.dag_runs.missing = True
    assert client.post(f"{STEPS}/trial", headers=headers).status_code == 503


def test_nobody_else_sees_it_or_begins_a_trial(site: Site) -> None:
    for name in ("anna", "nobody"):
        client = site.client(name)
        assert client.get(STEPS).status_code == client.get(OPENS).status_code == 403
        assert client.post(f"{STEPS}/trial", headers=site.form_headers(name)).status_code == 403
    assert site.dag_runs.begun == {}
    stand(site, empty())
    assert STEPS not in site.client("anna").get("/").text


def test_the_doctor_finds_fault_with_what_is_missing_but_not_with_a_trial_that_waits(site: Site) -> None:
    store = site.services.store
    stand(site, empty())
    steps = first_steps(store.configuration, store.providers, empty())
    checks = {check.name: check for check in step_checks(steps)}
    assert {name: check.ok for name, check in checks.items()} == {
        "portal": False,
        "providers": False,
        "criteria": False,
        "trial": True,
    }
    assert "chorus config apply" in str(checks["criteria"].todo)
    assert "chorus run submission --dry-run" in str(checks["trial"].seen)
    stand(site, whole(), state=State.READY, login=True)
    done = first_steps(store.configuration, store.providers, whole())
    assert not missing(done)
    assert [(check.name, check.ok, check.todo) for check in step_checks(done)] == [
        ("providers", True, ""),
        ("criteria", True, ""),
        ("trial", True, ""),
    ], "a portal that is there was looked at already"


def test_a_criterion_before_the_portal_can_not_be_tried(site: Site) -> None:
    criterion = Criterion(name="a", folder="/")
    stand(site, empty().model_copy(update={"criteria": (criterion,)}))
    assert "Possible dès que le portail" in site.client("boss").get(STEPS).text
