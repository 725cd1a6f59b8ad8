"""What programs do to one document: put aside, bring back, read again, submit; each only once, whoever asks again."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from include.adapters.storage.core.tables import invoices
from include.application.resend.send_again import SendAgain
from include.web import remote_calls
from tests.fakes.chorus import FakePlatform, Fault
from tests.web.conftest import Site, json_of


def shown(site: Site, document: int) -> Any:
    return json_of(site.client("anna").get(f"/api/v1/documents/{document}"))


def act(site: Site, document: int, action: str, version: int | None = None, reason: str | None = None) -> Any:
    body = {"version": shown(site, document)["version"] if version is None else version, "reason": reason}
    address = f"/api/v1/documents/{document}/{action}"
    return site.client("anna", bearer=True).post(address, json=body)


@pytest.fixture
def complete(site: Site, opened: int) -> int:
    """Document 5, with the service code that was missing."""
    patch = {"version": shown(site, opened)["version"], "values": {"service_code": "ST01"}}
    answer = site.client("anna", bearer=True).patch(f"/api/v1/documents/{opened}/fields", json=patch)
    assert json_of(answer)["state"] == "ready"
    return opened


def test_what_is_complete_is_sent_once_however_often_it_is_asked_for(
    site: Site, complete: int, platform: FakePlatform
) -> None:
    first = act(site, complete, "submit")
    assert (first.status_code, json_of(first)["state"]) == (200, "submitted")
    again = act(site, complete, "submit", version=1)
    assert (again.status_code, json_of(again)["state"]) == (200, "submitted")
    assert platform.numbers() == ["2026-FA-1"]


def test_what_is_not_complete_is_refused_with_its_reasons(site: Site, opened: int, platform: FakePlatform) -> None:
    answer = act(site, opened, "submit")
    assert answer.status_code == 422
    assert json_of(answer)["error"]["code"] == "not_complete"
    assert [one["code"] for one in json_of(answer)["reasons"]] == ["service_required"]
    assert platform.numbers() == []


@pytest.mark.parametrize("state", ["refused", "unreadable"])
def test_what_was_refused_or_cannot_be_read_is_not_sent_again(
    site: Site, complete: int, platform: FakePlatform, state: str
) -> None:
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == complete).values(state=state))
    answer = act(site, complete, "submit")
    assert (answer.status_code, "reasons" in json_of(answer)) == (422, True)
    assert platform.numbers() == []


@pytest.mark.parametrize("action", ["submit", "hold", "discard", "reread"])
def test_a_stale_version_changes_nothing_and_tells_the_one_now(
    site: Site, complete: int, platform: FakePlatform, action: str
) -> None:
    now = shown(site, complete)
    answer = act(site, complete, action, version=now["version"] - 1, reason="x")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, "changed")
    assert json_of(answer)["version"] == now["version"]
    assert shown(site, complete) == now
    assert platform.numbers() == []


@pytest.mark.parametrize("state", ["held", "discarded", "ignored", "detected"])
def test_what_is_put_aside_is_not_sent(site: Site, complete: int, platform: FakePlatform, state: str) -> None:
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == complete).values(state=state))
    answer = act(site, complete, "submit")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, "not_now")
    assert platform.numbers() == []


@pytest.mark.parametrize(("action", "code"), [("release", "not_now"), ("restore", "not_now")])
def test_what_is_not_put_aside_cannot_be_brought_back(site: Site, complete: int, action: str, code: str) -> None:
    answer = act(site, complete, action)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, code)


@pytest.mark.parametrize(("aside", "back"), [("hold", "release"), ("discard", "restore")])
def test_what_is_brought_back_is_assessed_at_once(site: Site, complete: int, aside: str, back: str) -> None:
    pipeline = site.services.pipeline()
    pipeline.bring_up([complete])
    assert act(site, complete, aside, reason="later").status_code == 200
    assert json_of(act(site, complete, back))["state"] == "ready"
    work = site.services.store.assessments.to_assess(pipeline.map.revision, limit=1, document_ids=[complete])
    assert (
        work,
        site.services.store.documents.to_match(pipeline.match.revision, limit=1, document_ids=[complete]),
    ) == ([], [])
    assert act(site, complete, "submit").status_code == 200
    assert shown(site, complete)["state"] == "submitted"


def test_a_reason_is_mandatory_to_put_aside(site: Site, complete: int) -> None:
    for action in ("hold", "discard"):
        assert act(site, complete, action).status_code == 422
        assert act(site, complete, action, reason=" ").status_code == 422
    held = json_of(act(site, complete, "hold", reason="asks back"))
    assert (held["state"], held["held_reason"]) == ("held", "asks back")
    assert json_of(act(site, complete, "release"))["state"] == "ready"


def test_an_unsure_outcome_says_when_to_ask_again(site: Site, complete: int, platform: FakePlatform) -> None:
    platform.fail("submit", Fault.CUT_AFTER_TAKEN)
    answer = act(site, complete, "submit")
    assert (answer.status_code, json_of(answer)["state"]) == (200, "unknown")
    assert json_of(answer)["retry_after_seconds"] > 0
    assert json_of(act(site, complete, "submit", version=1))["state"] == "unknown"
    assert platform.calls["submit"] == 1


def test_a_platform_that_is_down_is_told_and_nothing_is_lost(site: Site, complete: int, platform: FakePlatform) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=-1)
    assert act(site, complete, "submit").status_code == 503
    assert shown(site, complete)["state"] == "ready"


def test_after_half_a_minute_the_state_so_far(
    site: Site, complete: int, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sending goes on by itself, and ends in the store whether anybody waits or not."""
    goes_on, ended = threading.Event(), threading.Event()
    send = SendAgain.documents

    def slowly(self: SendAgain, *args: Any, **more: Any) -> Any:
        assert goes_on.wait(30)
        try:
            return send(self, *args, **more)
        finally:
            ended.set()

    monkeypatch.setattr(SendAgain, "documents", slowly)
    monkeypatch.setattr(remote_calls, "PATIENCE_SECONDS", 0.05)
    with site.client("anna", bearer=True) as client:
        address = f"/api/v1/documents/{complete}"
        version = json_of(client.get(address))["version"]
        answer = client.post(f"{address}/submit", json={"version": version})
        assert (answer.status_code, json_of(answer)["state"]) == (200, "ready")
        assert json_of(answer)["retry_after_seconds"] > 0
        assert int(answer.headers["retry-after"]) > 0
        goes_on.set()
        assert ended.wait(30)
        monkeypatch.undo()
        assert json_of(client.post(f"{address}/submit", json={"version": version}))["state"] == "submitted"
    assert platform.numbers() == ["2026-FA-1"]


def test_while_sending_is_switched_off_nothing_goes_out(
    site: Site, complete: int, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    object.__setattr__(site.services, "settings", dataclasses.replace(site.services.settings, sending=False))
    answer = act(site, complete, "submit")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (503, "sending_off")
    assert platform.numbers() == []
