"""What the store promises about what the platform tells of invoices (port `Tracking`)."""

from __future__ import annotations

import dataclasses
import datetime as dt

from include.application.ports.tracking import DueHistory, Stored
from include.domain.causes import CauseCode
from include.domain.directory import DirectoryEntry
from include.domain.lifecycle import State
from include.domain.submission import RemoteInvoice
from include.domain.tracking import Agent, EntryKind, HistoryEntry, RemoteHistory
from tests.contracts.store.returned import ACCOUNT, MINUTE, OTHER_BODY, correction, returned, row, submitted
from tests.contracts.store.worlds import World, ready
from tests.factories import BODY, LOST, PROVIDER_KEY, a_submission
from tests.fakes.clock import START


def store(world: World, *rows: RemoteInvoice, old_before: dt.datetime | None = None) -> Stored:
    return world.tracking.store_rows(ACCOUNT, rows, old_before=old_before, now=START)


def standing(world: World, invoice_id: int) -> tuple[State, str | None]:
    return world.held(invoice_id).state, world.value(invoice_id, "status")


def changes(world: World) -> int:
    """How many changes of status are told."""
    return world.told().count(("status_changed", None))


# ---------------------------------------------------------------- how the retrieval stands


def test_a_provider_never_retrieved_has_an_empty_record(world: World) -> None:
    record = world.tracking.record(PROVIDER_KEY)
    assert (record.provider_key, record.watermark, record.full_at, record.failure) == (PROVIDER_KEY, None, None, None)


def test_the_watermark_never_goes_back_and_the_first_full_load_is_remembered(world: World) -> None:
    def complete(minutes: int, *, full: bool, now: dt.datetime) -> None:
        world.tracking.complete(
            PROVIDER_KEY, watermark=START + minutes * MINUTE, full=full, counts={"seen": 1}, seconds=2.5, now=now
        )

    complete(10, full=True, now=START)
    complete(5, full=True, now=START + MINUTE)
    record = world.tracking.record(PROVIDER_KEY)
    assert (record.watermark, record.full_at, record.last_good_at) == (START + 10 * MINUTE, START, START + MINUTE)
    assert (dict(record.counts), record.seconds) == ({"seen": 1}, 2.5)


def test_a_failed_run_keeps_what_the_last_good_one_left_and_a_good_one_forgets_the_failure(world: World) -> None:
    world.tracking.complete(PROVIDER_KEY, watermark=START, full=True, counts={}, seconds=1.0, now=START)
    world.tracking.failed(PROVIDER_KEY, "down", now=START + MINUTE)
    record = world.tracking.record(PROVIDER_KEY)
    assert (record.watermark, record.failure, record.failed_at) == (START, "down", START + MINUTE)
    world.tracking.complete(PROVIDER_KEY, watermark=START, full=False, counts={}, seconds=1.0, now=START + 2 * MINUTE)
    assert world.tracking.record(PROVIDER_KEY).failure is None


def test_the_first_sending_that_may_have_arrived_is_known(world: World) -> None:
    assert world.tracking.first_sent_at(PROVIDER_KEY) is None
    submitted(world)
    assert world.tracking.first_sent_at(PROVIDER_KEY) == START
    assert world.tracking.first_sent_at("other") is None


# ---------------------------------------------------------------- invoices of ours


def test_a_new_status_moves_the_invoice_and_is_told_once(world: World) -> None:
    invoice_id = submitted(world)
    shown = row(status="SUSPENDUE", at=1)
    assert store(world, shown) == Stored(new=1, changed=1)
    assert standing(world, invoice_id) == (State.TO_PROCESS, "SUSPENDUE")
    version = world.held(invoice_id).version
    assert store(world, shown) == Stored()
    assert (world.held(invoice_id).version, changes(world)) == (version, 1), "unchanged, neither written nor told"


def test_of_a_row_that_comes_twice_the_later_counts(world: World) -> None:
    invoice_id = submitted(world)
    store(world, row(status="SUSPENDUE", at=1), row(status="MISE_EN_PAIEMENT", at=2))
    assert standing(world, invoice_id) == (State.SUBMITTED, "MISE_EN_PAIEMENT")


def test_a_status_outside_the_list_moves_nothing_and_is_an_alert(world: World) -> None:
    invoice_id = submitted(world)
    store(world, row(status="INVENTEE", at=1))
    assert standing(world, invoice_id) == (State.SUBMITTED, "UNKNOWN")
    assert ("alert", "unknown_status") in world.told()


def test_a_retrieval_moves_nothing_of_a_correction_under_way(world: World) -> None:
    invoice_id = returned(world)
    work = world.corrections.work(invoice_id)
    attempt = world.corrections.claim(work, correction(), "{}", owner="o", lease_seconds=900, now=START)
    version = world.held(invoice_id).version
    store(world, row(status="DEPOSEE", at=2, recipient_siret=OTHER_BODY))
    assert standing(world, invoice_id) == (State.CORRECTING, "DEPOSEE")
    assert world.held(invoice_id).version == version, "its sender still holds the row"
    assert world.corrections.not_sent(attempt, LOST, now=START)


def test_known_ones_are_found_by_their_number_on_the_platform(world: World) -> None:
    invoice_id = submitted(world)
    store(world, row("X-1", chorus_id=99))
    found = world.tracking.known(ACCOUNT, [7, 99, 1000])
    assert found.keys() == {7, 99}
    assert (found[7].id, found[7].version, found[7].state) == (invoice_id, *_version_and_state(world, invoice_id))
    assert found[7].document_id is not None and found[99].document_id is None
    assert world.tracking.known(dataclasses.replace(ACCOUNT, environment="production"), [7]) == {}


def _version_and_state(world: World, invoice_id: int) -> tuple[int, State]:
    held = world.held(invoice_id)
    return held.version, held.state


# ---------------------------------------------------------------- the last net under sending


def unknown(world: World, number: str = "F-1") -> int:
    """An invoice of ours whose answer was lost."""
    work = ready(world, number)
    submission = a_submission(number, main_sha256=work.content_sha256)
    attempt = world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    world.ledger.unresolved(attempt, LOST, search_after_seconds=1800, now=START)
    return work.row_version.invoice_id


def test_what_we_sent_and_lost_is_submitted_once_the_platform_lists_it(world: World) -> None:
    invoice_id = unknown(world)
    assert store(world, row(at=1)) == Stored(new=1, recovered=1)
    assert standing(world, invoice_id) == (State.SUBMITTED, "DEPOSEE")
    assert (world.value(invoice_id, "chorus_id"), world.attempt_states(invoice_id)) == (7, ["taken"])


def test_the_same_number_with_other_values_is_somebody_elses_invoice(world: World) -> None:
    invoice_id = unknown(world)
    assert store(world, row(at=1, recipient_siret=OTHER_BODY)) == Stored(new=1, foreign=1)
    assert world.held(invoice_id).state is State.UNKNOWN


def test_what_is_being_sent_is_left_to_its_sender(world: World) -> None:
    work = ready(world, "F-1")
    submission = a_submission("F-1", main_sha256=work.content_sha256)
    world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    assert store(world, row(at=1)) == Stored()
    assert world.held(work.row_version.invoice_id).state is State.SUBMITTING
    assert world.tracking.known(ACCOUNT, [7]) == {}


def test_a_number_that_the_platform_gave_to_another_invoice_is_ours_no_more(world: World) -> None:
    invoice_id = submitted(world)
    assert store(world, row("X-1", at=1)) == Stored(new=1, foreign=1)
    assert world.value(invoice_id, "chorus_id") is None
    assert world.log(invoice_id)[-1][1].code is CauseCode.NUMBER_GIVEN_AWAY


# ---------------------------------------------------------------- invoices that we never sent


def test_a_foreign_invoice_is_kept_and_told_only_if_it_came_back(world: World) -> None:
    assert store(world, row("X-1", chorus_id=98), row("X-2", "REJETEE", chorus_id=99)) == Stored(new=2, foreign=2)
    found = world.tracking.known(ACCOUNT, [98, 99])
    assert [(one.state, one.document_id) for _, one in sorted(found.items())] == [
        (State.SUBMITTED, None),
        (State.TO_PROCESS, None),
    ]
    assert changes(world) == 1
    assert world.tracking.open_rejections(PROVIDER_KEY) == {99}
    assert store(world, row("X-1", "MISE_EN_PAIEMENT", at=1, chorus_id=98)) == Stored(changed=1)


def test_old_news_of_a_first_load_reaches_dashboards_only(world: World) -> None:
    store(world, row("X-2", "REJETEE", chorus_id=99), old_before=START + MINUTE)
    submitted(world)
    store(world, row(status="SUSPENDUE", at=2), old_before=START + MINUTE)
    told = [one for one in world.outbox.undistributed(after=0, limit=9) if one.kind == "status_changed"]
    assert [one.facts.get("old_news") for one in told] == ["yes", None]


# ---------------------------------------------------------------- histories and bodies


def entry(entry_id: str, code: str = "DEPOSEE") -> HistoryEntry:
    return HistoryEntry(
        kind=EntryKind.STATUS, entry_id=entry_id, code=code, at=START, comment=None, agent=Agent(first_name="Jo")
    )


def history(*entries: HistoryEntry) -> RemoteHistory:
    return RemoteHistory(chorus_id=7, status=entries[-1].code, entries=entries)


def test_histories_are_due_in_the_order_in_which_somebody_waits_for_them(world: World) -> None:
    store(
        world,
        row("X-1", "MISE_EN_PAIEMENT", chorus_id=1),
        row("X-2", "DEPOSEE", chorus_id=2),
        row("X-3", "A_RECYCLER", chorus_id=3),
        row("X-4", "COMPTABILISEE", chorus_id=4),
    )
    due = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    assert due[0].chorus_id == 3 and {one.chorus_id for one in due} == {1, 2, 3, 4}
    assert world.tracking.histories_due(PROVIDER_KEY, limit=1) == due[:1]
    assert (world.tracking.histories_waiting(PROVIDER_KEY), world.tracking.histories_waiting("other")) == (4, 0)


def test_a_history_is_fetched_once_and_again_when_its_invoice_changed(world: World) -> None:
    submitted(world)
    store(world, row(at=1))
    [due] = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    world.tracking.store_histories([(due, history(entry("1")))], now=START)
    world.tracking.store_histories([(due, history(entry("1"), entry("2", "SUSPENDUE")))], now=START)
    assert world.tracking.histories_waiting(PROVIDER_KEY) == 0
    world.tracking.store_rows(ACCOUNT, [row(status="SUSPENDUE", at=2)], old_before=None, now=START + MINUTE)
    [again] = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    assert again.due_since == START + MINUTE


def test_what_became_due_again_while_it_was_fetched_stays_due(world: World) -> None:
    submitted(world)
    store(world, row(at=1))
    [due] = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    world.tracking.store_rows(ACCOUNT, [row(status="SUSPENDUE", at=2)], old_before=None, now=START + MINUTE)
    world.tracking.store_histories([(due, history(entry("1")))], now=START)
    assert world.tracking.histories_waiting(PROVIDER_KEY) == 1


def test_one_that_is_not_shown_now_goes_to_the_end_of_the_queue(world: World) -> None:
    store(world, row("X-1", chorus_id=1), row("X-2", chorus_id=2))
    first: DueHistory = world.tracking.histories_due(PROVIDER_KEY, limit=1)[0]
    world.tracking.postpone_history(first, now=START + MINUTE)
    assert world.tracking.histories_due(PROVIDER_KEY, limit=9)[-1].invoice_id == first.invoice_id


def test_a_status_in_a_history_that_nobody_listed_is_an_alert(world: World) -> None:
    submitted(world)
    store(world, row(at=1))
    [due] = world.tracking.histories_due(PROVIDER_KEY, limit=9)
    world.tracking.store_histories([(due, history(entry("1", "INVENTEE"), entry("2")))], now=START)
    assert ("alert", "unknown_status") in world.told()


def test_bodies_of_open_invoices_are_asked_for_once(world: World) -> None:
    entry = DirectoryEntry(siret=BODY, structure_id=1, name="Ville", active=True, fetched_at=START)
    store(world, row("X-1", chorus_id=1), row("X-2", "MISE_EN_PAIEMENT", chorus_id=2, recipient_siret=OTHER_BODY))
    wanted = world.tracking.bodies_never_asked(ACCOUNT, limit=9)
    assert BODY in wanted
    world.directory.put("simulator", entry, now=START)
    assert BODY not in world.tracking.bodies_never_asked(ACCOUNT, limit=9)
    assert world.tracking.bodies_never_asked(ACCOUNT, limit=0) == []
