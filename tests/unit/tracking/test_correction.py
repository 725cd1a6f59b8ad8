"""What may be done about a returned invoice, what proves it, and how long there is time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from include.domain.correction import (
    MAX_COMMENT,
    Correction,
    CorrectionKind,
    Finding,
    Proof,
    Routing,
    Standing,
    calendar_days_left,
    consulted,
    content_reasons,
    days_left,
    not_allowed,
    overdue_days,
    rerouted,
    successor_reason,
)
from include.domain.lifecycle import State, allowed
from include.domain.reasons import Reason
from include.domain.submission import SentAttachment
from include.domain.tracking import RemoteAttachment, RemoteDetail
from tests.catalogues import table
from tests.factories import BODY, found_as_sent

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
OTHER = "21750001600019"
FILE = SentAttachment(upload_id=5, type_code="DIVERS", name="bl.pdf", sha256="0" * 64)
RECYCLE, COMPLETE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.COMPLETE, CorrectionKind.REJECT_HANDLED
BEFORE = Routing(recipient_siret=BODY, service_code="S1")


def correction(kind: CorrectionKind, **values: object) -> Correction:
    given: dict[str, object] = {"before": BEFORE, "routing": BEFORE, **values}
    return Correction(kind=kind, chorus_id=7, actor="anna", **given)  # type: ignore[arg-type]


def shown(status: str, *files: int, handled: bool = False, **routing: object) -> RemoteDetail:
    values = {"recipient_siret": BODY, "service_code": "S1", **routing}
    invoice = replace(found_as_sent(status=status), rejection_handled=handled, **values)  # type: ignore[arg-type]
    attachments = tuple(RemoteAttachment(attachment_id=one, type_code=None, name=None) for one in files)
    return RemoteDetail(invoice=invoice, attachments=attachments)


class TestWhatIsAllowed:
    @pytest.mark.parametrize(
        ("kind", "status"), [(RECYCLE, "A_RECYCLER"), (COMPLETE, "SUSPENDUE"), (HANDLED, "REJETEE")]
    )
    def test_each_answers_one_status_and_no_other_is_offered(self, kind: CorrectionKind, status: str) -> None:
        for found in ("A_RECYCLER", "SUSPENDUE", "REJETEE"):
            reason = not_allowed(kind, Standing(state=State.TO_PROCESS, status=found, chorus_id=7))
            assert (reason is None) == (found == status)
            assert reason is None or (reason.code == "correction_other_way" and "chorus" in reason.params["command"])

    @pytest.mark.parametrize("state", [state for state in State if state is not State.TO_PROCESS])
    def test_only_what_waits_for_us_may_be_corrected(self, state: State) -> None:
        reason = not_allowed(RECYCLE, Standing(state=state, status="A_RECYCLER", chorus_id=7))
        under_way = state in (State.CORRECTING, State.CORRECTION_UNKNOWN)
        assert reason is not None
        assert reason.code == ("correction_under_way" if under_way else "correction_not_returned")

    def test_a_comment_is_as_long_as_the_platform_takes(self) -> None:
        assert content_reasons(correction(COMPLETE, comment="x" * MAX_COMMENT)) == []
        [reason] = content_reasons(correction(COMPLETE, comment="x" * (MAX_COMMENT + 1)))
        assert reason.code == "correction_comment_too_long"

    def test_a_completion_says_something(self) -> None:
        assert [one.code for one in content_reasons(correction(COMPLETE))] == ["correction_says_nothing"]
        assert content_reasons(correction(COMPLETE), attached=True) == []

    def test_a_recycling_that_changes_nothing_needs_a_comment(self) -> None:
        assert [one.code for one in content_reasons(correction(RECYCLE))] == ["correction_changes_nothing"]
        assert content_reasons(correction(RECYCLE, comment="Le service est le bon")) == []
        assert content_reasons(correction(RECYCLE, routing=replace(BEFORE, engagement_number="4500"))) == []

    def test_a_service_does_not_follow_to_another_body(self) -> None:
        assert rerouted(BEFORE, recipient=OTHER, service=None, engagement=None).service_code is None
        same = rerouted(BEFORE, recipient=BODY, service=None, engagement="45")
        assert same == replace(BEFORE, engagement_number="45")

    def test_a_successor_has_a_number_of_its_own_and_was_sent(self) -> None:
        assert successor_reason("F-1", "F-2", State.SUBMITTED) is None
        same = successor_reason("F-1", "F-1", State.SUBMITTED)
        unsent = successor_reason("F-1", "F-2", State.READY)
        assert same is not None and same.code == "successor_same_number"
        assert unsent is not None and unsent.code == "successor_not_sent"


class TestProof:
    MOVED = replace(BEFORE, recipient_siret=OTHER, service_code=None)

    @pytest.mark.parametrize(
        ("sent", "found", "proof", "state"),
        [
            # left, with what we sent
            (correction(RECYCLE, routing=MOVED), shown("DEPOSEE", recipient_siret=OTHER), "taken", State.SUBMITTED),
            (correction(COMPLETE, comment="ok"), shown("COMPLETEE"), "taken", State.SUBMITTED),
            (correction(COMPLETE, attachments=(FILE,)), shown("COMPLETEE", 5), "taken", State.SUBMITTED),
            (correction(HANDLED), shown("REJETEE", handled=True), "taken", State.CLOSED),
            # came back already
            (correction(RECYCLE, routing=MOVED), shown("A_RECYCLER", recipient_siret=OTHER), "taken", State.TO_PROCESS),
            (correction(COMPLETE, attachments=(FILE,)), shown("SUSPENDUE", 5), "taken", State.TO_PROCESS),
            (correction(RECYCLE, routing=MOVED), shown("REJETEE", recipient_siret=OTHER), "taken", State.TO_PROCESS),
            # somebody else was there
            (correction(RECYCLE, routing=MOVED), shown("DEPOSEE"), "moved_on", State.SUBMITTED),
            (correction(COMPLETE, attachments=(FILE,)), shown("COMPLETEE", 4), "moved_on", State.SUBMITTED),
            (correction(HANDLED), shown("MISE_A_DISPOSITION"), "moved_on", State.SUBMITTED),
        ],
    )
    def test_what_the_platform_shows_decides(
        self, sent: Correction, found: RemoteDetail, proof: str, state: State
    ) -> None:
        assert consulted(sent, found, final=False) == Finding(proof=Proof(proof), state=state)

    @pytest.mark.parametrize(
        ("sent", "found"),
        [
            (correction(RECYCLE, routing=MOVED), shown("A_RECYCLER")),
            (correction(RECYCLE, comment="same"), shown("A_RECYCLER")),
            (correction(COMPLETE, comment="ok"), shown("SUSPENDUE")),
            (correction(COMPLETE, attachments=(FILE,)), shown("SUSPENDUE", 4)),
            (correction(HANDLED), shown("REJETEE")),
            (correction(HANDLED), None),
        ],
    )
    def test_not_seen_is_no_proof_before_the_delay_is_over(self, sent: Correction, found: RemoteDetail | None) -> None:
        assert consulted(sent, found, final=False).state is State.CORRECTION_UNKNOWN
        assert consulted(sent, found, final=True) == Finding(proof=Proof.NOT_TAKEN, state=State.TO_PROCESS)

    @pytest.mark.parametrize("before", [State.CORRECTING, State.CORRECTION_UNKNOWN])
    @pytest.mark.parametrize("after", [State.SUBMITTED, State.TO_PROCESS, State.CLOSED])
    def test_every_outcome_is_reached_by_moves_of_the_table(self, before: State, after: State) -> None:
        moves = Finding(proof=Proof.TAKEN, state=after).moves_from(before)
        assert moves[-1] is after
        for start, end in zip((before, *moves), moves, strict=False):
            assert allowed(start, end)


class TestTime:
    @pytest.mark.parametrize(
        ("hours", "left"), [(-1, 7), (0, 7), (23, 7), (24, 6), (6 * 24 + 23, 1), (7 * 24, 0), (900, 0)]
    )
    def test_seven_days_are_counted_down(self, hours: int, left: int) -> None:
        at = NOW - dt.timedelta(hours=hours)
        assert days_left(State.TO_PROCESS, "REJETEE", at, NOW) == left

    def test_nothing_is_due_for_what_needs_no_acknowledgement(self) -> None:
        assert days_left(State.TO_PROCESS, "A_RECYCLER", NOW, NOW) is None
        assert days_left(State.CLOSED, "REJETEE", NOW, NOW) is None

    @pytest.mark.parametrize(
        ("days", "warned"), [(0, None), (4.9, None), (5, 5), (6.9, 5), (7, 7), (13.9, 7), (14, None), (400, None)]
    )
    def test_a_warning_comes_after_five_and_seven_days_and_never_for_old_history(
        self, days: float, warned: int | None
    ) -> None:
        assert overdue_days("SUSPENDUE", NOW - dt.timedelta(days=days), NOW) == warned


def test_every_reason_says_in_both_languages_what_to_do() -> None:
    params = dict.fromkeys(("status", "command", "length", "limit", "number", "label"), "x")
    codes = [code for code in table("reason") if code.startswith(("correction_", "successor_"))]
    assert len(codes) == 10
    codes += [f"correction_refused_{meaning}" for meaning in table("refusal.todo")]
    for code in codes:
        for language in ("fr", "en"):
            assert Reason(code=code, params=params).message(language).endswith((".", "?"))


@pytest.mark.parametrize(
    ("passed", "left"),
    [(dt.timedelta(0), 7), (dt.timedelta(days=5), 2), (dt.timedelta(days=7), 0), (dt.timedelta(days=9), -2)],
)
def test_days_of_the_calendar_are_counted_to_the_deadline(passed: dt.timedelta, left: int) -> None:
    assert calendar_days_left("SUSPENDUE", NOW, NOW + passed) == left
    assert calendar_days_left("A_RECYCLER", NOW, NOW + passed) is None


def test_a_day_of_the_calendar_ends_at_midnight_in_paris() -> None:
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # 21 November there
    assert calendar_days_left("REJETEE", late, dt.datetime(2026, 11, 28, 22, 30, tzinfo=dt.UTC)) == 0
