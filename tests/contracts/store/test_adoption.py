"""What the store makes of invoices that the platform holds, though no attempt of ours explains it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from include.application.ports.ledger import SendWork
from include.application.ports.tracking import Stored
from include.domain.causes import CauseCode
from include.domain.correction import CorrectionKind
from include.domain.errors import AlreadySentError, StaleError
from include.domain.lifecycle import State
from include.domain.submission import RemoteInvoice, Taken
from include.domain.tracking import EntryKind, HistoryEntry, RemoteHistory
from include.domain.transitions.adoption import Fate
from tests.contracts.store.returned import ACCOUNT, correction, row, submitted
from tests.contracts.store.worlds import World, ready
from tests.factories import LOST, PROVIDER_KEY, SUPPLIER, a_submission
from tests.fakes.clock import START

OTHER_VALUES = {"total_incl_tax": Decimal("99.00")}


def store(world: World, *rows: RemoteInvoice) -> Stored:
    return world.tracking.store_rows(ACCOUNT, rows, old_before=None, now=START)


def meet(world: World, work: SendWork) -> State | None:
    return world.ledger.meet(work, environment="simulator", supplier_siret=SUPPLIER, now=START)


def claim(world: World, work: SendWork, number: str = "F-1") -> object:
    submission = a_submission(number, main_sha256=work.content_sha256)
    return world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)


def standing(world: World, work: SendWork) -> tuple[State, str | None, int | None]:
    invoice_id = work.row_version.invoice_id
    return world.held(invoice_id).state, world.value(invoice_id, "status"), world.value(invoice_id, "chorus_id")


def known_as(world: World, chorus_id: int = 7) -> tuple[int, int | None]:
    """Invoice and document behind a number of the platform."""
    [found] = world.tracking.known(ACCOUNT, [chorus_id]).values()
    return found.id, found.document_id


# ---------------------------------------------------------------- a retrieval meets it


@pytest.mark.parametrize("foreign_first", [False, True])
@pytest.mark.parametrize(
    ("status", "after"), [("DEPOSEE", State.SUBMITTED), ("SUSPENDUE", State.TO_PROCESS)], ids=["taken", "returned"]
)
def test_a_retrieval_takes_for_ours_what_stands_there_with_all_values(
    world: World, foreign_first: bool, status: str, after: State
) -> None:
    if foreign_first:
        assert store(world, row(status=status, at=1)).foreign == 1
    work = ready(world, "F-1")
    stored = store(world, row(status=status, at=1))
    assert (stored.adopted, stored.foreign, stored.waiting, stored.recovered) == (1, 0, 0, 0)
    assert standing(world, work) == (after, status, 7)
    assert known_as(world)[0] == work.row_version.invoice_id and known_as(world)[1] is not None
    assert CauseCode.ADOPTED in [why.code for _, why, _ in world.log(work.row_version.invoice_id)]
    assert store(world, row(status=status, at=1)) == Stored(), "safe to repeat"


def test_it_keeps_number_and_content_for_itself_from_then_on(world: World) -> None:
    twin = ready(world, "F-1", path="Factures/copy.pdf", content=b"other")
    work = ready(world, "F-1")
    store(world, row())
    adopted, left = (twin, work) if standing(world, twin)[0] is State.SUBMITTED else (work, twin)
    assert world.holders()[0] == {adopted.row_version.invoice_id} and world.keys() == 2
    with pytest.raises(AlreadySentError):
        claim(world, left)


def test_other_values_wait_for_a_person_beside_the_foreign_one(world: World) -> None:
    work = ready(world, "F-1")
    stored = store(world, row(**OTHER_VALUES))
    assert (stored.waiting, stored.adopted, stored.foreign) == (1, 0, 1)
    assert standing(world, work) == (State.TO_COMPLETE, None, None)
    [reason] = world.value(work.row_version.invoice_id, "reasons")
    assert reason.code == "found_with_other_values"
    assert store(world, row(**OTHER_VALUES)).waiting == 0, "safe to repeat"


def test_what_its_sender_still_has_is_left_to_it(world: World) -> None:
    work = ready(world, "F-1")
    claim(world, work)
    assert store(world, row()) == Stored()
    assert standing(world, work)[0] is State.SUBMITTING


def test_a_history_that_was_asked_of_the_foreign_one_is_not_asked_again(world: World) -> None:
    store(world, row())
    [due] = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    entry = HistoryEntry(kind=EntryKind.STATUS, entry_id="1", code="DEPOSEE", at=START)
    world.tracking.store_histories([(due, RemoteHistory(chorus_id=7, status="DEPOSEE", entries=(entry,)))], now=START)
    ready(world, "F-1")
    assert store(world, row()).adopted == 1
    assert world.tracking.histories_waiting(PROVIDER_KEY) == 0


# ---------------------------------------------------------------- right before the claim


def test_before_the_claim_equal_values_are_ours_and_nothing_is_claimed(world: World) -> None:
    store(world, row(status="SUSPENDUE", at=1))
    told = len(world.told())
    work = ready(world, "F-1")
    assert meet(world, work) is State.SUBMITTED
    assert standing(world, work) == (State.TO_PROCESS, "SUSPENDUE", 7)
    assert len(world.told()) == told + 1, "of the sending alone: whoever had to hear of its status was told then"
    assert meet(world, work) is None, "nothing foreign is left"
    with pytest.raises(StaleError):
        claim(world, work)


def test_before_the_claim_other_values_wait_for_a_person(world: World) -> None:
    store(world, row(**OTHER_VALUES))
    work = ready(world, "F-1")
    assert meet(world, work) is State.TO_COMPLETE
    assert standing(world, work)[0] is State.TO_COMPLETE
    with pytest.raises(StaleError):
        meet(world, work)


def test_what_was_retrieved_since_the_look_stops_the_claim(world: World) -> None:
    work = ready(world, "F-1")
    assert meet(world, work) is None
    store(world, row(**OTHER_VALUES))
    held = work.row_version
    world.set(held.invoice_id, state=State.READY)
    again = dataclasses.replace(work, row_version=world.held(held.invoice_id))
    with pytest.raises(StaleError):
        claim(world, again)


def test_a_draft_typed_on_the_portal_keeps_nothing_back(world: World) -> None:
    store(world, row(status="BROUILLON"))
    work = ready(world, "F-1")
    assert meet(world, work) is None
    claim(world, work)
    assert standing(world, work)[0] is State.SUBMITTING


def test_a_number_that_the_platform_gave_away_is_nobodys(world: World) -> None:
    """A test platform that was emptied: what we knew under its number is there no more, and hinders nothing."""
    store(world, row())
    store(world, row("F-2"))
    work = ready(world, "F-1")
    assert meet(world, work) is None
    claim(world, work)
    assert standing(world, work)[0] is State.SUBMITTING


# ---------------------------------------------------------------- one row of two


def test_one_that_is_being_corrected_is_left_to_whoever_corrects_it(world: World) -> None:
    store(world, row(status="A_RECYCLER", at=1))
    foreign, _ = known_as(world)
    held = world.corrections.work(foreign)
    world.corrections.claim(held, correction(CorrectionKind.RECYCLE), "{}", owner="o", lease_seconds=900, now=START)
    work = ready(world, "F-1")
    assert store(world, row(status="A_RECYCLER", at=1)).adopted == 0
    with pytest.raises(StaleError):
        meet(world, work)
    assert known_as(world) == (foreign, None) and standing(world, work)[0] is State.READY


def test_a_late_success_takes_the_row_that_a_retrieval_made_of_it(world: World) -> None:
    work = ready(world, "F-1")
    submission = a_submission("F-1", main_sha256=work.content_sha256)
    attempt = world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    assert world.ledger.refusal(attempt, 20013, "no", "{}", now=START)  # its keys are free: nobody knows it any more
    assert store(world, row()).foreign == 1
    answer = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    assert world.ledger.taken(attempt, answer, now=START)
    assert known_as(world)[0] == work.row_version.invoice_id


@pytest.mark.parametrize("changed", [{"owner": "a worker of before"}, {"invoice_id": 99}, {"id": 99}])
def test_answers_to_attempts_that_a_set_back_database_lost_move_nothing(
    world: World, changed: dict[str, object]
) -> None:
    work = ready(world, "F-1")
    submission = a_submission("F-1", main_sha256=work.content_sha256)
    attempt = world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    gone = dataclasses.replace(attempt, **changed)  # type: ignore[arg-type]
    ledger = world.ledger
    answer = Taken(chorus_id=1, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    assert not ledger.taken(gone, answer, now=START)
    assert not ledger.not_sent(gone, LOST, now=START)
    assert not ledger.unresolved(gone, LOST, search_after_seconds=1, now=START)
    assert not ledger.refusal(gone, 1, "no", "{}", now=START)
    assert ledger.apply_refusal(gone, [], search_after_seconds=1, now=START) is None
    assert standing(world, work) == (State.SUBMITTING, None, None)
    assert world.attempt_states(work.row_version.invoice_id) == ["open"]


# ---------------------------------------------------------------- the check after a restore


def test_the_check_says_what_a_retrieval_would_do_and_changes_nothing(world: World) -> None:
    ours = {number: ready(world, number).row_version.invoice_id for number in ("F-1", "F-2")}
    submitted(world, "F-3", chorus_id=3)
    rows = [row("F-1"), row("F-2", chorus_id=2, **OTHER_VALUES), row("F-3", chorus_id=3), row("F-4", chorus_id=4)]
    found = {one.row.number: (one.fate, one.invoice_id) for one in world.tracking.unclaimed(ACCOUNT, rows)}
    expected = {"F-1": (Fate.ADOPT, ours["F-1"]), "F-2": (Fate.WAITS, ours["F-2"]), "F-4": (Fate.FOREIGN, None)}
    assert found == expected
    assert [world.held(invoice_id).state for invoice_id in ours.values()] == [State.READY, State.READY]
    store(world, *rows)
    left = world.tracking.unclaimed(ACCOUNT, rows)
    assert [(one.row.number, one.fate) for one in left] == [("F-2", Fate.WAITS)]


def test_a_person_settles_what_waits(world: World) -> None:
    work = ready(world, "F-1")
    invoice_id, shown = work.row_version.invoice_id, row(**OTHER_VALUES)
    store(world, shown)
    assert world.tracking.adopt(ACCOUNT, invoice_id, shown, actor="anna", now=START)
    assert standing(world, work) == (State.SUBMITTED, "DEPOSEE", 7)
    assert world.log(invoice_id)[-1][2] == "anna" and known_as(world)[0] == invoice_id
    assert world.tracking.unclaimed(ACCOUNT, [shown]) == []
    assert not world.tracking.adopt(ACCOUNT, invoice_id, shown, actor="anna", now=START), "once is enough"
    assert not world.tracking.adopt(ACCOUNT, 99, shown, actor="anna", now=START)


def test_what_is_ready_is_counted_whatever_the_limit(world: World) -> None:
    first, _ = ready(world, "F-1"), ready(world, "F-2")
    count = world.ledger.count_ready
    assert (count(PROVIDER_KEY, 1), count(PROVIDER_KEY, 2), count("other", 1)) == (2, 0, 0)
    assert count(PROVIDER_KEY, 1, invoice_ids=[first.row_version.invoice_id]) == 1
    assert count(PROVIDER_KEY, 1, invoice_ids=[]) == 0
