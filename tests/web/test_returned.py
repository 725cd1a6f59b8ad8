"""Returned invoices: the list, the form that answers each kind, a try without sending, the proof; and its JSON twin."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from include.application.tracking.retrieve_invoices import retrieve_invoices
from tests.factories import BODY, SUPPLIER, a_submission
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of

RETURNED = {"SUSP-1": "SUSPENDUE", "RECY-1": "A_RECYCLER", "REJE-1": "REJETEE"}


@pytest.fixture
def platform(site: Site, clock: FakeClock) -> FakePlatform:
    """Three invoices that came back for three reasons, as a night brought them here."""
    held = FakePlatform(clock)
    site.services.__dict__["chorus"] = FakeChorus(held)
    for number, status in RETURNED.items():
        held.take(a_submission(number, supplier_siret=SUPPLIER)).move(status, clock.now(), "Merci de <b>corriger</b>")
    [provider] = site.services.store.configuration.current()[1].providers
    retrieve_invoices(provider, site.services.retrieving())
    return held


def _id(site: Site, number: str) -> int:
    rows = json_of(site.client("anna").get("/api/v1/returned?limit=200"))["items"]
    return next(int(row["id"]) for row in rows if row["invoice_number"] == number)


def _status(platform: FakePlatform, number: str) -> str:
    return platform.visible(SUPPLIER, number)[0].status


def test_the_list_by_kind_with_what_answers_each(site: Site, platform: FakePlatform) -> None:
    rows = json_of(site.client("anna").get("/api/v1/returned"))["items"]
    actions = {row["invoice_number"]: row["action"] for row in rows if row["invoice_number"] in RETURNED}
    assert actions == {"SUSP-1": "complete", "RECY-1": "recycle", "REJE-1": "reject-handled"}
    text = site.client("anna").get("/returned?tab=rejected").text
    assert re.findall(r'data-invoice="(\d+)"', text) == [str(_id(site, "REJE-1"))]
    assert "<b>corriger</b>" not in text
    assert "Merci de &lt;b&gt;corriger&lt;/b&gt;" in text


def test_a_try_sends_nothing_and_shows_what_would_be(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "SUSP-1")
    answer = site.client("anna").post(
        f"/returned/{number}/complete", data={"comment": "le voici", "dry_run": "1"}, headers=site.form_headers("anna")
    )
    assert answer.status_code == 200
    assert "le voici" in answer.text
    assert _status(platform, "SUSP-1") == "SUSPENDUE"


def test_after_a_try_with_a_file_nothing_goes_without_it(site: Site, platform: FakePlatform) -> None:
    """A browser forgets chosen files when a page is loaded: the form asks for them again before it sends."""
    number = _id(site, "SUSP-1")
    control = re.compile(r'<input id="attachments"[^>]*>')
    assert "required" not in control.findall(site.client("anna").get(f"/returned/{number}").text)[0]
    tried = site.client("anna").post(
        f"/returned/{number}/complete",
        data={"comment": "le voici", "dry_run": "1"},
        files=[("attachments", ("bl.pdf", b"%PDF-1.4 x", "application/pdf"))],
        headers=site.form_headers("anna"),
    )
    assert "required" in control.findall(tried.text)[0]
    assert _status(platform, "SUSP-1") == "SUSPENDUE"


def test_completing_with_a_file_goes_on_to_the_next_with_the_proof(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "SUSP-1")
    answer = site.client("anna").post(
        f"/returned/{number}/complete",
        data={"comment": "le voici"},
        files=[("attachments", ("bl.pdf", b"%PDF-1.4 x", "application/pdf"))],
        headers=site.form_headers("anna"),
    )
    follows = _id(site, "RECY-1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus/returned/{follows}?done={number}")
    assert _status(platform, "SUSP-1") == "COMPLETEE"
    text = site.client("anna").get(f"/returned/{follows}?done={number}").text
    assert 'role="status"' in text and "Complétée" in text
    assert f'href="/chorus/invoices/{number}/evidence.zip"' in text
    gone = site.client("anna").get(f"/returned/{number}")
    assert (gone.status_code, gone.headers["location"]) == (303, f"/chorus/invoices/{number}")
    attempts = json_of(site.client("anna").get(f"/api/v1/invoices/{number}"))["moves"]
    assert "anna" in {move["actor"] for move in attempts}


def test_a_completion_that_says_nothing_keeps_the_page_with_the_reason(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "SUSP-1")
    answer = site.client("anna").post(f"/returned/{number}/complete", data={}, headers=site.form_headers("anna"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert _status(platform, "SUSP-1") == "SUSPENDUE"


def test_recycling_keeps_what_was_typed_when_it_is_refused(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "RECY-1")
    answer = site.client("anna").post(
        f"/returned/{number}/recycle", data={"recipient_siret": "12345"}, headers=site.form_headers("anna")
    )
    assert answer.status_code == 422
    assert _status(platform, "RECY-1") == "A_RECYCLER"


def test_a_rejection_is_handled_by_a_program(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "REJE-1")
    call = site.client("anna", bearer=True).post
    tried = json_of(call(f"/api/v1/invoices/{number}/reject-handled", json={"dry_run": True}))
    assert tried["outcome"] == "would be sent"
    done = call(f"/api/v1/invoices/{number}/reject-handled", json={})
    assert (done.status_code, json_of(done)["outcome"]) == (200, "closed")
    again = call(f"/api/v1/invoices/{number}/reject-handled", json={})
    assert (again.status_code, json_of(again)["error"]["code"]) == (409, "correction_not_allowed")
    assert json_of(again)["reasons"]


def test_nobody_answers_for_others(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "SUSP-1")
    headers = site.form_headers("bob")
    assert (
        site.client("bob").post(f"/returned/{number}/complete", data={"comment": "x"}, headers=headers).status_code
        == 404
    )
    assert site.client("bob").get(f"/returned/{number}").status_code == 404
    assert site.client("boss").get("/returned").status_code == 403


def test_the_last_of_a_tab_goes_back_to_the_tab(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "REJE-1")
    anna = site.client("anna")
    text = anna.get("/returned?tab=rejected&sort=-deadline").text
    action = re.search(r'<form[^>]* action="/chorus(/returned/[^"]+)"', text)
    assert action
    answer = anna.post(html.unescape(action[1]), data={}, headers=site.form_headers("anna"))
    assert answer.headers["location"] == f"/chorus/returned?tab=rejected&sort=-deadline&done={number}"
    assert "REJE-1" in anna.get(answer.headers["location"].removeprefix("/chorus")).text


def test_the_deadline_orders_the_list_both_ways(site: Site, platform: FakePlatform) -> None:
    first, last = (
        [row["id"] for row in json_of(site.client("anna").get(f"/api/v1/returned?sort={sort}"))["items"]]
        for sort in ("deadline", "-deadline")
    )
    assert first == last[::-1] and len(first) == 4
    assert site.client("anna").get("/returned?sort=number_of_moons").status_code == 422


def test_the_form_of_a_recycling_begins_with_what_is_there(site: Site, platform: FakePlatform) -> None:
    text = site.client("anna").get(f"/returned/{_id(site, 'RECY-1')}").text
    given = re.search(r'name="recipient_siret"[^>]*value="([^"]*)"', text)
    assert given
    assert re.sub(r"\s", "", html.unescape(given[1])) == BODY


def test_documents_for_the_same_body_are_offered_as_successor(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "REJE-1")
    with site.services.store.database.write() as connection:
        document = seed(connection, 30, recipient_siret=BODY, invoice_number="NEW-30")
        other = seed(connection, 31, recipient_siret="12345678200036", invoice_number="OTHER-31")
    text = site.client("anna").get(f"/returned/{number}").text
    assert f'<option value="{document}">' in text
    assert f'<option value="{other}">' not in text


@pytest.mark.parametrize("successor", ["FA-12", "-1", "1e3"])
def test_a_successor_that_is_no_number_is_not_taken_for_none(
    site: Site, platform: FakePlatform, successor: str
) -> None:
    number = _id(site, "REJE-1")
    answer = site.client("anna").post(
        f"/returned/{number}/reject-handled",
        data={"successor_document": successor},
        headers=site.form_headers("anna"),
    )
    assert answer.status_code == 422
    assert json_of(site.client("anna").get(f"/api/v1/invoices/{number}"))["state"] == "to_process"


def test_an_outcome_that_nobody_knows_is_said_and_moves_on(site: Site, platform: FakePlatform) -> None:
    number = _id(site, "SUSP-1")
    platform.fail("correct", Fault.CUT_AFTER_TAKEN)
    platform.fail("consult", Fault.UNAVAILABLE)
    anna = site.client("anna")
    answer = anna.post(f"/returned/{number}/complete", data={"comment": "voilà"}, headers=site.form_headers("anna"))
    assert answer.status_code == 303
    text = anna.get(answer.headers["location"].removeprefix("/chorus")).text
    assert "SUSP-1\N{NO-BREAK SPACE}: envoyé" in text and "Ne recommencez pas" in text
    assert json_of(anna.get(f"/api/v1/invoices/{number}"))["state"] == "correction_unknown"


class TestCompletingByProgram:
    def test_json_tries_without_sending(self, site: Site, platform: FakePlatform) -> None:
        number = _id(site, "SUSP-1")
        call = site.client("anna", bearer=True).post
        tried = call(f"/api/v1/invoices/{number}/complete", json={"comment": "bientôt", "dry_run": True})
        assert (tried.status_code, json_of(tried)["outcome"]) == (200, "would be sent")
        assert json_of(tried)["proposal"]["comment"] == "bientôt"
        assert _status(platform, "SUSP-1") == "SUSPENDUE"

    def test_files_come_as_a_form_and_the_platforms_number_names_the_invoice(
        self, site: Site, platform: FakePlatform
    ) -> None:
        held = platform.visible(SUPPLIER, "SUSP-1")[0]
        done = site.client("anna", bearer=True).post(
            f"/api/v1/invoices/cpro:{held.chorus_id}/complete",
            data={"comment": "joint"},
            files=[("attachments", ("bl.pdf", b"%PDF-1.4 x", "application/pdf"))],
        )
        assert (done.status_code, json_of(done)["outcome"]) == (200, "submitted")
        assert json_of(done)["proposal"]["attachments"] == ["bl.pdf"]
        assert _status(platform, "SUSP-1") == "COMPLETEE"

    @pytest.mark.parametrize(
        "body",
        [
            {"json": {"comment": "x", "dryrun": True}},
            {"json": ["x"]},
            {"data": {"comment": "x", "dry_run": "perhaps"}},
            {"data": {"comment": "x", "dryrun": "1"}},
            {"content": b'{"comment": "x"}', "headers": {"content-type": "text/plain"}},
        ],
    )
    def test_what_is_not_understood_sends_nothing(
        self, site: Site, platform: FakePlatform, body: dict[str, Any]
    ) -> None:
        number = _id(site, "SUSP-1")
        answer = site.client("anna", bearer=True).post(f"/api/v1/invoices/{number}/complete", **body)
        assert answer.status_code == 422
        assert _status(platform, "SUSP-1") == "SUSPENDUE"
