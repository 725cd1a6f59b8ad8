"""The configuration as one file, on its page and for programs: compared first, applied to what was compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx import Response

from include.domain.errors import LoginRefusedError
from tests.factories import SUPPLIER
from tests.fakes.chorus import FakePlatform
from tests.web.conftest import Site, json_of

ADDED = """
criteria: [{name: invoices, classification_rule: Facture client, since: always}]
"""
FAULTY = 'version: 1\ncriteria:\n  - {name: a, folder: no-slash}\n    # more\n  - {name: b, foldr: "/x"}\n'


def post(site: Site, call: str, **json: Any) -> Response:
    answer: Response = site.client("boss").post(f"/api/v1/config/{call}", headers=site.form_headers("boss"), json=json)
    return answer


def send(site: Site, path: str = "", **data: Any) -> Response:
    answer: Response = site.client("boss").post(
        f"/settings/file{path}", headers=site.form_headers("boss"), data=data, files={"file": ("", b"")}
    )
    return answer


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def revision(site: Site) -> int:
    return site.services.store.configuration.current()[0]


def save(site: Site, **changes: Any) -> None:
    """Somebody else saves meanwhile."""
    store = site.services.store.configuration
    number, before = store.current()
    after = before.model_validate({**before.model_dump(mode="json", exclude_unset=True), **changes})
    store.save(after, expected_revision=number, actor="claire", source="s", at=site.services.clock.now(), changes=[])


def test_the_file_that_is_exported_changes_nothing(site: Site) -> None:
    told = json_of(site.client("boss").get("/api/v1/config"))
    assert SUPPLIER in told["yaml"] and told["revision"] == 1
    planned = json_of(post(site, "plan", yaml=told["yaml"]))
    assert (planned["changes"], planned["invoices"], planned["stops"]) == ([], 0, [])
    file = site.client("boss").get("/settings/file/chorus.yaml")
    assert file.text == told["yaml"]
    assert file.headers["content-disposition"] == 'attachment; filename="chorus-1.yaml"'


def test_a_plan_tells_what_would_change_and_whom_it_touches(site: Site) -> None:
    planned = json_of(post(site, "plan", yaml=ADDED))
    changes = [(one["section"], one["action"], one["item"]) for one in planned["changes"]]
    assert changes == [("criteria", "removed", "customer invoices"), ("criteria", "added", "invoices")]
    assert planned["invoices"] == 3
    assert "+ invoices" in planned["diff"]
    stopping = json_of(post(site, "plan", yaml="providers: []"))
    assert stopping["stops"] == ["Durand"]
    assert revision(site) == 1, "a plan stores nothing"


def test_applying_names_the_revision_that_was_seen(site: Site, platform: FakePlatform) -> None:
    applied = json_of(post(site, "apply", yaml=ADDED, revision=1))
    assert applied == {
        "revision": 2,
        "logins": [{"provider": "Durand", "ok": True, "half": None, "message": "", "todo": ""}],
    }
    stale = post(site, "apply", yaml="criteria: []", revision=1)
    assert (stale.status_code, json_of(stale)["error"]["code"], revision(site)) == (409, "stale", 2)


def test_a_login_that_fails_is_told_with_its_half(
    site: Site, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: object) -> None:
        raise LoginRefusedError("account_refused", half="account")

    gateway = type(site.services.chorus.gateway(site.services.store.configuration.current()[1].providers[0]))
    monkeypatch.setattr(gateway, "check", refused)
    [login] = json_of(post(site, "apply", yaml=ADDED, revision=1))["logins"]
    assert (login["ok"], login["half"]) == (False, "account")
    page = send(site, "/apply", yaml="criteria: []", **_compared(site, "criteria: []"))
    told = site.client("boss").get(page.headers["location"].removeprefix("/chorus")).text
    assert "Une connexion à Chorus Pro est refusée" in told


def test_faults_have_line_column_and_way(site: Site) -> None:
    answer = post(site, "plan", yaml=FAULTY)
    assert answer.status_code == 422
    told = json_of(answer)
    assert told["error"]["code"] == "configuration_file"
    places = [(one["line"], one["column"], one["path"]) for one in told["faults"]]
    assert (3, 15, "criteria[a].folder") in places and (5, 15, "criteria[b].foldr") in places
    page = send(site, yaml=FAULTY)
    assert page.status_code == 422
    assert 'data-line="3" data-column="15"' in page.text
    assert "no-slash}" in page.text.split("</textarea>")[0], "what was typed is kept"
    assert "no-slash" in page.text.split('class="line"')[1], "the line stands beside its fault"


def test_a_text_that_is_no_yaml_and_one_that_is_too_large_are_refused(site: Site) -> None:
    assert json_of(post(site, "plan", yaml="a: [\n"))["faults"][0]["line"] == 2
    assert post(site, "plan", yaml="#" * 1_000_001).status_code == 413
    assert send(site, yaml="#" * 1_000_001).status_code == 413


def _compared(site: Site, text: str) -> dict[str, str]:
    page = send(site, yaml=text, revision=str(revision(site))).text
    return {"revision": hidden(page, "revision"), "compared": hidden(page, "compared")}


def test_on_the_page_a_text_is_compared_and_then_applied(site: Site, platform: FakePlatform) -> None:
    shown = send(site, yaml=ADDED, revision="1")
    assert shown.status_code == 200 and "classification_rule: Facture client" in shown.text
    assert "3 factures pas encore envoyées" in shown.text
    answer = send(site, "/apply", yaml=ADDED, **_compared(site, ADDED))
    assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/settings/file?applied=2")
    assert "La révision 2 est en vigueur" in site.client("boss").get("/settings/file?applied=2").text
    newest = json_of(site.client("boss").get("/api/v1/config/history"))["items"][0]
    assert (newest["actor"], newest["source"]) == ("boss", "screens/file")


def test_an_uploaded_file_takes_the_place_of_the_text(site: Site) -> None:
    answer = site.client("boss").post(
        "/settings/file",
        headers=site.form_headers("boss"),
        data={"yaml": "version: 1", "revision": "1"},
        files={"file": ("mine.yaml", ADDED.encode())},
    )
    assert "Facture client" in answer.text.split("</textarea>")[0]


def test_only_the_text_whose_plan_was_shown_is_applied(site: Site, platform: FakePlatform) -> None:
    compared = _compared(site, ADDED)
    answer = send(site, "/apply", yaml=ADDED.replace("invoices", "others"), **compared)
    assert (answer.status_code, revision(site)) == (422, 1)
    assert "le texte a changé depuis la comparaison" in answer.text


def test_what_stops_a_provider_has_to_be_confirmed(site: Site, platform: FakePlatform) -> None:
    stopping = "providers: []\nlabel_rights: []"
    compared = _compared(site, stopping)
    asked = send(site, "/apply", yaml=stopping, **compared)
    assert (asked.status_code, revision(site)) == (422, 1)
    assert "confirmez" in asked.text and "Durand" in asked.text
    assert send(site, "/apply", yaml=stopping, stops_read="1", **compared).status_code == 303
    assert site.services.store.configuration.current()[1].providers == ()


def test_the_second_of_two_administrators_sees_what_changed_and_chooses(site: Site, platform: FakePlatform) -> None:
    compared = _compared(site, ADDED)
    save(site, recipients=[{"siret": "12345678200051", "wordings": ["Mairie"]}])
    answer = send(site, "/apply", yaml=ADDED, **compared)
    assert (answer.status_code, revision(site)) == (409, 2), "nothing is overwritten in silence"
    assert "claire" in answer.text and "Garder les miennes" in answer.text and "Prendre les leurs" in answer.text
    again = {"revision": hidden(answer.text, "revision"), "compared": hidden(answer.text, "compared")}
    assert send(site, "/apply", yaml=ADDED, **again).status_code == 303
    kept = site.services.store.configuration.current()[1]
    assert [one.siret for one in kept.recipients] == ["12345678200051"] and [one.name for one in kept.criteria] == [
        "invoices"
    ]


def test_only_who_administers_reaches_the_settings(site: Site) -> None:
    for path in ("/settings/", "/settings/file", "/settings/file/chorus.yaml", "/settings/history", "/api/v1/config"):
        assert site.client("anna").get(path).status_code == 403, path
    assert "Configuration" not in site.client("anna").get("/documents").text
    assert 'href="/chorus/settings/providers"' in site.client("boss").get("/documents").text
