"""What stands before every route, tried on every route there is."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine

from include.web.guards.headers import HEADERS
from include.web.guards.person import Right
from include.web.guards.routing import GuardedRoute, guarded
from tests.web.conftest import Site, json_of
from tests.web.walk import PUBLIC, calls, guarded_calls, routes


def test_every_route_but_the_public_ones_has_a_guard(site: Site) -> None:
    assert {route.path for route in routes(site.app) if not isinstance(route, GuardedRoute)} == PUBLIC
    assert len(routes(site.app)) == len(site.app.routes), "a route of another kind than the guard knows"


def test_nobody_gets_in_unsigned(site: Site) -> None:
    for call in guarded_calls(site.app):
        method, address = call.method, call.path
        answer = site.client(None).request(method, address)
        if address.startswith("/api/"):
            assert (answer.status_code, json_of(answer)["error"]["code"]) == (401, "signed_out"), address
        elif method == "GET":
            assert answer.status_code == 303, address
            assert answer.headers["location"].startswith("/auth/login?next=%2Fchorus%2F"), address
        else:
            assert answer.status_code == 401, address


def test_a_person_without_any_right_reaches_nothing_but_what_is_for_everybody(site: Site) -> None:
    for call in guarded_calls(site.app):
        assert isinstance(call.route, GuardedRoute)
        answer = call.asked_by(site, "nobody")
        refused = answer.status_code == 403
        assert refused is (call.route.right is not Right.SIGNED_IN), f"{call.method} {call.path}: {answer.status_code}"


def test_every_change_is_refused_when_another_site_may_have_forged_it(site: Site) -> None:
    good = site.form_headers("anna")
    forgeries = [
        {},
        {**good, "sec-fetch-site": "cross-site"},
        {**good, "sec-fetch-site": "same-site"},
        {**good, "origin": "http://elsewhere.test"},
        {**good, "origin": "http://airflow.test:8081"},
        {**good, "origin": "null"},
        {**good, "x-csrf-token": good["x-csrf-token"] + "x"},
        site.form_headers("bob"),
    ]
    changing = [(call.method, call.path) for call in guarded_calls(site.app) if call.changes]
    assert changing
    for method, address in changing:
        for headers in forgeries:
            answer = site.client("anna").request(method, address, headers=headers, json={"version": 1})
            assert answer.status_code == 403, (method, address, headers)
            if address.startswith("/api/"):
                assert json_of(answer)["error"]["code"] == "forged"
    assert site.client("anna").request(method, address, headers=good, json={}).status_code != 403
    assert site.client("anna", bearer=True).request(method, address, json={}).status_code != 403


def test_a_token_lasts_twelve_hours(site: Site) -> None:
    headers, now = site.form_headers("anna"), dt.datetime.now(dt.UTC)
    for hours, refused in ((11, False), (13, True)):
        with time_machine.travel(now + dt.timedelta(hours=hours), tick=False):
            answer = site.client("anna").post("/api/v1/documents/999/hold", headers=headers, json={"version": 1})
        assert (answer.status_code == 403) is refused, hours


def test_a_forged_request_is_refused_before_anything_is_said_of_its_body(site: Site) -> None:
    answer = site.client("anna").post("/api/v1/documents/999/hold", content=b"{no json")
    assert answer.status_code == 403


def test_every_answer_carries_the_headers_errors_too(site: Site) -> None:
    router = guarded(Right.SIGNED_IN)

    @router.get("/breaks")
    def breaks() -> None:
        raise ZeroDivisionError

    site.app.include_router(router)
    static = re.search(r'href="/chorus(/static/[^"]+\.css)"', site.client("anna").get("/documents").text)
    assert static
    tried = [
        site.client(None).get("/documents"),
        site.client("nobody").get("/documents"),
        site.client("anna").get("/documents"),
        site.client("anna").get("/nothing"),
        site.client("anna").get("/api/v1/nothing"),
        site.client("anna").post("/api/v1/documents/1/hold"),
        site.client("anna").get("/breaks"),
        site.client(None).get(static[1]),
    ]
    assert [answer.status_code for answer in tried] == [303, 403, 200, 404, 404, 403, 500, 200]
    for answer in tried:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert {answer.headers["cache-control"] for answer in tried[:-1]} == {"no-store"}
    assert tried[-1].headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("user", ["anna", "bob", "boss", "nobody"])
def test_every_answer_of_every_route_carries_the_headers(site: Site, user: str) -> None:
    for call in calls(site.app):
        answer = call.asked_by(site, user)
        assert answer.status_code < 500, (call.path, answer.text[:300])
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, call.path
        kept = answer.headers["cache-control"]
        assert kept == "no-store" or answer.headers["content-type"] == "image/jpeg", (call.path, kept)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"])
def test_the_frameworks_own_pages_are_not_there(site: Site, path: str) -> None:
    assert site.client("boss").get(path).status_code == 404


def test_an_unforeseen_error_shows_a_reference_that_stands_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    router = guarded(Right.SIGNED_IN)

    @router.get("/api/v1/breaks")
    def breaks() -> None:
        raise ZeroDivisionError("a secret inside")

    site.app.include_router(router)
    answer = site.client("anna").get("/api/v1/breaks")
    error = json_of(answer)["error"]
    assert (answer.status_code, error["code"]) == (500, "unforeseen")
    assert error["reference"] in caplog.text
    assert "secret" not in answer.text


def test_airflows_administrator_administers_only_while_the_configuration_names_nobody(site: Site) -> None:
    assert site.client("airflow_admin").get("/documents").status_code == 403
    store = site.services.store.configuration
    revision, before = store.current()
    store.save(
        before.model_copy(update={"administer": type(before.administer)()}),
        expected_revision=revision,
        actor="t",
        source="t",
        at=site.services.clock.now(),
        changes=(),
    )
    assert site.client("airflow_admin").get("/documents").status_code == 200
    assert site.client("boss").get("/documents").status_code == 403


@pytest.mark.parametrize("bearer", [True, False], ids=["program", "browser"])
def test_no_route_reads_a_body_that_says_it_is_too_long(site: Site, bearer: bool) -> None:
    tried = 0
    for call in guarded_calls(site.app):
        if not call.changes:
            continue
        tried += 1
        statuses = set()
        for user in ("anna", "boss"):  # each has rights that the other lacks
            headers = {**({} if bearer else site.form_headers(user)), "content-length": "999999999"}
            answer = site.client(user, bearer=bearer).request(call.method, call.path, headers=headers, content=b"")
            statuses.add(answer.status_code)
        assert {413} <= statuses <= {413, 403}, (call.method, call.path, statuses)
    assert tried > 20


def test_a_body_that_does_not_say_how_long_it_is_is_cut(site: Site) -> None:
    pieces = (b"x" * 100_000 for _ in range(11))
    headers = {"content-type": "application/json"}
    answer = site.client("anna", bearer=True).post("/api/v1/documents/1/check", content=pieces, headers=headers)
    assert answer.status_code == 413
