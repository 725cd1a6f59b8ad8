"""What each person was told, and marking it as read."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from include.adapters.storage.core.tables import events
from include.domain.notification import Digest, EventKind
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START, FakeClock
from tests.web.conftest import Site, json_of


@pytest.fixture
def site(site: Site) -> Site:
    """Anna was told of two invoices that were sent, Bob of the second one."""
    store, ids = site.services.store, []
    with store.database.write() as connection:
        for number in ("N-1", "<b>N-2"):
            row = {"kind": EventKind.SUBMITTED, "at": START, "invoice_id": 1, "facts": {"number": number}}
            ids.append(connection.execute(events.insert().values(row)).inserted_primary_key[0])
    store.outbox.distribute([_digest("anna", ids), _digest("bob", ids[1:])], ids, now=START)
    return site


def _digest(user: str, ids: list[int]) -> Digest:
    return Digest(
        user=user,
        mailed=False,
        kind=EventKind.SUBMITTED,
        message_id=f"<{user}@test>",
        event_ids=tuple(ids),
        count=len(ids),
    )


def _unread(site: Site, user: str) -> int:
    unread: int = json_of(site.client(user).get("/api/v1/notifications"))["unread"]
    return unread


def test_page_and_json_show_each_person_their_own(site: Site) -> None:
    assert [_unread(site, user) for user in ("anna", "bob", "boss")] == [2, 1, 0]
    [told] = json_of(site.client("bob").get("/api/v1/notifications"))["items"]
    assert (told["kind"], told["read_at"], told["href"]) == ("submitted", None, "/chorus/documents/1")
    assert "N-2" in told["message"]
    text = site.client("anna").get("/notifications").text
    assert len(re.findall("data-notification=", text)) == 2
    assert "<b>N-2" not in text


def test_some_are_marked_as_read_and_those_of_others_passed_over(site: Site) -> None:
    bobs = json_of(site.client("bob").get("/api/v1/notifications"))["items"][0]["id"]
    answer = site.client("bob").post(
        "/api/v1/notifications/read", json={"ids": [bobs - 1, bobs, 999]}, headers=site.form_headers("bob")
    )
    assert json_of(answer) == {"unread": 0}
    assert [_unread(site, user) for user in ("anna", "bob")] == [2, 0]
    [told] = json_of(site.client("bob").get("/api/v1/notifications"))["items"]
    assert told["read_at"]
    assert json_of(site.client("bob").get("/api/v1/notifications?unread=1"))["items"] == []


def test_the_button_marks_all_by_a_form_without_script(site: Site) -> None:
    text = site.client("anna").get("/notifications").text
    hidden = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert hidden
    answer = site.client("anna").post("/notifications/read", data={"csrf_token": hidden[1]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/notifications")
    assert _unread(site, "anna") == 0


def test_the_bell_counts_what_is_unread(site: Site) -> None:
    assert '<span class="dot" aria-hidden="true">2</span>' in site.client("anna").get("/notifications").text


def _tell(site: Site, kind: EventKind, at: dt.datetime, invoice_id: int | None, **facts: str) -> int:
    """Anna is told of one more; its id."""
    with site.services.store.database.write() as connection:
        row = {"kind": kind, "at": at, "invoice_id": invoice_id, "facts": facts, "provider_key": PROVIDER_KEY}
        event: int = connection.execute(events.insert().values(row)).inserted_primary_key[0]
    digest = Digest(user="anna", mailed=False, kind=kind, message_id=f"<{event}@test>", event_ids=(event,), count=1)
    site.services.store.outbox.distribute([digest], [event], now=at)
    return event


@pytest.mark.parametrize(
    ("kind", "invoice_id", "facts", "href"),
    [
        (EventKind.STATUS_CHANGED, 4, {"status": "SUSPENDUE"}, "/chorus/returned/4"),
        (EventKind.STATUS_CHANGED, 4, {"status": "MANDATEE"}, "/chorus/invoices/4"),
        (EventKind.AWAITING_SUBMISSION, 1, {"state": "to_complete"}, "/chorus/documents/1"),
        (EventKind.ALERT, None, {"code": "overdue"}, "/chorus/invoices?overdue=1&sort=pay_by&provider=Durand"),
        (EventKind.ALERT, None, {"code": "no_run", "since": "2026-11-20 08:00"}, None),
    ],
)
def test_each_leads_to_what_it_tells_of(
    site: Site, kind: EventKind, invoice_id: int | None, facts: dict[str, str], href: str | None
) -> None:
    event = _tell(site, kind, START, invoice_id, **facts)
    items = json_of(site.client("anna").get("/api/v1/notifications"))["items"]
    assert next(one["href"] for one in items if one["id"] == event) == href
    if href is not None:
        answer = site.client("anna").get(href.removeprefix("/chorus"))
        assert answer.status_code == 200, "a link leads to a page"


def test_one_kind_alone(site: Site) -> None:
    alert = _tell(site, EventKind.ALERT, START, None, code="no_run", since="2026-11-20 08:00")
    items = json_of(site.client("anna").get("/api/v1/notifications?kind=alert"))["items"]
    assert [one["id"] for one in items] == [alert]
    text = site.client("anna").get("/notifications?kind=submitted").text
    assert len(re.findall("data-notification=", text)) == 2
    assert site.client("anna").get("/notifications?kind=gossip").status_code == 422


def test_they_stand_under_their_days(site: Site, clock: FakeClock) -> None:
    site.services.__dict__["clock"] = clock
    _tell(site, EventKind.ALERT, START - dt.timedelta(days=1), None, code="no_run", since="2026-11-19 08:00")
    _tell(site, EventKind.ALERT, START - dt.timedelta(days=3), None, code="no_run", since="2026-11-17 08:00")
    text = site.client("anna").get("/notifications").text
    headings = re.findall("<section class=[^>]*><h2>([^<]+)</h2>", html.unescape(text))
    assert sorted(headings) == ["Aujourd'hui", "Hier", "mardi 17 novembre 2026"]


def test_the_button_of_the_dashboard_comes_back_to_it(site: Site) -> None:
    for place, location in (("dashboard", "/chorus/"), ("//evil.test", "/chorus/notifications")):
        answer = site.client("anna").post(
            "/notifications/read", data={"place": place}, headers=site.form_headers("anna")
        )
        assert answer.headers["location"] == location
    assert _unread(site, "anna") == 0
