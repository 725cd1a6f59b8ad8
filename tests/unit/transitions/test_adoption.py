"""Which invoice of the platform's list is ours although no attempt explains it, and what a person is shown else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from include.domain.causes import CauseCode
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.submission import AttemptState, InvoiceValues, RemoteInvoice, after_refusal, after_search
from include.domain.transitions import adoption
from include.domain.transitions import submission as rules
from include.domain.transitions.adoption import ADOPTABLE, Fate
from include.domain.transitions.sent_invoice import SentInvoice
from tests.factories import a_submission, complete_draft, found_as_sent
from tests.unit.transitions.situations import NOW, attempt, sent

REFUSED, UNRESOLVED = AttemptState.REFUSED, AttemptState.UNRESOLVED
DAY = dt.date(2026, 11, 18)
SENT = a_submission()
OTHER_BODY = "99999999900019"


def unsent(state: State = State.READY, **values: object) -> SentInvoice:
    """One that was never sent, as far as we know."""
    return dataclasses.replace(sent(state, attempt(), **values), attempts=(), draft=complete_draft("2026-FA-1"))


def there(**changes: object) -> RemoteInvoice:
    """Its invoice on the platform."""
    return found_as_sent(**{"issue_date": DAY, **changes})  # type: ignore[arg-type]


SAME_THOUGH_WRITTEN_OTHERWISE = {
    "as sent": {},
    "decimals": {"total_incl_tax": Decimal("1200.0"), "total_excl_tax": Decimal(1000)},
    "many decimals": {"total_incl_tax": Decimal("1200.000000")},
    "a sign": {"total_incl_tax": Decimal("-1200.00"), "total_excl_tax": Decimal("-1000.00")},
    "number in another case with blanks": {"number": " 2026-fa-1 "},
    "SIRET in groups": {"recipient_siret": f"{SENT.recipient_siret[:9]} {SENT.recipient_siret[9:]}"},
    "no date told": {"issue_date": None},
    "no total without tax told": {"total_excl_tax": None},
    "a service, which a correction changes": {"service_code": "COMPTA"},
    "another status": {"status": "MANDATEE"},
    "returned": {"status": "SUSPENDUE"},
}
OTHER_VALUES = {
    "recipient": {"recipient_siret": OTHER_BODY},
    "type": {"credit_note": True},
    "total": {"total_incl_tax": Decimal("1200.01")},
    "total without tax": {"total_excl_tax": Decimal("1000.01")},
    "date": {"issue_date": dt.date(2026, 11, 17)},
    "no total told": {"total_incl_tax": None},
    "number": {"number": "2026-FA-2"},
}


@pytest.mark.parametrize("changes", SAME_THOUGH_WRITTEN_OTHERWISE.values(), ids=SAME_THOUGH_WRITTEN_OTHERWISE)
def test_equal_values_are_equal_however_they_are_written(changes: dict[str, object]) -> None:
    row = there(**changes)
    assert InvoiceValues.of(row).same_values(InvoiceValues.of_draft(complete_draft("2026-FA-1")))
    assert InvoiceValues.of(row).same_values(InvoiceValues.of(a_submission(issue_date=DAY)))
    change = rules.met_before_claim(unsent(), [row], now=NOW)
    assert change is not None and change.after is State.SUBMITTED
    change.check()


@pytest.mark.parametrize("changes", OTHER_VALUES.values(), ids=OTHER_VALUES)
def test_other_values_are_other(changes: dict[str, object]) -> None:
    assert not InvoiceValues.of(there(**changes)).same_values(InvoiceValues.of_draft(complete_draft("2026-FA-1")))


@pytest.mark.parametrize("state", ADOPTABLE)
def test_what_is_not_sent_as_far_as_we_know_is_taken_back(state: State) -> None:
    change = adoption.met_by_retrieval(unsent(state), there(), now=NOW)
    assert change is not None and change.confirmed_by_platform
    change.check()
    assert (change.after, change.moves[0].cause.code) == (State.SUBMITTED, CauseCode.ADOPTED)
    assert (change.values["chorus_id"], change.values["status"], change.values["reasons"]) == (7, "DEPOSEE", None)
    assert change.values["environment"] == "simulator", "where it was met, as a claim keeps it"
    [event] = change.events
    assert event.kind is EventKind.SUBMITTED and event.facts["old_news"], "dashboards, and no mail"


@pytest.mark.parametrize("state", [state for state in State if state not in ADOPTABLE])
def test_nothing_else_is_touched(state: State) -> None:
    assert adoption.met_by_retrieval(unsent(state), there(), now=NOW) is None
    assert adoption.confirmed_by_person(unsent(state), there(), actor="anna", now=NOW) is None
    assert adoption.fate_of(unsent(state), there()) is None


def test_other_values_wait_for_a_person_who_sees_both_and_is_told_once() -> None:
    row = there(total_incl_tax=Decimal("99.00"), credit_note=True, recipient_siret=OTHER_BODY)
    met = [rules.met_before_claim(unsent(), [row], now=NOW) for _ in range(2)]
    change = met[0]
    assert change is not None and met[1] is not None
    change.check()
    [reason] = change.values["reasons"]
    assert (change.after, change.moves[0].cause.code) == (State.TO_COMPLETE, CauseCode.FOUND_WITH_OTHER_VALUES)
    for language in ("fr", "en"):
        said = reason.message(language)
        assert all(text in said for text in (OTHER_BODY, "-99", a_submission().recipient_siret, "200", "18"))
    assert change.events[0].once == met[1].events[0].once is not None


@pytest.mark.parametrize("state", ADOPTABLE)
def test_a_retrieval_with_other_values_stops_only_what_would_go_next(state: State) -> None:
    change = adoption.met_by_retrieval(unsent(state), there(total_incl_tax=Decimal(1)), now=NOW)
    assert (change is not None) == (state is State.READY)


def test_the_equal_one_of_several_decides() -> None:
    rows = [there(chorus_id=1, total_incl_tax=Decimal(1)), there(chorus_id=2)]
    change = rules.met_before_claim(unsent(), rows, now=NOW)
    assert change is not None and change.values["chorus_id"] == 2


def test_a_draft_on_the_portal_was_not_deposited_and_keeps_nothing_back() -> None:
    assert rules.met_before_claim(unsent(), [there(status="BROUILLON")], now=NOW) is None
    assert adoption.met_by_retrieval(unsent(), there(status="BROUILLON"), now=NOW) is None
    assert rules.met_before_claim(unsent(), [], now=NOW) is None


def test_an_attempt_that_explains_it_is_closed_as_taken() -> None:
    change = rules.met_before_claim(sent(State.READY, attempt(1, UNRESOLVED)), [there()], now=NOW)
    assert change is not None and [(one.attempt_id, one.state) for one in change.attempts] == [(1, AttemptState.TAKEN)]


def test_values_that_went_out_count_as_well_as_those_of_today() -> None:
    changed = dataclasses.replace(
        sent(State.REFUSED, attempt(1, REFUSED)), draft=complete_draft("2026-FA-1", total_incl_tax="1.00")
    )
    assert adoption.met_by_retrieval(changed, there(), now=NOW) is not None


class TestSearches:
    """The measured fault: refused as a used number, found with all values equal, and called "other values"."""

    def test_a_refused_sending_that_finds_its_own_values_is_ours(self) -> None:
        refused = sent(State.SUBMITTING, attempt(1, REFUSED, refusal_number=29901, refusal_label="used"))
        outcome, change = rules.after_refusal_searched(refused, [there()], search_after_seconds=1, now=NOW)
        change.check()
        assert (change.after, outcome.cause.code) == (State.SUBMITTED, CauseCode.ADOPTED)
        assert change.attempts == (), "that sending was refused, whoever brought it there"

    def test_unless_another_invoice_of_ours_bears_that_number(self) -> None:
        refused = sent(State.SUBMITTING, attempt(1, REFUSED))
        mine = rules.already_sent(9, number="2026-FA-1", document="copy.pdf")
        _, change = rules.after_refusal_searched(
            refused, [there()], search_after_seconds=1, now=NOW, elsewhere={7: mine}
        )
        assert (change.after, change.values["reasons"]) == (State.REFUSED, (mine,))

    @pytest.mark.parametrize("changes", [OTHER_VALUES[name] for name in ("recipient", "type", "total", "date")])
    def test_other_values_are_refused_as_before(self, changes: dict[str, object]) -> None:
        facts = [(REFUSED, a_submission(issue_date=DAY))]
        assert after_refusal(facts, [there(**changes)]).cause.code is CauseCode.FOUND_WITH_OTHER_VALUES
        assert after_search(facts, [there(**changes)], again_allowed=True).found == there(**changes)

    def test_an_unresolved_attempt_explains_it_before_anything_else(self) -> None:
        facts = [(REFUSED, a_submission(issue_date=DAY)), (UNRESOLVED, a_submission(issue_date=DAY))]
        assert after_search(facts, [there()], again_allowed=False).cause.code is CauseCode.FOUND_AS_SENT


@pytest.mark.parametrize(
    ("changes", "fate"), [({}, Fate.ADOPT), (OTHER_VALUES["total"], Fate.WAITS), ({"status": "BROUILLON"}, None)]
)
def test_a_check_foretells_what_a_retrieval_does(changes: dict[str, object], fate: Fate | None) -> None:
    row = there(**changes)
    assert adoption.fate_of(unsent(), row) is fate
    change = adoption.met_by_retrieval(unsent(), row, now=NOW)
    assert (None if change is None else change.confirmed_by_platform) == (None if fate is None else fate is Fate.ADOPT)


def test_a_person_may_say_that_it_is_ours_whatever_differs() -> None:
    row = there(**OTHER_VALUES["date"])
    change = adoption.confirmed_by_person(unsent(State.TO_COMPLETE), row, actor="anna", now=NOW)
    assert change is not None and (change.after, change.actor) == (State.SUBMITTED, "anna")
    change.check()
