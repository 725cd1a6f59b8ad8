"""What a row of the platform's list means, decided without any store."""

from __future__ import annotations

import datetime as dt

import pytest

from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.tracking import Account
from include.domain.transitions import tracking as rules
from include.domain.transitions.tracking import Observed, TrackedInvoice
from tests.factories import PROVIDER_KEY, SUPPLIER, complete_draft, found_as_sent
from tests.unit.transitions.situations import LATER, NOW, held

ACCOUNT = Account(provider_key=PROVIDER_KEY, environment="simulator", siret=SUPPLIER)


def hear(state: State, known: str, said: str, *, old_before: dt.datetime | None = None) -> Observed | None:
    invoice = TrackedInvoice(
        row_version=held(state), document="f.pdf", draft=complete_draft(), status=known, status_at=NOW, remote_at=NOW
    )
    row = found_as_sent(status=said, status_at=NOW if said == known else LATER)
    found = rules.observed(invoice, row, ACCOUNT, old_before=old_before, now=NOW)
    if found is not None:
        found.change.check()
    return found


def test_nothing_new_changes_nothing() -> None:
    assert hear(State.SUBMITTED, "DEPOSEE", "DEPOSEE") is None


def test_a_return_moves_it_and_is_told() -> None:
    found = hear(State.SUBMITTED, "DEPOSEE", "SUSPENDUE")
    assert found is not None and found.change.after is State.TO_PROCESS and found.changed
    assert found.change.moves[0].cause.params == {"status": "SUSPENDUE"}
    assert [event.facts["state"] for event in found.events] == [State.TO_PROCESS]


def test_the_next_status_is_kept_without_a_move() -> None:
    found = hear(State.SUBMITTED, "DEPOSEE", "MANDATEE")
    assert found is not None and not found.change.moves and found.change.values["status"] == "MANDATEE"
    assert not found.keeps_version


@pytest.mark.parametrize("state", [State.CORRECTING, State.CORRECTION_UNKNOWN])
def test_a_correction_under_way_keeps_its_row(state: State) -> None:
    found = hear(state, "A_RECYCLER", "DEPOSEE")
    assert found is not None and found.keeps_version and not found.change.moves


def test_a_closed_one_that_moved_on_goes_by_way_of_to_process() -> None:
    found = hear(State.CLOSED, "REJETEE", "MANDATEE")
    assert found is not None
    assert [move.after for move in found.change.moves] == [State.TO_PROCESS, State.SUBMITTED]


def test_a_status_that_nobody_listed_is_an_alert_and_no_move() -> None:
    found = hear(State.SUBMITTED, "DEPOSEE", "INVENTED")
    assert found is not None and not found.change.moves
    assert {event.kind for event in found.events} == {EventKind.STATUS_CHANGED, EventKind.ALERT}


def test_old_news_is_no_mail() -> None:
    found = hear(State.SUBMITTED, "DEPOSEE", "SUSPENDUE", old_before=LATER + dt.timedelta(days=1))
    assert found is not None and "old_news" in found.events[0].facts


@pytest.mark.parametrize(
    ("status", "state", "told"), [("DEPOSEE", State.SUBMITTED, 0), ("A_RECYCLER", State.TO_PROCESS, 1)]
)
def test_what_we_never_sent_begins_where_its_status_says(status: str, state: State, told: int) -> None:
    found = rules.foreign(found_as_sent(status=status), ACCOUNT, now=NOW)
    assert found.move.after is state and found.values["state"] == state
    assert len(found.events(1, ACCOUNT, old_before=None, now=NOW)) == told
