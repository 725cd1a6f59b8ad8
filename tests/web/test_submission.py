"""The submission screen: what a person sees, types, sends; two people on one invoice; the next of the list."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pytest

from include.adapters.storage.core.codec import Reasons, dump
from include.adapters.storage.core.tables import invoices
from include.domain.fields import Candidate, Claim, Source
from include.domain.fields.registry import FIELD_NAMES
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.text import Line, Page, TextSource, Word
from include.web.documents.form import GROUPS, SHOWN_AT
from tests.conftest import ROOT
from tests.fakes.chorus import FakePlatform
from tests.fakes.clock import FakeClock
from tests.integration.storage import conftest as storage
from tests.integration.storage.conftest import ready_invoice
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of


@pytest.fixture
def platform(site: Site, platform: FakePlatform, clock: FakeClock) -> FakePlatform:
    """A platform that answers, and one invoice that is complete: document 5."""
    for content in (b"content", b"attached"):
        site.services.files.put(content)
    ready_invoice(site.services.store, "2026-FA-1", b"content", clock.now())
    return platform


def _state(site: Site, number: int) -> str:
    return str(json_of(site.client("anna").get(f"/api/v1/documents/{number}"))["state"])


def _form(site: Site, number: int, user: str = "anna", query: str = "") -> dict[str, str]:
    """What the form of the page would send, unchanged."""
    text = site.client(user).get(f"/documents/{number}{query}").text
    [form] = re.findall(r'<form class="form".*?</form>', text, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    fields = re.findall(r'<input id="([^"]+)" name="[^"]+" type="text"[^>]*? value="([^"]*)"', form)
    texts = re.findall(r'<textarea id="([^"]+)"[^>]*>([^<]*)</textarea>', form)
    return {name: html.unescape(value).replace("\n", "\r\n") for name, value in (*hidden, *fields, *texts)}


def _send(site: Site, number: int, action: str, form: Mapping[str, str], user: str = "anna", **changes: str):  # type: ignore[no-untyped-def]
    return site.client(user).post(f"/documents/{number}/{action}", data={**form, **changes})


def test_the_form_shows_values_as_people_write_them_with_their_source(site: Site) -> None:
    form = _form(site, 1)
    assert form["invoice_number"] == "FA-001"
    assert form["total_incl_tax"].replace("\N{NARROW NO-BREAK SPACE}", " ") == "1 800,00"
    assert form["recipient_siret"].replace("\N{NARROW NO-BREAK SPACE}", "") == "12345678200051"


def test_a_doubtful_value_says_why_it_is_doubtful_and_a_sure_one_does_not(site: Site) -> None:
    number = Candidate(value="FA-9", source=Source.OCR, confidence=0.9)
    doubtful = number.but(Claim.VALUE_BELOW_LABEL, Claim.SUM_ADDS_UP, Claim.SECOND_READER_DIFFERS)
    order = Candidate(value="EJ1", source=Source.OCR).but(Claim.VALUE_BELOW_LABEL)
    draft = Draft(fields={"invoice_number": FieldValue(chosen=doubtful), "engagement_number": FieldValue(chosen=order)})
    params = {"value": "FA-9", "found": "50", "asked": "75"}
    reasons = (Reason(code="doubtful_invoice_number", field="invoice_number", params=params),)
    with site.services.store.database.write() as connection:
        document = seed(connection, 5)
        stored = {"draft": dump(Draft, draft), "reasons": dump(Reasons, reasons)}
        connection.execute(invoices.update().where(invoices.c.document_id == document).values(**stored))
    page = html.unescape(site.client("anna", **{"accept-language": "en"}).get(f"/documents/{document}").text)
    why = "Doubtful because: the second reading says otherwise · the label stands on another line."
    assert re.findall(r"<p class=\"after\" data-doubts>(.*?)</p>", page) == [why]
    page = html.unescape(site.client("anna", **{"accept-language": "fr"}).get(f"/documents/{document}").text)
    assert "la seconde lecture dit autre chose · le libellé est sur une autre ligne." in page
    fields = json_of(site.client("anna").get(f"/api/v1/documents/{document}"))["fields"]
    assert [one["code"] for one in fields["invoice_number"]["doubts"]] == ["second_reader_differs", "value_below_label"]
    assert fields["engagement_number"]["doubts"][0].keys() == {"code", "message"}


def test_every_field_has_one_control_or_is_shown_at_another_one() -> None:
    controls = [name for names in GROUPS.values() for name in names]
    assert sorted([*controls, *SHOWN_AT]) == sorted(FIELD_NAMES)


def test_saving_what_nobody_changed_changes_nothing(site: Site) -> None:
    before = json_of(site.client("anna").get("/api/v1/documents/1"))
    answer = _send(site, 1, "save", _form(site, 1))
    assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/documents/1")
    assert json_of(site.client("anna").get("/api/v1/documents/1"))["edits"] == before["edits"] == {}


def test_a_long_text_over_several_lines_is_given_back_in_full(site: Site) -> None:
    """A page that shortened it would store, and send, the short one with the next click."""
    comment = "\N{RIGHT-TO-LEFT OVERRIDE}Première ligne  et\tla suite\n" + "x" * 1900
    with site.services.store.database.write() as connection:
        number = seed(connection, 5, comment=comment)
    assert _form(site, number)["comment"] == "Première ligne  et la suite\r\n" + "x" * 1900
    assert _send(site, number, "save", _form(site, number)).status_code == 303
    assert json_of(site.client("anna").get(f"/api/v1/documents/{number}"))["edits"] == {}


def test_amounts_stand_two_beside_each_other(site: Site) -> None:
    text = site.client("anna").get("/documents/1").text
    assert len(re.findall('<div class="field c6 keep6" ', text)) == 5


def test_a_typed_value_is_stored_with_who_typed_it_and_taken_back(site: Site, platform: FakePlatform) -> None:
    assert _send(site, 1, "save", _form(site, 1), total_incl_tax="1 900,00", comment="pour le bon").status_code == 303
    edits = json_of(site.client("anna").get("/api/v1/documents/1"))["edits"]
    assert {name: (one["value"], one["actor"]) for name, one in edits.items()} == {
        "total_incl_tax": ("1900.00", "anna"),
        "comment": ("pour le bon", "anna"),
    }
    assert _send(site, 1, "save", _form(site, 1), take_back="total_incl_tax").status_code == 303
    assert set(json_of(site.client("anna").get("/api/v1/documents/1"))["edits"]) == {"comment"}


def test_a_value_that_is_none_stays_on_the_page_with_what_is_wrong(site: Site) -> None:
    answer = _send(site, 1, "save", _form(site, 1), issue_date="hier", comment="kept")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="hier"' in answer.text
    assert ">kept</textarea>" in answer.text
    assert json_of(site.client("anna").get("/api/v1/documents/1"))["edits"] == {}


def test_the_second_of_two_people_sees_both_values(site: Site, platform: FakePlatform) -> None:
    one, two = _form(site, 1), _form(site, 1)
    assert _send(site, 1, "save", one, total_incl_tax="1900").status_code == 303
    answer = _send(site, 1, "save", two, total_incl_tax="2000")
    assert answer.status_code == 409
    table = re.search(r"<tbody>.*?</tbody>", answer.text, re.DOTALL)
    assert table
    plain = table[0].replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "1 900,00" in plain
    assert "anna, " in plain
    assert "2 000,00" in plain
    assert "data-keep-mine" in answer.text
    assert "data-take-theirs" in answer.text
    kept = re.search(r'name="version" value="(\d+)"', answer.text)
    assert kept
    assert _send(site, 1, "save", {**two, "version": kept[1]}, total_incl_tax="2000").status_code == 303
    assert json_of(site.client("anna").get("/api/v1/documents/1"))["edits"]["total_incl_tax"]["value"] == "2000.00"


def test_what_others_changed_elsewhere_is_kept_beside_what_one_types(site: Site, platform: FakePlatform) -> None:
    one, two = _form(site, 1), _form(site, 1)
    assert _send(site, 1, "save", one, comment="by one").status_code == 303
    answer = _send(site, 1, "save", two, engagement_number="E-2")
    assert (answer.status_code, "data-keep-mine" in answer.text) == (200, False)
    assert "modifiée entre-temps" in answer.text and "by one" in answer.text
    edits = json_of(site.client("anna").get("/api/v1/documents/1"))["edits"]
    assert {name: edit["value"] for name, edit in edits.items()} == {"comment": "by one", "engagement_number": "E-2"}


def test_a_new_assessment_of_the_same_values_keeps_nobody_from_sending(site: Site, platform: FakePlatform) -> None:
    form = _form(site, 5)
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == 5).values(version=invoices.c.version + 1))
    assert _send(site, 5, "submit", form).status_code == 303
    assert _state(site, 5) == State.SUBMITTED


def test_a_script_hears_where_a_form_leads_without_loading_it(site: Site, platform: FakePlatform) -> None:
    form = {**_form(site, 1), "comment": "by a script"}
    answer = site.client("anna").post("/documents/1/save", data=form, headers={"x-chorus-form": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-location"] == "/chorus/documents/1?saved=1"
    assert 'role="status"' in site.client("anna").get("/documents/1?saved=1").text
    wrong = {**_form(site, 1), "issue_date": "hier"}
    refused = site.client("anna").post("/documents/1/save", data=wrong, headers={"x-chorus-form": "1"})
    assert (refused.status_code, 'value="hier"' in refused.text) == (422, True)


def test_without_a_session_a_form_gets_401_and_no_redirect(site: Site) -> None:
    form = _form(site, 1)
    answer = site.client(None).post("/documents/1/save", data=form, headers={"x-chorus-form": "1"})
    assert (answer.status_code, "location" in answer.headers) == (401, False)


def test_enter_in_a_text_presses_none_of_the_small_buttons(site: Site, platform: FakePlatform) -> None:
    """What a browser presses is the first button of the form; before, that was the one that takes an edit back."""
    _send(site, 1, "save", _form(site, 1), total_incl_tax="1 900,00")
    text = site.client("anna").get("/documents/1").text
    [form] = re.findall(r'<form class="form".*?</form>', text, re.DOTALL)
    assert 'name="take_back"' in form
    first = re.search(r"<button(?![^>]*type=.button)[^>]*>", form)
    assert first
    assert "data-default" in first[0]


def test_a_refused_form_keeps_its_list_and_its_next_one(site: Site, platform: FakePlatform) -> None:
    form = _form(site, 1, query="?tab=all&sort=number")
    answer = _send(site, 1, "submit", form)
    assert answer.status_code == 422
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert html.unescape(hidden["list"]) == form["list"] == "tab=all&sort=number"
    assert hidden["next"] == form["next"]


def test_a_complete_invoice_is_sent_and_the_next_of_the_list_opened(site: Site, platform: FakePlatform) -> None:
    with site.services.store.database.write() as connection:
        seed(connection, 6, state=State.READY, invoice_number="ZZ-6")
    form = _form(site, 5, query="?tab=ready&sort=number")
    assert form["next"] == "2"
    answer = _send(site, 5, "submit", form)
    assert answer.status_code == 303, re.findall(r"<h2>.*?</li>", answer.text, re.DOTALL)
    assert answer.headers["location"] == "/chorus/documents/2?tab=ready&sort=number&done=5"
    assert platform.numbers() == ["2026-FA-1"]
    assert 'role="status"' in site.client("anna").get("/documents/2?tab=ready&done=5").text
    sent = site.client("anna").get("/documents/5")
    assert (sent.status_code, sent.headers["location"]) == (303, "/chorus/invoices/5")


def test_sending_twice_sends_once(site: Site, platform: FakePlatform) -> None:
    form = _form(site, 5)
    assert [_send(site, 5, "submit", form).status_code for _ in range(2)] == [303, 303]
    assert platform.numbers() == ["2026-FA-1"]


def test_what_is_not_complete_stays_with_its_reasons(site: Site, platform: FakePlatform) -> None:
    answer = _send(site, 1, "submit", _form(site, 1))
    assert answer.status_code == 422
    assert 'role="alert" tabindex="-1" data-focus' in answer.text
    assert platform.numbers() == []


def test_held_with_a_reason_and_released(site: Site) -> None:
    assert _send(site, 1, "hold", _form(site, 1), reason="").status_code == 422
    answer = _send(site, 1, "hold", _form(site, 1), reason="asks back")
    assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/documents?done=1")
    assert _state(site, 1) == "held"
    assert "asks back" in site.client("anna").get("/documents/1").text
    assert _send(site, 1, "release", _form(site, 1)).status_code == 303
    assert _state(site, 1) == "to_complete"


@pytest.mark.parametrize("action", ["save", "submit", "hold", "discard", "release", "restore", "reread", "nothing"])
def test_nobody_acts_on_what_they_do_not_see(site: Site, action: str) -> None:
    answer = site.client("bob").post(
        f"/documents/1/{action}", data={"version": "1", "reason": "x"}, headers=site.form_headers("bob")
    )
    assert answer.status_code == 404
    assert site.client("bob").get("/documents/1").status_code == 404


def test_a_form_without_version_is_refused(site: Site) -> None:
    for version in ("", "x", "9" * 30):
        answer = _send(site, 1, "save", {**_form(site, 1), "version": version}, comment="x")
        assert answer.status_code in (409, 422), version
    assert json_of(site.client("anna").get("/api/v1/documents/1"))["edits"] == {}


def test_the_file_is_a_download_whatever_it_is(site: Site, platform: FakePlatform) -> None:
    answer = site.client("anna").get("/documents/5/original.pdf")
    assert answer.content == b"content"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert site.client("anna").get("/documents/1/original.pdf").status_code in (404, 503)


SAMPLE = ROOT / "include" / "demo" / "samples" / "fxkit_design_fr.pdf"
READ = Page(
    number=1,
    width=595.0,
    height=842.0,
    lines=(Line(words=(Word(text="Facture", box=(10.0, 20.0, 60.0, 32.0)),)),),
    source=TextSource.TEXT,
)


class TestPages:
    @pytest.fixture
    def with_page(self, site: Site, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> int:
        """A document whose content is a real PDF that was read."""
        monkeypatch.setattr(storage, "reading", lambda: Reading(kind=DocumentKind.DIGITAL, pages=(READ,)))
        content = SAMPLE.read_bytes()
        site.services.files.put(content)
        ready_invoice(site.services.store, "2026-FA-1", content, clock.now())
        return 5

    def test_a_page_is_a_picture_that_the_browser_keeps(self, site: Site, with_page: int) -> None:
        text = site.client("anna").get(f"/documents/{with_page}").text
        address = re.search(r'<img src="/chorus(/documents/5/pages/1.jpg[^"]*)"', text)
        assert address
        answer = site.client("anna").get(address[1])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        again = site.client("anna").get(address[1], headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_what_is_not_there_or_not_theirs(self, site: Site, with_page: int) -> None:
        for path in ("pages/9.jpg", "pages/0.jpg"):
            assert site.client("anna").get(f"/api/v1/documents/5/{path}").status_code == 404
        assert site.client("anna").get("/api/v1/documents/5/pages/1.jpg?width=5000").status_code == 422
        assert site.client("anna").get("/api/v1/documents/5/words/9").status_code == 404
        for path in ("pages/1.jpg", "words/1", "original.pdf"):
            assert site.client("bob").get(f"/api/v1/documents/5/{path}").status_code == 404

    def test_words_stand_in_points_of_the_page(self, site: Site, with_page: int) -> None:
        found = json_of(site.client("anna").get("/api/v1/documents/5/words/1"))
        assert found == {
            "width": 595.0,
            "height": 842.0,
            "words": [{"text": "Facture", "box": [10.0, 20.0, 60.0, 32.0]}],
        }
