"""Returned invoices, corrected: the way, what is checked before, what each answer means; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.adapters.storage.core.tables import invoices
from include.application.administration.refusal_catalog import unknown_messages
from include.application.tracking.correction_case import NewFile
from include.domain.correction import CorrectionKind
from include.domain.errors import (
    InputError,
    LoginRefusedError,
    NeverLeftError,
    NotThereError,
    RateLimitedError,
    RemoteUnavailableError,
)
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.rights import OWNER, Viewer
from tests.factories import BODY, PROVIDER_KEY
from tests.fakes.chorus import Fault
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.returned import OTHER, STATUSES, Returned

RECYCLE, COMPLETE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.COMPLETE, CorrectionKind.REJECT_HANDLED


class TestTheWay:
    def test_it_is_taken_proved_and_told_once(self, returned: Returned) -> None:
        told = len(returned.bench.events())
        report = returned.correct()
        assert (report.complete, report.outcome, returned.state) == (True, returned.done, returned.done)
        assert returned.taken() == 1
        assert returned.attempts()[-1] == (returned.kind, "taken")
        steps = [("to_process", "correcting"), ("correcting", "submitted")]
        if returned.kind is HANDLED:
            steps = [("to_process", "correcting"), ("correcting", "to_process"), ("to_process", "closed")]
        assert returned.log() == [(*step, "anna") for step in steps]
        returned.nights(2)
        assert len(returned.bench.events()) == told + 1
        assert returned.state is returned.done

    def test_a_recycled_invoice_stands_with_its_new_recipient_and_old_learned_lines_are_doubtful(
        self, recycled: Returned
    ) -> None:
        assert recycled.correct().complete
        assert recycled.column(invoices.c.recipient_siret) == OTHER
        assert recycled.column(invoices.c.rerouted)
        told = recycled.bench.store.invoice_views.detail(OWNER, str(recycled.invoice_id))
        assert told is not None
        assert (told.remote.recipient_siret, told.remote.code) == (OTHER, "DEPOSEE"), "without a retrieval"
        [held] = recycled.bench.platform.invoices
        assert (held.sent.recipient_siret, held.status) == (OTHER, "DEPOSEE")

    def test_a_dry_run_proposes_and_sends_nothing(self, recycled: Returned) -> None:
        report = recycled.correct(dry_run=True)
        shown = report.shown("en")
        assert (shown["outcome"], shown["status_comment"]) == ("would be sent", "Service inconnu")
        assert shown["present"]["recipient_siret"] == BODY
        assert recycled.state is State.TO_PROCESS and recycled.taken() == 0
        assert [kind for kind, _ in recycled.attempts()] == ["submission"]

    def test_files_are_uploaded_once_and_go_along(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(COMPLETE)
        platform = returned.bench.platform
        platform.fail("correct", Fault.RATE_LIMITED)
        files = [NewFile(name="bl.pdf", content=b"%PDF-1.7 bl", type_code="RIB")]
        with pytest.raises(RateLimitedError):
            returned.correct(files=files)
        assert returned.correct(files=files).complete
        assert platform.calls["upload"] == 1
        [held] = platform.invoices
        assert [(file.name, file.type_code) for file in held.sent.attachments] == [("bl.pdf", "RIB")]

    def test_an_invoice_typed_on_the_portal_is_corrected_too(self, bench: TrackingBench, tmp_path: Path) -> None:
        foreign = Returned(bench, tmp_path, RECYCLE, number="P-1")
        bench.platform.add_body(OTHER)
        bench.put("P-1", "A_RECYCLER")
        assert bench.retrieve().complete
        assert foreign.correct().complete
        assert foreign.state is State.SUBMITTED


class TestWhatIsCheckedBefore:
    def test_another_correction_than_the_status_asks_for_is_not_sent(self, recycled: Returned) -> None:
        report = recycled.service().complete(str(recycled.invoice_id), comment="Le voici")
        assert not report.complete and [one.code for one in report.reasons] == ["correction_other_way"]
        assert recycled.bench.platform.calls["correct"] == 0

    def test_what_moved_on_by_itself_is_not_corrected_any_more(self, recycled: Returned) -> None:
        recycled.bench.platform.set_status(recycled.number, "MANDATEE")
        report = recycled.correct()
        assert [one.code for one in report.reasons] == ["correction_not_returned"]
        assert recycled.state is State.SUBMITTED and recycled.taken() == 0

    def test_what_came_back_since_the_last_retrieval_is_corrected(self, recycled: Returned) -> None:
        assert recycled.correct().complete
        recycled.bench.clock.advance(hours=1)
        recycled.bench.platform.set_status(recycled.number, "A_RECYCLER", "Toujours pas")
        report = recycled.service().recycle(str(recycled.invoice_id), engagement="45001")
        assert report.complete and report.work.status_comment == "Toujours pas"

    def test_the_directory_is_asked_about_the_new_recipient(self, recycled: Returned) -> None:
        recycled.bench.platform.add_body("21690123100011", active=False)
        service, reference = recycled.service(), str(recycled.invoice_id)
        closed = service.recycle(reference, recipient="21690123100011")
        unknown = service.recycle(reference, recipient="21330063500017")
        recycled.bench.platform.add_body(BODY)
        service = service.recycle(reference, service="NO")
        codes = [[one.code for one in report.reasons] for report in (closed, unknown, service)]
        assert codes[0] == ["recipient_inactive"] and codes[2] == ["service_unknown"]
        assert codes[1][0] in ("recipient_unknown", "recipient_misread")

    def test_a_successor_must_be_sent_under_a_number_of_its_own(
        self, make: Callable[[CorrectionKind], Returned]
    ) -> None:
        returned = make(HANDLED)
        bench = returned.bench
        work = bench._make_ready("F-2")
        service, reference = returned.service(), str(returned.invoice_id)
        report = service.reject_handled(reference, successor_document=work.document_id)
        assert [one.code for one in report.reasons] == ["successor_not_sent"] and returned.taken() == 0
        with pytest.raises(InputError):
            service.reject_handled(reference, successor_document=999)

    def test_a_sent_successor_is_linked_also_after_the_fact(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(HANDLED)
        returned.bench.submitted("F-2")
        [(document_id, second)] = returned.bench.rows(invoices.c.document_id, invoices.c.id, of="F-2")
        assert returned.correct().complete
        assert returned.column(invoices.c.successor_id) is None
        assert returned.correct(successor_document=document_id).outcome == "linked"
        assert returned.column(invoices.c.successor_id) == second
        assert returned.taken() == 1

    def test_the_successor_is_kept_with_the_correction(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(HANDLED)
        returned.bench.submitted("F-2")
        [(document_id, second)] = returned.bench.rows(invoices.c.document_id, invoices.c.id, of="F-2")
        returned.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
        returned.bench.platform.fail("consult", Fault.UNAVAILABLE)
        assert not returned.correct(successor_document=document_id).complete
        returned.nights(1)
        assert (returned.state, returned.column(invoices.c.successor_id)) == (State.CLOSED, second)


class TestAnswers:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.NEVER_LEFT, NeverLeftError),
            (Fault.RATE_LIMITED, RateLimitedError),
            (Fault.ACCOUNT_REFUSED, LoginRefusedError),
        ],
    )
    def test_what_never_arrived_can_be_tried_again_at_once(
        self, recycled: Returned, fault: Fault, error: type[Exception]
    ) -> None:
        recycled.bench.platform.fail("correct", fault)
        with pytest.raises(error):
            recycled.correct()
        assert recycled.state is State.TO_PROCESS and recycled.attempts()[-1][1] == "not_sent"
        recycled.bench.store.providers.close_circuit(recycled.bench.provider.key, now=recycled.bench.clock.now())
        assert recycled.correct().complete
        assert recycled.taken() == 1

    def test_a_refusal_is_shown_in_the_platforms_words(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.BUSINESS_REFUSAL)
        report = recycled.correct()
        assert recycled.state is State.TO_PROCESS
        [reason] = report.reasons
        assert (reason.code, reason.params["label"]) == ("correction_refused", "refus de demonstration")
        [row] = unknown_messages(recycled.bench.store.refusals)
        assert (row.kind, row.label, row.count) == ("recycle", "refus de demonstration", 1)

    def test_a_refusal_that_the_dictionary_knows_names_cause_and_field(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.BUSINESS_REFUSAL)
        recycled.bench.platform.refusal_label = "Le service exécutant est obligatoire pour ce destinataire."
        [reason] = recycled.correct().reasons
        assert (reason.code, reason.field) == ("correction_refused_service", "service_code")
        assert unknown_messages(recycled.bench.store.refusals) == []
        assert recycled.attempts()[-1] == (recycled.kind, "refused")

    @pytest.mark.parametrize("fault", [Fault.CUT_AFTER_TAKEN, Fault.CUT_BEFORE_TAKEN, Fault.UNAVAILABLE])
    def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(self, returned: Returned, fault: Fault) -> None:
        returned.bench.platform.fail("correct", fault)
        report = returned.correct()
        if fault is Fault.CUT_AFTER_TAKEN:
            assert report.complete and returned.state is returned.done
            return
        assert (report.complete, returned.state) == (False, State.CORRECTION_UNKNOWN)
        again = returned.correct()
        assert [one.code for one in again.reasons] == ["correction_under_way"], "not before the delay is over"
        assert returned.bench.platform.calls["correct"] == 1
        returned.nights()
        assert returned.state is State.TO_PROCESS
        assert returned.correct().complete
        assert returned.taken() == 1

    def test_a_success_that_cannot_be_verified_is_verified_later(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("consult", Fault.UNAVAILABLE)
        assert not recycled.correct().complete
        assert recycled.state is State.CORRECTION_UNKNOWN
        recycled.bench.retrieve()
        assert (recycled.state, recycled.taken()) == (recycled.done, 1)

    def test_an_outage_during_the_look_changes_nothing(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
        recycled.bench.platform.fail("consult", Fault.UNAVAILABLE, times=2)
        recycled.correct()
        recycled.bench.retrieve()
        assert recycled.state is State.CORRECTION_UNKNOWN
        recycled.bench.retrieve()
        assert (recycled.state, recycled.taken()) == (recycled.done, 1)

    def test_before_anything_is_sent_the_platform_must_answer(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("check", Fault.UNAVAILABLE)
        with pytest.raises(RemoteUnavailableError):
            recycled.correct()
        assert recycled.state is State.TO_PROCESS and recycled.bench.platform.calls["correct"] == 0


class TestDeadlines:
    def test_a_rejection_is_told_after_five_and_after_seven_days_each_once(
        self, make: Callable[[CorrectionKind], Returned]
    ) -> None:
        returned = make(HANDLED)
        told = []
        for _ in range(9):
            returned.bench.clock.advance(days=1)
            returned.bench.retrieve()
            told.append(returned.alerts())
        assert told[3] == [] and told[4] == ["acknowledge_due"] == told[5]
        assert told[6] == ["acknowledge_due", "acknowledge_overdue"] == told[8]

    def test_what_goes_on_by_itself_asks_for_nothing(self, recycled: Returned) -> None:
        recycled.bench.clock.advance(days=6)
        recycled.bench.retrieve()
        assert recycled.alerts() == []


def test_each_kind_is_told_as_a_change_of_status(returned: Returned) -> None:
    returned.correct()
    last = returned.bench.events(EventKind.STATUS_CHANGED)[-1]
    assert last["number"] == returned.number
    assert last.get("status_before", last["status"]) == STATUSES[returned.kind]


def test_what_somebody_does_not_see_is_not_there_to_be_corrected(returned: Returned) -> None:
    returned.viewer = Viewer()
    with pytest.raises(NotThereError) as unseen:
        returned.correct()
    assert str(returned.invoice_id) in str(unseen.value) and returned.taken() == 0
    returned.viewer = Viewer(provider_keys=frozenset({PROVIDER_KEY}))
    assert returned.correct().complete


def test_a_successor_that_somebody_does_not_see_is_not_there(make: Callable[[CorrectionKind], Returned]) -> None:
    rejected = make(CorrectionKind.REJECT_HANDLED)
    rejected.viewer = Viewer(provider_keys=frozenset({PROVIDER_KEY}))
    with pytest.raises(NotThereError, match="There is no document 999"):
        rejected.correct(successor_document=999)
    assert rejected.taken() == 0
