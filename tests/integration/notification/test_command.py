"""`chorus notifications`."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from include.cli.notifications import notifications
from include.domain.errors import InputError
from include.domain.notification import AddressBook, EventKind, digests
from include.domain.reasons import Reason
from include.settings import settings
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import FakeNotificationViews, FakeOutbox
from tests.unit.notification.people import AT, alert, configuration, invoice_event

app = typer.Typer()
app.command()(notifications)


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> FakeOutbox:
    """An outbox with two events of an invoice for Durand and Martin, and an alert for Alice."""
    outbox = FakeOutbox()
    outbox.add(invoice_event(EventKind.AWAITING_SUBMISSION, state="to_complete", reasons=[Reason(code="no_words_yet")]))
    outbox.add(invoice_event(chorus_id=4711, number="[red]2026-1\x1b[31m"))
    outbox.add(alert("other", text="Alarm"))
    events = outbox.undistributed(after=0, limit=10)
    made = digests(events, AddressBook(configuration()), host="x.example")
    outbox.distribute(made, [event.id for event in events], now=AT)
    parts = {"outbox": outbox, "notification_views": FakeNotificationViews(outbox)}
    stored = SimpleNamespace(current=lambda: (1, configuration()))
    store = SimpleNamespace(**parts, configuration=stored)
    found = SimpleNamespace(store=store, settings=settings({"LANG": "en_US.UTF-8"}), clock=FakeClock())
    monkeypatch.setattr("include.bootstrap.services", lambda: found)
    return outbox


def lines(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_without_a_name_every_event_is_listed_newest_first(outbox: FakeOutbox) -> None:
    assert [row["kind"] for row in lines()] == ["alert", "submitted", "awaiting_submission"]
    assert "est déposée" in str(lines()[1]["message"]), "JSON is French unless CHORUS_LANGUAGE says otherwise"


def test_with_a_name_only_what_that_person_was_told(outbox: FakeOutbox) -> None:
    assert [row["kind"] for row in lines("--user", "martin")] == ["submitted", "awaiting_submission"]
    assert [row["message"] for row in lines("--as", "alice")] == ["Alarm"]
    assert lines("--user", "nobody") == []


def test_a_line_has_all_that_a_program_needs(outbox: FakeOutbox) -> None:
    row = lines("--user", "durand", "--language", "en")[-1]
    assert row["at"] == "2026-11-20T08:00:00Z"
    assert (row["invoice_id"], row["document_id"], row["provider"]) == (1, None, "Imprimerie Durand")
    assert row["reasons"] == [{"code": "no_words_yet", "field": None, "message": "no_words_yet"}]
    assert row["message"] == "Invoice 2026-1 awaits submission (To complete). no_words_yet"
    facts = row["facts"]
    assert isinstance(facts, dict)
    assert facts["total_incl_tax"] == "1800.00"
    assert "reasons" not in facts


def test_a_person_sees_a_table_that_data_cannot_colour(outbox: FakeOutbox) -> None:
    result = CliRunner().invoke(app, [], catch_exceptions=False, env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "[red]2026-1\u241b[31m" in result.stdout
    assert "\x1b" not in result.stdout
    assert "20 Nov 2026 09:00" in result.stdout
    assert "what" in result.stdout, "in the language of the terminal"
    assert "Quoi" in CliRunner().invoke(app, ["--language", "fr"], catch_exceptions=False).stdout


def test_the_limit_keeps_the_newest(outbox: FakeOutbox) -> None:
    assert [row["kind"] for row in lines("--limit", "1")] == ["alert"]


def test_what_was_read_is_marked_and_no_longer_unread(outbox: FakeOutbox) -> None:
    assert {row["read_at"] for row in lines("--user", "martin", "--limit", "1", "--mark-read")} == {None}
    assert [row["kind"] for row in lines("--user", "martin", "--unread")] == ["awaiting_submission"]
    assert [row["read_at"] is None for row in lines("--user", "martin")] == [False, True]
    assert [row["read_at"] for row in lines("--user", "durand")] == [None, None], "each person reads for himself"


def test_marks_are_somebodys() -> None:
    for option in ("--unread", "--mark-read"):
        assert isinstance(CliRunner().invoke(app, [option]).exception, InputError)
