"""Criteria on their page and for programs: tried before they are saved, never laid over somebody else's change."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response

from include.web.routes.settings import criteria as settings_criteria
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/criteria"
FOLDER = {"name": "accounting", "kind": "folder", "folder": "/Factures", "subfolders": "1"}


def send(site: Site, path: str = "", **data: Any) -> Response:
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=data)
    return answer


def opened(site: Site, name: str = "customer invoices") -> dict[str, str]:
    """What the form of a criterion carries, as somebody opens it."""
    page = site.client("boss").get(PAGE, params={"name": name})
    assert page.status_code == 200, page.text[:300]
    return {"identity": name, "digest": hidden(page.text.split('id="form"')[1], "digest")}


def criteria(site: Site) -> list[str]:
    return [one.name for one in site.services.store.configuration.current()[1].criteria]


def try_it(site: Site, **criterion: Any) -> Response:
    answer: Response = site.client("boss").post(
        "/api/v1/criteria/try", headers=site.form_headers("boss"), json={"criterion": criterion}
    )
    return answer


def test_a_new_criterion_without_a_date_begins_now_and_stands_last(site: Site) -> None:
    answer = send(site, **FOLDER, since="")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?done=2")
    added = site.services.store.configuration.current()[1].criteria[-1]
    assert (added.folder, added.subfolders, added.classification_rule) == ("/Factures", True, None)
    assert added.since is not None and added.since != "always"
    newest = json_of(site.client("boss").get("/api/v1/config/history"))["items"][0]
    assert (newest["source"], newest["actor"]) == ("screens/criteria", "boss")


def test_a_form_that_is_saved_as_it_was_opened_changes_nothing(site: Site) -> None:
    for number, since in enumerate(("", "26/11/2026", "toujours", "2026-11-26"), start=1):
        assert send(site, **{**FOLDER, "name": f"c{number}"}, since=since).status_code == 303, since
    before = revision(site)
    page = site.client("boss").get(PAGE, params={"name": "c1"}).text
    shown = page.split('id="since"')[1].split('value="')[1].split('"')[0]
    answer = send(site, **{**FOLDER, "name": "c1"}, since=shown, **opened(site, "c1"))
    assert (answer.status_code, revision(site)) == (303, before), "to the second"
    dates = {one.name: str(one.since) for one in site.services.store.configuration.current()[1].criteria}
    assert (dates["c2"], dates["c3"], dates["c4"]) == ("2026-11-26", "always", "2026-11-26")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"folder": "no-slash"}, "folder"),
        ({"folder": ""}, "folder"),
        ({"since": "soon"}, "since"),
        ({"name": "customer invoices"}, "name"),
        ({"kind": "rule"}, "classification_rule"),
    ],
)
def test_what_is_wrong_is_said_at_its_control_and_everything_typed_is_kept(
    site: Site, wrong: dict[str, str], field: str
) -> None:
    answer = send(site, **{**FOLDER, **wrong})
    assert (answer.status_code, revision(site)) == (422, 1)
    assert f'href="#{field}"' in answer.text
    control = answer.text.split(f'id="{field}"')[1].split(">")[0]
    assert 'aria-invalid="true"' in control
    assert 'value="/Factures"' in answer.text or "folder" in wrong
    assert not [word for word in ("ou null", "ou always", "guillemets") if word in answer.text]


def test_a_trial_on_the_unsaved_form_stores_nothing_and_tells_how_many_more(site: Site) -> None:
    told = json_of(try_it(site, name="customer invoices", classification_rule="Other", since="always"))
    assert told["documents"] > 0 and told["taken"] == 0
    everything = json_of(try_it(site, name="all", folder="/", subfolders=True, since="always"))
    assert everything["taken"] == everything["documents"]
    assert {"document", "outcome", "message"} <= everything["sample"][0].keys()
    assert all(one["message"] for one in everything["sample"])
    page = send(site, "/try", name="all", kind="folder", folder="/", subfolders="1", since="toujours")
    assert page.status_code == 200 and f"Ce critère prendrait {everything['taken']} documents" in page.text
    assert revision(site) == 1
    refused = try_it(site, name="x", folder="no-slash")
    assert (refused.status_code, list(json_of(refused)["fields"])) == (422, ["folder"])


def test_what_would_leave_or_come_in_is_confirmed_where_it_is_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_criteria, "MANY", 1)
    save(site, criteria=[{"name": "customer invoices", "classification_rule": "Other"}])
    with site.services.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE invoices SET state = 'ignored' WHERE id = 1")
    everything = {"name": "all", "kind": "folder", "folder": "/", "subfolders": "1", "since": "always"}
    asked = send(site, **everything)
    assert (asked.status_code, revision(site)) == (200, 2)
    assert "Confirmer" in asked.text and "1 en plus, 0 en moins" in asked.text
    effect = hidden(asked.text.split('id="form"')[1], "effect")
    assert send(site, **everything, effect="9/9").status_code == 200, "other numbers than were shown"
    assert send(site, **everything, effect=effect).status_code == 303
    asked = send(site, "/remove", **opened(site, "all"))
    assert (asked.status_code, criteria(site)) == (200, ["customer invoices", "all"])
    assert "2 factures quitteraient le connecteur" in asked.text
    effect = hidden(asked.text.split('id="form"')[1], "effect")
    assert send(site, "/remove", **opened(site, "all"), effect=effect).status_code == 303
    assert criteria(site) == ["customer invoices"]


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    form = opened(site)
    save(site, recipients=[{"siret": "12345678200051"}])
    assert send(site, "/try", **FOLDER, **form).status_code == 200, "another part of the configuration disturbs nobody"
    stored = site.services.store.configuration.current()[1].criteria[0].model_dump(mode="json")
    save(site, criteria=[{**stored, "classification_rule": "Theirs"}])
    mine = {"name": "customer invoices", "kind": "rule", "classification_rule": "Mine", "since": "toujours"}
    answer = send(site, **mine, **form)
    assert (answer.status_code, revision(site)) == (409, 3)
    assert "Theirs" in answer.text and 'value="Mine"' in answer.text
    assert "Garder les miennes" in answer.text and "Prendre les leurs" in answer.text
    kept = {"identity": "customer invoices", "digest": hidden(answer.text.split('id="form"')[1], "digest")}
    assert send(site, **mine, **kept).status_code == 303
    assert site.services.store.configuration.current()[1].criteria[0].classification_rule == "Mine"


def test_a_criterion_that_somebody_removed_comes_back_only_when_it_is_asked_for(site: Site) -> None:
    form = opened(site)
    save(site, criteria=[])
    mine = {"name": "customer invoices", "kind": "rule", "classification_rule": "Facture client"}
    answer = send(site, **mine, **form)
    assert (answer.status_code, criteria(site)) == (409, [])
    assert send(site, **mine, identity=hidden(answer.text.split('id="form"')[1], "identity")).status_code == 303
    assert criteria(site) == ["customer invoices"]


def test_the_order_changes_one_place_at_a_time(site: Site) -> None:
    send(site, **FOLDER)
    assert send(site, "/up", identity="accounting").status_code == 303
    assert criteria(site) == ["accounting", "customer invoices"]
    assert send(site, "/up", identity="accounting").status_code == 303
    assert criteria(site) == ["accounting", "customer invoices"]
    assert send(site, "/up", identity="nobody").status_code == 404


def test_older_documents_are_shown_first_and_taken_only_as_shown(site: Site) -> None:
    save(site, criteria=[])
    send(site, name="late", kind="folder", folder="/", subfolders="1")
    with site.services.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE invoices SET state = 'ignored' WHERE id = 1")
    page = site.client("boss").get(PAGE, params={"older": "late"})
    count = hidden(page.text.split('id="older"')[1], "effect")
    assert count == "1"
    assert send(site, "/older", identity="late", effect="2").status_code == 409, "other ones than were shown"
    answer = send(site, "/older", identity="late", effect=count)
    assert answer.headers["location"] == f"/chorus{PAGE}?taken=1"
    assert "Aucun document plus ancien" in site.client("boss").get(PAGE, params={"older": "late"}).text


def test_the_list_tells_what_each_takes(site: Site) -> None:
    told = json_of(site.client("boss").get("/api/v1/criteria"))
    assert [one["name"] for one in told["items"]] == criteria(site)
    assert {"taken", "too_old"} <= told["items"][0].keys()
    assert site.client("anna").get("/api/v1/criteria").status_code == 403
