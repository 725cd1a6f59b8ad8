"""Many documents at once, for programs: what is asked, what becomes of each, who sees it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from include.application.ports.document_views import DocumentFilter
from include.application.resend import bulk_actions
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from tests.fakes.clock import FakeClock
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of


def ask(site: Site, user: str = "anna", **body: Any) -> tuple[int, dict[str, Any]]:
    answer = site.client(user).post("/api/v1/documents/bulk", json=body, headers=site.form_headers(user))
    return answer.status_code, json_of(answer)


def look(site: Site, job: int, user: str = "anna") -> dict[str, Any]:
    answer: dict[str, Any] = json_of(site.client(user).get(f"/api/v1/jobs/{job}"))
    return answer


def states(site: Site) -> dict[int, str]:
    return {row.id: row.state.value for row in site.services.store.document_views.rows(OWNER, DocumentFilter())}


class TestAtOnce:
    def test_each_document_has_its_result(self, site: Site) -> None:
        status, job = ask(site, ids=[1, 2, 999, 1], action="hold", reason="asks back")
        assert status == 202
        assert (job["done"], job["total"], job["message"]) == (3, 3, None)
        assert [(one["id"], one["state"]) for one in job["results"]] == [(1, "held"), (2, "held"), (999, None)]
        assert [bool(one["message"]) for one in job["results"]] == [False, False, True]
        assert states(site) == {1: "held", 2: "held", 3: "to_complete", 4: "to_process"}
        assert look(site, job["id"]) == job

    def test_the_reason_and_the_person_stand_in_the_history(self, site: Site) -> None:
        ask(site, ids=[1], action="hold", reason="asks back")
        detail = json_of(site.client("anna").get("/api/v1/documents/1"))
        assert (detail["held_reason"], detail["moves"][-1]["actor"]) == ("asks back", "anna")

    def test_held_ones_are_released_and_discarded_ones_restored(self, site: Site) -> None:
        for there, back in (("hold", "release"), ("discard", "restore")):
            ask(site, ids=[1, 2], action=there, reason="x")
            status, job = ask(site, ids=[1, 2], action=back)
            assert (status, [one["state"] for one in job["results"]]) == (202, ["to_complete", "ready"])

    def test_what_cannot_be_done_is_said_and_the_others_go_on(self, site: Site) -> None:
        ask(site, ids=[1], action="hold", reason="x")
        _, job = ask(site, ids=[1, 2], action="release")
        first, second = job["results"]
        assert (first["state"], first["message"]) == ("to_complete", "")
        assert second["state"] == "ready" and "Prête" in second["message"]

    def test_the_documents_of_a_filter_are_those_of_its_list(self, site: Site) -> None:
        with site.services.store.database.write() as connection:
            seed(connection, 5, reasons=("two_invoices",), state=State.READY)
        _, job = ask(site, filter={"tab": "all", "reason": ["two_invoices", "other"]}, action="discard", reason="x")
        assert [one["id"] for one in job["results"]] == [1, 5]
        _, job = ask(site, filter={}, action="discard", reason="x")
        assert [one["id"] for one in job["results"]] == [3], "without a tab the list shows what is to do"
        _, job = ask(site, filter={"q": "nothing like it"}, action="reread")
        assert (job["done"], job["total"], job["results"]) == (0, 0, [])

    def test_what_is_not_theirs_is_a_result_without_a_state_and_stays_as_it_is(self, site: Site) -> None:
        _, job = ask(site, "bob", ids=[1, 2], action="hold", reason="x")
        assert [(one["id"], one["state"]) for one in job["results"]] == [(1, None), (2, "held")]
        assert states(site)[1] == "to_complete"
        _, job = ask(site, "bob", filter={"tab": "all"}, action="hold", reason="x")
        assert [one["id"] for one in job["results"]] == [2]

    def test_who_uses_no_provider_acts_on_documents_without_one(self, site: Site) -> None:
        _, job = ask(site, "boss", ids=[1, 3], action="hold", reason="x")
        assert [(one["id"], one["state"]) for one in job["results"]] == [(1, None), (3, "held")]

    def test_an_error_that_nobody_foresaw_costs_one_document(
        self, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        there = bulk_actions._DOES[bulk_actions.BulkAction.REREAD]

        def breaks(editing: Any, document_id: int, **more: Any) -> object:
            if document_id == 1:
                raise ZeroDivisionError
            return there(editing, document_id, **more)

        monkeypatch.setattr(bulk_actions, "_DOES", {bulk_actions.BulkAction.REREAD: breaks})
        _, job = ask(site, ids=[1, 2], action="reread")
        assert (job["done"], job["results"][0]["state"]) == (2, "to_complete")
        assert job["results"][0]["message"] and "ZeroDivisionError" in caplog.text

    def test_what_changed_between_the_choice_and_the_work_is_left_alone(self, site: Site) -> None:
        bulk = _bulk(site)
        job = bulk.ask(bulk_actions.BulkAction.REREAD, ids=[1, 2])
        site.services.store.assessments.edit(1, {"comment": "x"}, actor="ben", now=site.services.clock.now())
        bulk.go_on(job.id)
        first, second = look(site, job.id)["results"]
        assert first["state"] == "to_complete" and "changé" in first["message"]
        assert (second["state"], second["message"]) == ("matched", "")


def _bulk(site: Site, user: str = "anna") -> bulk_actions.BulkActions:
    from include.domain.rights import viewer

    seen = viewer(site.services.store.configuration.current()[1], user)
    return site.services.bulk_actions(viewer=seen, actor=user, flow=site.flow)


class TestGoingOn:
    """What one process leaves, another one ends, and no document is done twice."""

    def test_a_job_that_was_left_is_ended_by_the_next_look(self, site: Site) -> None:
        left = _bulk(site).ask(bulk_actions.BulkAction.HOLD, ids=[1, 2], reason="x")
        assert states(site)[1] == "to_complete"
        assert look(site, left.id)["done"] == 0, "the answer does not wait for the work"
        assert (look(site, left.id)["done"], states(site)[1]) == (2, "held")

    def test_a_job_whose_process_died_is_ended_by_the_next_pass_though_nobody_looks(
        self, site: Site, clock: FakeClock
    ) -> None:
        site.services.__dict__["clock"] = clock
        left = _bulk(site).ask(bulk_actions.BulkAction.HOLD, ids=[1, 2], reason="x")
        sent = _bulk(site).ask(bulk_actions.BulkAction.SUBMIT, ids=[2])
        requests, now = site.services.store.bulk_requests, clock.now()
        assert requests.lease(left.id, "a process that dies", now=now, until=now + bulk_actions.LEASE)
        site.services.go_on_with_left()
        assert states(site)[1] == "to_complete", "it may be at it still"
        clock.advance(seconds=61)
        assert [one for one, _ in requests.left(now=clock.now())] == [left.id]
        site.services.begin_pass()
        assert states(site) == {1: "held", 2: "held", 3: "to_complete", 4: "to_process"}
        detail = json_of(site.client("anna").get("/api/v1/documents/1"))
        assert detail["moves"][-1]["actor"] == "anna"
        assert _bulk(site).request(sent.id).done == 0, "a flow of its own carries out sendings"

    def test_a_job_that_cannot_be_gone_on_with_never_stops_a_pass(
        self, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = _bulk(site).ask(bulk_actions.BulkAction.HOLD, ids=[1], reason="x")
        good = _bulk(site).ask(bulk_actions.BulkAction.HOLD, ids=[2], reason="x")
        done = bulk_actions.BulkActions.go_on

        def go_on(self: bulk_actions.BulkActions, request_id: int, *, seconds: float | None = None) -> None:
            if request_id == broken.id:
                raise RuntimeError("nobody foresaw this")
            done(self, request_id, seconds=seconds)

        monkeypatch.setattr(bulk_actions.BulkActions, "go_on", go_on)
        site.services.begin_pass()
        assert (states(site)[1], states(site)[2]) == ("to_complete", "held")
        assert f"Request {broken.id} could not be gone on with" in caplog.text
        assert _bulk(site).request(good.id).done == 1

    def test_while_one_process_is_at_it_no_other_is(self, site: Site) -> None:
        one, other = _bulk(site), _bulk(site)
        job = one.ask(bulk_actions.BulkAction.HOLD, ids=[1], reason="x")
        now = site.services.clock.now()
        requests = site.services.store.bulk_requests
        assert requests.lease(job.id, one.worker, now=now, until=now + bulk_actions.LEASE)
        other.go_on(job.id)
        assert one.request(job.id).done == 0
        one.go_on(job.id)
        assert one.request(job.id).done == 1

    def test_a_job_is_done_in_slices(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
        bulk = _bulk(site)
        job = bulk.ask(bulk_actions.BulkAction.HOLD, ids=[1, 2, 3], reason="x")
        bulk.go_on(job.id, seconds=0)
        assert bulk.request(job.id).done == 1
        _bulk(site).go_on(job.id)
        assert bulk.request(job.id).done == 3


class TestSending:
    def test_what_is_ready_is_handed_over_and_the_rest_has_its_reason(self, site: Site) -> None:
        status, job = ask(site, ids=[1, 2, 4, 999], action="submit")
        assert (status, job["done"], job["total"]) == (202, 3, 4)
        assert site.flow.begun == {job["id"]: "anna"}
        told = {one["id"]: (one["state"], bool(one["message"])) for one in job["results"]}
        assert told == {1: ("to_complete", True), 4: ("to_process", False), 999: (None, True)}
        assert states(site)[2] == "ready", "nothing is sent by the process that was asked"

    def test_nothing_ready_is_nothing_to_hand_over(self, site: Site) -> None:
        _, job = ask(site, ids=[1], action="submit")
        assert (job["done"], site.flow.begun) == (1, {})

    @pytest.mark.parametrize("what", ["paused", "silent"])
    def test_the_job_says_why_nothing_moves(self, site: Site, what: str) -> None:
        _, job = ask(site, ids=[2], action="submit")
        assert job["message"] is None
        setattr(site.flow, what, True)
        message = look(site, job["id"])["message"]
        assert {"paused": "pause", "silent": "signe de vie"}[what] in message

    def test_sending_switched_off_is_said(self, site: Site) -> None:
        _, job = ask(site, ids=[2], action="submit")
        object.__setattr__(site.services.settings, "sending", False)
        assert "CHORUS_SENDING" in look(site, job["id"])["message"]

    def test_a_flow_that_takes_nothing_is_an_error_and_the_job_is_over(self, site: Site) -> None:
        site.flow.missing = True
        status, answer = ask(site, ids=[2], action="submit")
        assert (status, answer["error"]["code"]) == (503, "flow_unavailable")
        stored = site.services.store.bulk_requests.get(1, now=site.services.clock.now())
        assert stored is not None and stored.done == 1

    def test_what_was_not_begun_is_taken_back(self, site: Site) -> None:
        _, job = ask(site, ids=[2], action="submit")
        stopped = site.client("anna").post(f"/api/v1/jobs/{job['id']}/stop", headers=site.form_headers("anna"))
        [result] = json_of(stopped)["results"]
        assert (result["state"], json_of(stopped)["done"]) == ("ready", 1)
        assert "Arrêté" in result["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [1], "action": "explode"},
        {"ids": [1]},
        {"action": "reread"},
        {"ids": [], "action": "reread"},
        {"ids": ["1"], "action": "reread"},
        {"ids": [2**63], "action": "reread"},
        {"ids": [1], "filter": {}, "action": "reread"},
        {"ids": [1], "action": "hold"},
        {"ids": [1], "action": "discard", "reason": "  "},
        {"ids": [1], "action": "reread", "colour": "red"},
        {"filter": {"colour": "red"}, "action": "reread"},
        {"filter": {"after": "x"}, "action": "reread"},
        {"filter": {"tab": "nothing"}, "action": "reread"},
        {"filter": {"sort": "color"}, "action": "reread"},
        {"filter": {"arrived_from": "2026-13-01"}, "action": "reread"},
        {"filter": {"provider": "nobody"}, "action": "reread"},
        {"ids": list(range(1, 10_002)), "action": "reread"},
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_done(site: Site, body: dict[str, Any]) -> None:
    before = states(site)
    status, answer = ask(site, **body)
    assert status == 422
    assert answer["error"]["message"]
    assert states(site) == before
    assert site.services.store.bulk_requests.get(1, now=site.services.clock.now()) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [({"ids": [1], "action": "hold"}, "reason"), ({"filter": {"colour": "red"}, "action": "reread"}, "filter")],
)
def test_the_part_that_is_wrong_is_named(site: Site, body: dict[str, Any], field: str) -> None:
    fields = ask(site, **body)[1]["fields"]
    assert list(fields) == [field] and fields[field][0]["message"]


def test_a_filter_takes_ten_thousand_at_most(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "MOST_DOCUMENTS", 2)
    assert ask(site, filter={"tab": "all"}, action="reread")[0] == 422
    assert ask(site, filter={}, action="reread")[0] == 202


def test_a_job_is_seen_by_who_asked_and_for_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = ask(site, ids=[1], action="hold", reason="x")
    address = f"/api/v1/jobs/{job['id']}"
    assert [site.client(who).get(address).status_code for who in ("anna", "bob", "boss")] == [200, 404, 404]
    assert [site.client("anna").get(f"/api/v1/jobs/{one}").status_code for one in (999, 2**70)] == [404, 404]
    later = site.services.clock.now() + bulk_actions.KEPT
    monkeypatch.setattr(type(site.services.clock), "now", lambda _: later - dt.timedelta(seconds=30))
    assert site.client("anna").get(address).status_code == 200
    monkeypatch.setattr(type(site.services.clock), "now", lambda _: later + dt.timedelta(seconds=30))
    assert site.client("anna").get(address).status_code == 404
