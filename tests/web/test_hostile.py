"""Whatever stands in names, comments and addresses: it is shown as text, and grants, breaks and leads nowhere."""

from __future__ import annotations

import re

import pytest

from include.domain.lifecycle import State
from include.web.guards.person import Right
from include.web.guards.routing import GuardedRoute
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site
from tests.web.walk import Call, guarded_calls

MARKUP = '"><img src=x onerror=alert(1)></textarea><script>alert(1)</script>'
TURNED = "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe\N{LEFT-TO-RIGHT ISOLATE}"
LINES = "a\r\nSet-Cookie: who=boss\r\n\r\n<b>b</b>"
HOSTILE = (MARKUP, TURNED, LINES, "x" * 2_000, "%00", "' OR 1=1 --", "{{ 7*7 }}", "\N{ARABIC-INDIC DIGIT THREE}")
NOT_IDS = ("0", "-1", "9" * 40, str(2**63), "1.5", "\N{ARABIC-INDIC DIGIT ONE}", "%2e%2e%2fetc", "NaN")
NAMES = (
    *("q", "provider", "reason", "recipient", "tab", "sort", "after", "before", "done", "page", "list", "next"),
    *("status", "arrived_from", "total_min", "limit", "dag_id", "run_id", "map_index", "unread", "v", "width"),
)
OF_SETTINGS = (
    "actor",
    "section",
    "name",
    "older",
    "rule",
    "document",
    "siret",
    "user",
    "group",
    "new",
    "applied",
    "event",
    "language",
)
LANDED = re.compile(r"<img src=x|<script>alert|</textarea><script|<b>b</b>|[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(site: Site) -> Site:
    """Two documents with such values wherever somebody outside decides what stands there; one was returned."""
    values = {"recipient_name": MARKUP, "comment": TURNED, "service_code": LINES, "engagement_number": MARKUP}
    with site.services.store.database.write() as connection:
        for number, state in ((10, State.TO_COMPLETE), (11, State.TO_PROCESS)):
            seed(
                connection,
                number,
                state=state,
                status="SUSPENDUE",
                labels=(MARKUP,),
                reasons=("two_invoices", MARKUP),
                **{**values, "invoice_number": f"{number}{MARKUP}{TURNED}"},
            )
        connection.exec_driver_sql("UPDATE documents SET name = ? || id, folder = ?", (MARKUP + TURNED, LINES))
        connection.exec_driver_sql("UPDATE invoices SET shelved_reason = ?", (LINES,))
    return site


def _pages(site: Site, **words: str) -> list[Call]:
    return [call for call in guarded_calls(site.app, **words) if not call.changes]


def _who(call: Call) -> str:
    """Somebody who has the right that the route asks for."""
    return "boss" if _of_settings(call) else "anna"


def _of_settings(call: Call) -> bool:
    return isinstance(call.route, GuardedRoute) and call.route.right is Right.SETTINGS


def _harmless(answer: object, where: str) -> None:
    status, headers, text = answer.status_code, answer.headers, answer.text  # type: ignore[attr-defined]
    assert status < 500 or status == 503, (where, text[:300])  # 503: the platform does not answer, as promised
    assert "set-cookie" not in headers or "chorus_lang=" in headers["set-cookie"], where
    assert not headers.get("location", "/chorus").startswith(("//", "http")), where
    if headers.get("content-type", "").startswith("text/html"):
        assert (found := LANDED.findall(text)) == [], (where, found)


@pytest.mark.parametrize("number", ["5", "6"])
def test_hostile_values_are_shown_as_text_on_every_page(hostile: Site, number: str) -> None:
    seen = 0
    for call in _pages(hostile, id=number, reference=number):
        answer = call.asked_by(hostile, _who(call), tab="", q="")
        _harmless(answer, call.path)
        seen += "&lt;img src=x" in answer.text
    assert seen > 3, "they are shown at all"


@pytest.mark.parametrize("given", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_comes_back_as_anything_but_text(site: Site, given: str) -> None:
    for call in _pages(site):
        _harmless(call.asked_by(site, _who(call), **dict.fromkeys(NAMES, given)), call.path)
        _harmless(call.asked_by(site, _who(call), **dict.fromkeys(("q", "done", "dag_id", "list"), given)), call.path)
        for name in OF_SETTINGS if _of_settings(call) else ():
            _harmless(call.asked_by(site, _who(call), **{name: given}), call.path)


@pytest.mark.parametrize("given", NOT_IDS)
def test_no_id_that_is_none_breaks_or_opens_anything(site: Site, given: str) -> None:
    with_id = [call for call in guarded_calls(site.app, id=given, reference=given) if "{" in call.route.path]
    assert len(with_id) > 10
    for call in with_id:
        if call.route.path == "/language/{language}":
            continue
        answer = call.asked_by(site, _who(call))
        assert answer.status_code in (307, 404, 405, 409, 422), (call.method, call.path, answer.status_code)


@pytest.mark.parametrize("number", [10**30, -(10**30)])
def test_no_number_in_a_body_is_too_large_for_us(site: Site, number: int) -> None:
    body = {"version": number, "ids": [number], "successor_document": number, "reason": "because", "values": {}}
    for call in guarded_calls(site.app):
        if call.changes and call.route.path.startswith("/api/"):
            headers = site.form_headers(_who(call))
            answer = site.client(_who(call)).request(call.method, call.path, json=body, headers=headers)
            assert answer.status_code < 500, (call.path, answer.text)


def test_what_is_not_theirs_looks_as_if_it_were_not_there(site: Site) -> None:
    """Bob has a label right and sees neither document 1 nor invoice 1; nobody ever saw 777."""
    tried = 0
    for theirs, nothing in zip(
        guarded_calls(site.app, reference="1"),
        guarded_calls(site.app, id="777", reference="777"),
        strict=True,
    ):
        if theirs.path == nothing.path:
            continue
        tried += 1
        one, two = theirs.asked_by(site, "bob"), nothing.asked_by(site, "bob")
        assert (one.status_code, _bare(one.text, "1")) == (two.status_code, _bare(two.text, "777")), theirs.path
        expected = (403,) if _of_settings(theirs) else (404, 422)
        assert one.status_code in expected, (theirs.method, theirs.path, one.status_code)
    assert tried > 10


def _bare(text: str, number: str) -> str:
    """Without what differs between any two answers: tokens, and the id that was asked for."""
    text = re.sub(r'(csrf-token" content|csrf_token" value)="[^"]*"', "", text)
    return re.sub(rf"(?<=[/ \xa0]){number}(?![\w…])", "N", text)


@pytest.mark.parametrize("name", ["..%2fapp.py", "%2e%2e%2f%2e%2e%2fsettings.py", "chorus.css%00", "x.css", "."])
def test_only_our_own_files_are_served_without_signing_in(site: Site, name: str) -> None:
    page = site.client("anna").get("/documents").text
    digest = re.findall(r"/chorus/static/(\w+)/chorus\.css", page)[0]
    assert site.client(None).get(f"/static/{digest}/chorus.css").status_code == 200
    assert site.client(None).get(f"/static/{digest}/{name}").status_code == 404
    assert site.client(None).get("/static/0000/chorus.css").status_code == 404
