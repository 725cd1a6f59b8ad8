"""The rules of sending (docs/reference/exactly-once.md 1 to 4 and 6), each in the use case as it runs."""

from __future__ import annotations

import datetime as dt

import pytest

from include.domain.errors import TurnedAwayError
from include.domain.lifecycle import State
from include.texts import Text
from tests.factories import PROVIDER_KEY
from tests.fakes.chorus import Fault, ProcessKilled
from tests.fakes.clock import FakeClock
from tests.unit.sending.memory import DEADLINE, DELAY, LEASE, MemoryBench, StallingLedger, at_once

SURELY_NOT_TAKEN = [Fault.NEVER_LEFT, Fault.FORBIDDEN, Fault.RATE_LIMITED, Fault.PISTE_REFUSED]
NOBODY_KNOWS = [Fault.CUT_BEFORE_TAKEN, Fault.CUT_AFTER_TAKEN, Fault.UNAVAILABLE]


class TestClaims:
    """docs/reference/exactly-once.md 1 and 2.2."""

    def test_what_is_ready_is_sent_once_and_never_again(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        assert bench.send().submitted == 1
        assert (bench.send().counts()["submitted"], bench.plan()) == (0, [])
        assert (bench.platform.numbers(), bench.state(invoice_id)) == (["F-1"], State.SUBMITTED)
        assert bench.attempts(invoice_id) == ["taken"] and bench.keys_follow_the_attempts()

    def test_of_two_passes_at_once_one_sends(self, bench: MemoryBench) -> None:
        bench.add()
        outcomes = list(at_once(lambda number: bench.send(f"worker {number}")))
        assert (outcomes, bench.platform.numbers()) == ([None, None], ["F-1"])

    @pytest.mark.parametrize(("number", "content"), [("f -1", b"%PDF-1.7 other"), ("F-2", b"%PDF-1.7 F-1")])
    def test_the_number_or_the_content_of_another_invoice_is_a_reason(
        self, bench: MemoryBench, number: str, content: bytes
    ) -> None:
        bench.add()
        again = bench.add(number, content, "Factures/again.pdf")
        report = bench.send()
        assert (bench.state(again), bench.reasons(again)) == (State.TO_COMPLETE, ["already_sent"])
        assert bench.platform.numbers() == ["F-1"] and report.failure is None
        assert bench.keys_follow_the_attempts()

    def test_the_same_pdf_of_a_refused_invoice_may_go_again(self, bench: MemoryBench) -> None:
        refused = bench.add()
        bench.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        bench.send()
        again = bench.add("F-1", path="Factures/mended.pdf")
        bench.send()
        assert (bench.state(refused), bench.state(again)) == (State.REFUSED, State.SUBMITTED)

    def test_a_rejected_invoice_keeps_its_number(self, bench: MemoryBench) -> None:
        bench.add()
        bench.send()
        bench.platform.set_status("F-1", "REJETEE")
        bench.retrieve()
        again = bench.add("F-1", b"%PDF-1.7 mended", "Factures/mended.pdf")
        bench.send()
        assert bench.reasons(again) == ["already_sent"]

    def test_a_revision_raised_between_assessment_and_claim_stops_it(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.meanwhile["upload"] = bench.configure
        assert bench.send().submitted == 0
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.READY, [])
        bench.send()
        assert bench.state(invoice_id) is State.SUBMITTED, "assessed again under the new revision"

    def test_values_typed_between_assessment_and_claim_stop_it(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()

        def types() -> None:
            bench.assessments.edit(invoice_id, {"invoice_number": "F-2"}, actor="anna", now=bench.clock.now())

        bench.platform.meanwhile["upload"] = types
        bench.send()
        assert (bench.platform.numbers(), bench.attempts(invoice_id)) == ([], [])

    def test_keys_are_taken_where_the_addresses_lead_now(self, bench: MemoryBench) -> None:
        bench.add()
        [provider] = bench.sending().configuration.providers
        bench.chorus.environments[provider.connection] = "production"
        bench.send()
        assert {environment for environment, _, _ in bench.store.keys} == {"production"}

    def test_files_go_up_before_the_claim_and_are_used_again(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.fail("upload", Fault.DIES_AFTER_TAKEN)
        with pytest.raises(ProcessKilled):
            bench.send()
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.READY, [])
        bench.platform.fail("submit", Fault.RATE_LIMITED)
        bench.send()
        bench.send()
        assert (bench.platform.calls["upload"], bench.platform.numbers()) == (2, ["F-1"])


class TestLeases:
    """docs/reference/exactly-once.md 2.2 and 2.3."""

    @pytest.mark.parametrize("fault", [Fault.DIES_BEFORE_CALL, Fault.DIES_AFTER_TAKEN])
    def test_a_sender_that_died_is_searched_and_the_invoice_is_there_once(
        self, bench: MemoryBench, fault: Fault
    ) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", fault)
        with pytest.raises(ProcessKilled):
            bench.send()
        assert bench.send().submitted == 0 and bench.state(invoice_id) is State.SUBMITTING, "its lease runs"
        bench.wait(LEASE + 1)
        assert bench.plan() == [PROVIDER_KEY] and bench.state(invoice_id) is State.UNKNOWN
        for _ in range(3):
            bench.send()
            bench.wait()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])
        assert bench.keys_follow_the_attempts()

    def test_a_claim_older_than_the_deadline_is_not_posted(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.ledger = StallingLedger(bench, seconds=DEADLINE + 1)
        bench.send()
        assert (bench.platform.calls["submit"], bench.attempts(invoice_id)) == (0, ["not_sent"])
        assert bench.state(invoice_id) is State.READY and bench.keys_follow_the_attempts()

    def test_a_claim_whose_lease_was_acted_on_leaves_the_row_alone(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.ledger = StallingLedger(bench, seconds=LEASE + 1)
        bench.send()
        assert (bench.platform.calls["submit"], bench.state(invoice_id)) == (0, State.UNKNOWN)
        assert bench.attempts(invoice_id) == ["not_sent"]


class TestAnswers:
    """docs/reference/exactly-once.md 3."""

    @pytest.mark.parametrize("fault", SURELY_NOT_TAKEN)
    def test_what_surely_was_not_taken_is_ready_again_with_free_keys(self, bench: MemoryBench, fault: Fault) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", fault)
        report = bench.send()
        assert (report.not_sent, bench.state(invoice_id)) == (1, State.READY)
        assert bench.attempts(invoice_id) == ["not_sent"] and not bench.store.keys
        bench.wait(3600)
        bench.send()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])

    @pytest.mark.parametrize("fault", NOBODY_KNOWS)
    def test_a_lost_answer_is_unknown_and_is_not_sent_again(self, bench: MemoryBench, fault: Fault) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", fault)
        assert bench.send().unknown == 1
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.UNKNOWN, ["unresolved"])
        bench.send()
        assert bench.platform.calls["submit"] == 1 and bench.keys_follow_the_attempts()

    def test_a_refusal_for_good_frees_the_keys(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        assert bench.send().refused == 1
        assert (bench.state(invoice_id), bench.reasons(invoice_id)) == (State.REFUSED, ["refused"])
        assert not bench.store.keys
        bench.send()
        assert bench.platform.calls["submit"] == 1, "the same values are not sent again by themselves"

    def test_uploads_are_forgotten_after_a_refusal(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", Fault.RATE_LIMITED)
        bench.send()
        bench.platform.uploads.clear()
        bench.send()
        assert bench.state(invoice_id) is State.REFUSED, "the platform no longer knows the file"
        bench.assessments.reopen(invoice_id, actor="anna", now=bench.clock.now())
        bench.send()
        assert (bench.state(invoice_id), bench.platform.calls["upload"]) == (State.SUBMITTED, 2)

    def test_a_refusal_is_stored_before_anything_else(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        bench.platform.fail("search", Fault.DIES_BEFORE_CALL)
        with pytest.raises(ProcessKilled):
            bench.send()
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.SUBMITTING, ["refused"])
        bench.wait(LEASE + 1)
        for _ in range(2):
            bench.search()
            bench.wait()
        assert (bench.state(invoice_id), bench.reasons(invoice_id)) == (State.REFUSED, ["refused"])


class TestSearches:
    """docs/reference/exactly-once.md 4."""

    def lost(self, bench: MemoryBench, fault: Fault = Fault.CUT_BEFORE_TAKEN) -> int:
        invoice_id = bench.add()
        bench.platform.fail("submit", fault)
        bench.send()
        assert bench.state(invoice_id) is State.UNKNOWN
        return invoice_id

    def test_what_the_search_finds_as_sent_is_submitted(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench, Fault.CUT_AFTER_TAKEN)
        assert bench.search().submitted == 1
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.SUBMITTED, ["taken"])
        assert bench.store.invoices[invoice_id].get("chorus_id") == bench.platform.invoices[0].chorus_id

    def test_not_found_once_is_no_proof_and_not_before_the_delay(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench)
        bench.search()
        bench.wait(DELAY - 1)
        assert bench.plan() == []
        bench.search()
        assert bench.state(invoice_id) is State.UNKNOWN
        bench.wait(1)
        assert bench.plan() == [PROVIDER_KEY]
        bench.search()
        assert bench.state(invoice_id) is State.READY
        bench.send()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])

    def test_two_searches_it_takes_even_after_the_delay(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench)
        bench.wait(10 * DELAY)
        bench.search()
        assert bench.state(invoice_id) is State.UNKNOWN
        bench.search()
        assert bench.state(invoice_id) is State.READY

    def test_a_search_that_began_before_the_delay_was_over_proves_nothing(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench)
        bench.search()
        bench.wait(DELAY - 60)
        bench.platform.meanwhile["search"] = lambda: bench.wait(120)
        bench.send(may_send=False, invoice_ids=[invoice_id])
        assert bench.state(invoice_id) is State.UNKNOWN, "it ended after the delay, and saw the platform before"
        bench.search()
        assert bench.state(invoice_id) is State.READY

    def test_a_late_index_is_waited_for(self, bench: MemoryBench) -> None:
        bench.platform.search_delay = dt.timedelta(hours=1)
        invoice_id = self.lost(bench, Fault.CUT_AFTER_TAKEN)
        for _ in range(2):
            bench.search()
            bench.wait()
        assert bench.state(invoice_id) is State.READY, "later than the delay"
        bench.wait(3600)
        bench.send()
        assert bench.state(invoice_id) is State.SUBMITTED, "searched once more right before its next claim"
        assert (bench.platform.numbers(), bench.platform.calls["submit"]) == (["F-1"], 1)

    def test_a_failed_search_leaves_it_unknown(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench)
        bench.wait(10 * DELAY)
        bench.platform.fail("search", Fault.UNAVAILABLE)
        assert bench.search().failure is not None
        bench.search()
        assert bench.state(invoice_id) is State.UNKNOWN, "only one search was empty"

    def test_found_with_values_that_none_of_ours_sent_is_refused_and_names_it(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench, Fault.CUT_AFTER_TAKEN)
        bench.platform.add_body("21750001600019")
        held = bench.platform.invoices[0]
        held.sent = type(held.sent)(**{**vars(held.sent), "recipient_siret": "21750001600019"})
        bench.search()
        assert (bench.state(invoice_id), bench.reasons(invoice_id)) == (State.REFUSED, ["found_with_other_values"])

    def sent_again(self, bench: MemoryBench) -> int:
        """A second sending of one whose first is still unresolved: it arrives while the second is under way."""
        invoice_id = self.lost(bench)
        for _ in range(2):
            bench.search()
            bench.wait()
        assert bench.state(invoice_id) is State.READY
        return invoice_id

    def test_a_double_that_the_platform_refuses_is_our_earlier_attempt(self, bench: MemoryBench) -> None:
        invoice_id = self.sent_again(bench)
        first = bench.store.attempts_of(invoice_id)[0]
        bench.platform.meanwhile["submit"] = lambda: bench.platform.take(first.content)
        bench.send()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])
        assert bench.attempts(invoice_id) == ["taken", "refused"]

    def test_a_refusal_proves_nothing_while_an_earlier_attempt_is_unresolved(self, bench: MemoryBench) -> None:
        invoice_id = self.sent_again(bench)
        bench.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        bench.send()
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.UNKNOWN, ["unresolved", "refused"])
        for _ in range(2):
            bench.search()
            bench.wait()
        assert bench.state(invoice_id) is State.REFUSED, "with the refusal that is stored"

    def test_what_is_unknown_is_frozen(self, bench: MemoryBench) -> None:
        invoice_id = self.lost(bench)
        bench.configure(parallel=2)
        before = bench.store.invoices[invoice_id].row_version
        bench.assess()
        assert bench.store.invoices[invoice_id].row_version == before


class TestLateAnswers:
    """docs/reference/exactly-once.md 2.4: others act on the lapsed lease while the POST of the first is under way."""

    def others_act(self, bench: MemoryBench, *, send: bool) -> None:
        bench.wait(LEASE + 1)
        for _ in range(2):
            bench.search()
            bench.wait()
        if send:
            bench.platform.fail("submit", Fault.DIES_BEFORE_CALL)
            with pytest.raises(ProcessKilled):
                bench.send("worker 2")

    def test_a_late_success_still_makes_it_submitted(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.meanwhile["submit"] = lambda: self.others_act(bench, send=False)
        bench.send()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])
        assert bench.send().submitted == 0 and bench.attempts(invoice_id) == ["taken"]

    @pytest.mark.parametrize("late", [None, Fault.NEVER_LEFT, Fault.BUSINESS_REFUSAL, Fault.CUT_BEFORE_TAKEN])
    def test_a_late_answer_never_moves_the_row_of_another_sender(self, bench: MemoryBench, late: Fault | None) -> None:
        invoice_id = bench.add()
        bench.platform.meanwhile["submit"] = lambda: self.others_act(bench, send=True)
        if late is not None:
            bench.platform.fail("submit", late)
        bench.send()
        row = bench.store.invoices[invoice_id]
        assert (row.state, row.get("owner"), bench.attempts(invoice_id)[-1]) == (State.SUBMITTING, "worker 2", "open")
        assert bench.keys_follow_the_attempts()

    def test_a_late_success_beside_another_sender_is_kept_as_proof(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.meanwhile["submit"] = lambda: self.others_act(bench, send=True)
        bench.send()
        bench.wait(LEASE + 1)
        bench.search()
        assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])


class TestProviders:
    """docs/reference/exactly-once.md 6."""

    def test_an_outage_is_not_answered_with_more_sending(self, bench: MemoryBench) -> None:
        invoice_id = bench.add()
        bench.platform.fail("check", Fault.UNAVAILABLE)
        assert bench.send().failure is not None
        assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.READY, [])

    def test_two_unknown_in_a_row_end_the_batch(self, bench: MemoryBench) -> None:
        invoice_ids = [bench.add(f"F-{number}") for number in range(4)]
        bench.platform.fail("submit", Fault.CUT_BEFORE_TAKEN, times=-1)
        assert bench.send().unknown == 2
        states = [bench.state(invoice_id) for invoice_id in invoice_ids]
        assert states == [State.UNKNOWN, State.UNKNOWN, State.READY, State.READY]

    def test_two_calls_that_our_own_fault_broke_end_the_batch_as_well(self, bench: MemoryBench) -> None:
        def breaks() -> None:
            bench.platform.meanwhile["submit"] = breaks
            raise KeyError("a field that the answer always had")

        invoice_ids = [bench.add(f"F-{number}") for number in range(4)]
        bench.platform.meanwhile["submit"] = breaks
        report = bench.send()
        assert (report.unknown, report.notes) == (2, [Text("note.two_unknown")])
        assert [fault.params["count"] for fault in report.internal] == [2]
        states = [bench.state(invoice_id) for invoice_id in invoice_ids]
        assert states == [State.UNKNOWN, State.UNKNOWN, State.READY, State.READY]

    def test_a_refused_login_stops_the_provider_for_an_hour(self, bench: MemoryBench) -> None:
        bench.add()
        bench.platform.fail("check", Fault.ACCOUNT_REFUSED)
        assert bench.send().failure is not None
        assert (bench.plan(), bench.send().notes) == ([], [Text("note.circuit_open")])
        assert bench.platform.calls["check"] == 1
        bench.wait(3600)
        assert bench.plan() == [PROVIDER_KEY] and bench.send().submitted == 1

    def test_one_that_the_platform_cannot_digest_does_not_stop_the_others(self, bench: MemoryBench) -> None:
        refused, sent = bench.add("F-1"), bench.add("F-2")
        bench.platform.fail("upload", Fault.TOO_LARGE)
        bench.send()
        assert (bench.state(refused), bench.reasons(refused)) == (State.TO_COMPLETE, ["upload_refused"])
        assert bench.state(sent) is State.SUBMITTED

    def test_what_is_turned_away_at_the_gate_ends_the_pass_and_goes_in_the_next(self, clock: FakeClock) -> None:
        bench = MemoryBench(clock)
        for number in range(3):
            bench.add(f"F-{number}")
        bench.platform.fail("submit", Fault.FORBIDDEN)
        report = bench.send()
        assert isinstance(report.failure, TurnedAwayError) and bench.platform.calls["submit"] == 1
        assert bench.send().submitted == 3
