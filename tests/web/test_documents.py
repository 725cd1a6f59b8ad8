"""The list of documents to be submitted: its page and its JSON twin."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of


def _rows(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-document="(\d+)"', text)]


@pytest.mark.parametrize(
    ("user", "query", "rows"),
    [
        ("anna", "", [3, 1]),
        ("anna", "?sort=-arrived", [1, 3]),
        ("anna", "?tab=ready", [2]),
        ("anna", "?tab=all&sort=number", [3, 1, 2]),
        ("anna", "?q=fa-001", [1]),
        ("anna", "?provider=none", [3]),
        ("anna", "?tab=all&reason=two_invoices&reason=other", [1]),
        ("anna", "?arrived_to=19/11/2026", [3]),
        ("bob", "?tab=all", [2]),
        ("bob", "", []),
        ("anna", "?tab=held", []),
        ("anna", "?q=nothing", []),
        ("boss", "?tab=all", [3]),
    ],
)
def test_page_and_json_show_the_same_rows(site: Site, user: str, query: str, rows: list[int]) -> None:
    answer = site.client(user).get(f"/documents{query}")
    assert (answer.status_code, _rows(answer.text)) == (200, rows)
    listed = json_of(site.client(user).get(f"/api/v1/documents{query}"))
    assert [row["id"] for row in listed["items"]] == rows
    assert listed["total"] == len(rows)


@pytest.mark.parametrize(
    "query",
    [
        "?tab=nothing",
        "?sort=color",
        "?arrived_from=2026-13-01",
        "?provider=nobody",
        "?after=torn",
        "?limit=0",
        "?limit=201",
        "?limit=many",
    ],
)
def test_a_wrong_query_is_refused_in_words(site: Site, query: str) -> None:
    assert site.client("anna").get(f"/documents{query}").status_code == 422
    error = json_of(site.client("anna").get(f"/api/v1/documents{query}"))["error"]
    assert error["code"] == "input"
    assert error["message"]


def test_pages_follow_each_other_and_lead_back(site: Site) -> None:
    get = site.client("anna").get
    first = json_of(get("/api/v1/documents?tab=all&limit=2"))
    second = json_of(get("/api/v1/documents", params={"tab": "all", "limit": 2, "after": first["after"]}))
    back = json_of(get("/api/v1/documents", params={"tab": "all", "limit": 2, "before": second["before"]}))
    assert [row["id"] for row in first["items"] + second["items"]] == [3, 1, 2]
    assert (second["after"], back["items"]) == (None, first["items"])


def test_reasons_stand_under_the_document_in_the_readers_language(site: Site) -> None:
    row = json_of(site.client("anna").get("/api/v1/documents?q=fa-001"))["items"][0]
    english = json_of(site.client("anna", **{"accept-language": "en"}).get("/api/v1/documents?q=fa-001"))["items"][0]
    assert row["reasons"][0]["message"] != english["reasons"][0]["message"]
    page = site.client("anna").get("/documents?q=fa-001").text
    assert row["reasons"][0]["message"].replace("'", "&#39;") in page


def test_names_with_markup_are_shown_as_text(site: Site) -> None:
    with site.services.store.database.write() as connection:
        seed(connection, 5, recipient_name="<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}\nX")
    page = site.client("anna").get("/documents").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nX" in page  # in a page a line break is a blank


class TestActions:
    def _act(
        self, site: Site, action: str, user: str = "anna", number: int = 1, **body: object
    ) -> tuple[int, dict[str, Any]]:
        answer = site.client(user).post(
            f"/api/v1/documents/{number}/{action}", json=body, headers=site.form_headers(user)
        )
        return answer.status_code, json_of(answer)

    def _version(self, site: Site, number: int = 1) -> int:
        version: int = json_of(site.client("anna").get(f"/api/v1/documents/{number}"))["version"]
        return version

    def test_held_with_a_reason_and_released(self, site: Site) -> None:
        status, held = self._act(site, "hold", version=self._version(site), reason="asks back")
        assert (status, held["state"], held["held_reason"]) == (200, "held", "asks back")
        assert held["moves"][-1]["actor"] == "anna"
        status, released = self._act(site, "release", version=held["version"])
        assert (status, released["state"]) == (200, "to_complete")

    def test_holding_needs_a_reason(self, site: Site) -> None:
        status, answer = self._act(site, "hold", version=self._version(site), reason=" ")
        assert (status, answer["error"]["code"]) == (422, "input")

    def test_the_second_of_two_people_is_told(self, site: Site) -> None:
        seen = self._version(site)
        assert self._act(site, "hold", version=seen, reason="first")[0] == 200
        status, answer = self._act(site, "discard", version=seen, reason="second")
        assert (status, answer["error"]["code"]) == (409, "changed")

    def test_what_a_person_does_not_see_is_not_there(self, site: Site) -> None:
        for number in (1, 999):
            status, answer = self._act(site, "hold", user="bob", number=number, version=1, reason="x")
            assert (status, answer["error"]["code"]) == (404, "not_there")
        assert site.client("bob").get("/api/v1/documents/1").status_code == 404

    def test_an_action_that_the_state_forbids(self, site: Site) -> None:
        status, answer = self._act(site, "release", version=self._version(site))
        assert (status, answer["error"]["code"]) == (409, "not_now")

    def test_two_people_type_values(self, site: Site) -> None:
        seen = self._version(site)
        one, two = (
            site.client("anna").patch(
                "/api/v1/documents/1/fields",
                json={"version": seen, "values": {"total_incl_tax": amount}},
                headers=site.form_headers("anna"),
            )
            for amount in ("1 900,00", "2000")
        )
        assert (one.status_code, two.status_code) == (200, 409)
        conflict = json_of(two)["conflicts"]["total_incl_tax"]
        assert (conflict["stored"], conflict["yours"], conflict["by"]) == ("1900.00", "2000.00", "anna")
        assert json_of(two)["error"]["code"] == "changed"


@pytest.mark.parametrize("done", ["", "x", "999", "9" * 40, "²", "-1"])
def test_the_list_says_what_became_of_the_last_one_and_of_nothing_else(site: Site, done: str) -> None:
    answer = site.client("anna").get("/documents", params={"done": "1", "tab": "held"})
    done_line = 'class="msg ok" role="status"'
    assert "FA-001" in answer.text and done_line in answer.text
    for path in ("/documents", "/documents/1"):
        answer = site.client("anna").get(path, params={"done": done})
        assert answer.status_code == 200
        assert done_line not in answer.text
    assert done_line not in site.client("bob").get("/documents?done=1").text, "Bob does not see it"
