"""Selection in the list, actions on it by plain forms, and the page of a job."""

from __future__ import annotations

import re
from typing import Any

import pytest

from include.domain.lifecycle import State
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of
from tests.web.test_bulk import ask, states


def post(site: Site, user: str = "anna", **form: Any) -> Any:
    headers = {name: value for name, value in site.form_headers(user).items() if name != "x-csrf-token"}
    form["csrf_token"] = site.form_headers(user)["x-csrf-token"]
    return site.client(user).post("/documents/bulk", data=form, headers=headers)


def where(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["location"].removeprefix("/chorus")
    return place


class TestList:
    def test_every_row_has_its_box_and_each_tab_its_actions(self, site: Site) -> None:
        shown = site.client("anna").get("/documents").text
        assert re.findall(r'name="ids" value="(\d+)"', shown) == ["3", "1"]
        wanted = {
            "todo": ["submit", "hold", "reread", "discard"],
            "ready": ["submit", "hold", "reread", "discard"],
            "all": ["submit", "hold", "release", "reread", "discard", "restore"],
        }
        for tab, actions in wanted.items():
            bar = re.search(r'class="bulk".*?</form>', site.client("anna").get(f"/documents?tab={tab}").text, re.DOTALL)
            assert bar
            assert list(dict.fromkeys(re.findall(r'name="action" value="(\w+)"', bar[0]))) == actions

    def test_filters_stand_as_chips_and_each_goes_by_its_own_link(self, site: Site) -> None:
        shown = site.client("anna").get("/documents?reason=two_invoices&reason=not_pdf&recipient=evry").text
        assert re.findall(r'<input type="hidden" name="reason" value="(\w+)">', shown) == ["two_invoices", "not_pdf"]
        chips = [link for link in re.findall(r'href="([^"]*)"', shown) if "recipient" in link]
        assert any("reason=not_pdf" in link and "two_invoices" not in link for link in chips)
        assert 'value="evry"' in shown
        assert site.client("anna").get("/documents?recipient=nobody").text.count("data-document") == 0

    def test_documents_without_a_provider_can_be_asked_for_by_who_sees_them(self, site: Site) -> None:
        assert '<option value="none"' in site.client("anna").get("/documents").text
        assert '<option value="none"' not in site.client("bob").get("/documents?tab=all").text

    def test_all_of_a_filter_is_offered_where_it_is_more_than_a_page(self, site: Site) -> None:
        assert 'name="all"' not in site.client("anna").get("/documents?tab=all").text
        assert 'name="all"' in site.client("anna").get("/documents?tab=all&limit=1").text

    def test_who_uses_no_provider_is_offered_no_adding(self, site: Site) -> None:
        assert "/chorus/add" in site.client("anna").get("/documents").text
        assert "/chorus/add" not in site.client("boss").get("/documents").text


class TestForms:
    def test_what_goes_well_leads_back_to_the_list_which_says_so(self, site: Site) -> None:
        place = where(post(site, ids=["1", "3"], action="hold", reason=["", "asks back"], list="tab=todo&sort=number"))
        assert place == "/documents?tab=todo&sort=number&job=1"
        shown = site.client("anna").get(place).text
        assert "2 documents mis de côté" in shown
        assert states(site) == {1: "held", 2: "ready", 3: "held", 4: "to_process"}
        assert "mis de côté" not in site.client("anna").get("/documents?job=999").text
        assert "mis de côté" not in site.client("bob").get("/documents?tab=all&job=1").text

    def test_a_reason_that_is_missing_is_asked_for_and_nothing_is_lost(self, site: Site) -> None:
        answer = post(site, ids=["1", "3"], action="discard", list="tab=todo")
        assert answer.status_code == 422
        assert re.findall(r'name="ids" value="(\d+)"', answer.text) == ["1", "3"]
        assert 'name="list" value="tab=todo"' in answer.text and 'value="discard"' in answer.text
        assert states(site)[1] == "to_complete"

    def test_all_of_the_filter_is_what_the_list_shows_on_all_its_pages(self, site: Site) -> None:
        query = "tab=all&q=fa-&limit=1&after=somewhere"
        where(post(site, ids=["1"], all="1", action="hold", reason="x", list=query))
        assert states(site) == {1: "held", 2: "held", 3: "to_complete", 4: "to_process"}

    def test_what_needs_a_look_leads_to_the_job(self, site: Site) -> None:
        place = where(post(site, ids=["1", "2"], action="submit", list="tab=all"))
        assert place == "/jobs/1?list=tab%3Dall"
        shown = site.client("anna").get(place).text
        assert "1 sur 2 traités." in shown and "data-running" in shown
        assert "Non envoyée" in shown and "En attente" in shown
        assert 'href="/chorus/documents?tab=all"' in shown

    @pytest.mark.parametrize("form", [{"action": "explode", "ids": ["1"]}, {"action": "reread"}, {"ids": ["1"]}])
    def test_what_no_page_sends_is_refused(self, site: Site, form: dict[str, Any]) -> None:
        assert post(site, **form).status_code == 422

    def test_what_is_not_theirs_is_only_said(self, site: Site) -> None:
        place = where(post(site, "bob", ids=["1"], action="hold", reason="x"))
        assert "Introuvable" in site.client("bob").get(place).text
        assert states(site)[1] == "to_complete"


class TestJob:
    def test_it_is_seen_by_who_asked(self, site: Site) -> None:
        ask(site, ids=[2], action="submit")
        for address in ("/jobs/1", "/jobs/1/results.csv"):
            assert [site.client(who).get(address).status_code for who in ("anna", "bob")] == [200, 404]
        assert site.client("bob").post("/jobs/1/stop", headers=site.form_headers("bob")).status_code == 404

    def test_it_says_why_nothing_moves_and_can_be_stopped(self, site: Site) -> None:
        ask(site, ids=[2], action="submit")
        site.flow.paused = True
        shown = site.client("anna").get("/jobs/1").text
        assert "en pause" in shown and "/chorus/jobs/1/stop" in shown
        stopped = site.client("anna").post("/jobs/1/stop", headers=site.form_headers("anna"))
        shown = site.client("anna").get(where(stopped)).text
        assert "Arrêté" in shown and "data-running" not in shown and "en pause" not in shown

    def test_what_needs_a_look_stands_first_and_a_page_has_an_end(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("include.web.routes.jobs.MOST_SHOWN", 2)
        with site.services.store.database.write() as connection:
            for number in (5, 6):
                seed(connection, number, state=State.READY if number == 5 else State.UNREADABLE)
        ask(site, ids=[1, 2, 4, 5, 6], action="submit")
        shown = site.client("anna").get("/jobs/1").text
        assert re.findall(r'data-document="(\d+)"', shown) == ["1", "6"]
        assert "3 autres documents" in shown

    def test_the_file_has_everything_and_runs_nothing(self, site: Site) -> None:
        with site.services.store.database.write() as connection:
            seed(connection, 5, state=State.UNREADABLE, invoice_number="=1+1", reasons=("two_invoices",))
        ask(site, ids=[2, 5, 999], action="submit")
        answer = site.client("anna").get("/jobs/1/results.csv")
        lines = answer.text.splitlines()
        assert answer.content.startswith(b"\xef\xbb\xbf") and len(lines) == 4
        assert lines[1].startswith('"=""=1+1""";"5.pdf";')
        assert "chorus-1.csv" in answer.headers["content-disposition"]

    def test_a_job_about_nothing_is_over(self, site: Site) -> None:
        _, job = ask(site, filter={"q": "nothing"}, action="reread")
        shown = site.client("anna").get(f"/jobs/{job['id']}").text
        assert "data-running" not in shown
        assert json_of(site.client("anna").get(f"/api/v1/jobs/{job['id']}"))["results"] == []
