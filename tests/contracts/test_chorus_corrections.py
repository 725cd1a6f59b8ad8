"""Corrections on the platform: what the fake and the real adapter promise alike (port `ChorusCorrections`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include.application.ports.chorus import ChorusGateway
from include.domain.configuration import Provider
from include.domain.correction import Correction, CorrectionKind, Proof, Routing, consulted
from include.domain.errors import (
    LoginRefusedError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteRefusedError,
    TurnedAwayError,
)
from include.domain.submission import SentAttachment, Submission
from include.simulator.server import RunningSimulator
from tests.contracts import test_chorus_gateway as gateway_contract
from tests.contracts.test_chorus_gateway import BODY, Bench, FakeBench, SimulatorBench, make_submission, send
from tests.contracts.test_chorus_gateway import provider as provider
from tests.fakes.chorus import Fault

DEADLINE = 20.0
OTHER = "21750001600019"
RECYCLE, COMPLETE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.COMPLETE, CorrectionKind.REJECT_HANDLED
STATUSES = {RECYCLE: "A_RECYCLER", COMPLETE: "SUSPENDUE", HANDLED: "REJETEE"}
OPERATIONS = {RECYCLE: "factures/recycler", COMPLETE: "factures/completer", HANDLED: "factures/traiterRejet"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(params=["fake", "simulator"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        return FakeBench()
    return SimulatorBench(request.getfixturevalue("simulator"))


@pytest.fixture
def gateway(bench: Bench, provider: Provider) -> ChorusGateway:
    return bench.chorus().gateway(provider)


class Returned:
    """An invoice that came back, and what is sent about it."""

    def __init__(self, bench: Bench, gateway: ChorusGateway, kind: CorrectionKind) -> None:
        self.gateway, self.kind = gateway, kind
        self.sent: Submission = make_submission(gateway)
        self.chorus_id = send(gateway, self.sent).chorus_id
        bench.add_body(OTHER, [{"code": "S9", "name": "Achats", "active": True}])
        bench.set_status(self.sent.number, STATUSES[kind])

    def correction(self, **values: Any) -> Correction:
        before = Routing(recipient_siret=BODY)
        given = {"before": before, "routing": before, "comment": "Merci", **values}
        return Correction(kind=self.kind, chorus_id=self.chorus_id, actor="anna", **given)

    def correct(self, correction: Correction) -> str:
        body = self.gateway.encode_correction(correction)
        return self.gateway.correct(self.kind, body, deadline_seconds=DEADLINE)

    def proof(self, correction: Correction) -> Proof:
        return consulted(correction, self.gateway.consult(self.chorus_id), final=False).proof


@pytest.fixture(params=list(CorrectionKind))
def returned(request: pytest.FixtureRequest, bench: Bench, gateway: ChorusGateway) -> Returned:
    return Returned(bench, gateway, request.param)


def something(returned: Returned) -> Correction:
    """A correction of each kind that the platform takes."""
    routing = Routing(recipient_siret=OTHER, service_code="S9", engagement_number="45001")
    return returned.correction(routing=routing) if returned.kind is RECYCLE else returned.correction()


def test_the_platform_takes_it_and_shows_it_at_once(returned: Returned) -> None:
    correction = something(returned)
    assert returned.proof(correction) is Proof.UNKNOWN
    assert '"codeRetour"' in returned.correct(correction)
    assert returned.proof(correction) is Proof.TAKEN


def test_the_second_time_it_is_refused(returned: Returned) -> None:
    correction = something(returned)
    returned.correct(correction)
    with pytest.raises(RemoteRefusedError) as refused:
        returned.correct(correction)
    assert refused.value.number and refused.value.label


def test_recycling_changes_where_it_goes_and_nothing_else(bench: Bench, gateway: ChorusGateway) -> None:
    returned = Returned(bench, gateway, RECYCLE)
    before = gateway.consult(returned.chorus_id).invoice
    returned.correct(something(returned))
    after = gateway.consult(returned.chorus_id).invoice
    assert (after.recipient_siret, after.service_code, after.engagement_number) == (OTHER, "S9", "45001")
    assert (after.number, after.total_incl_tax, after.issue_date) == (
        before.number, before.total_incl_tax, before.issue_date,
    )  # fmt: skip


def test_a_completion_adds_its_files(bench: Bench, gateway: ChorusGateway) -> None:
    returned = Returned(bench, gateway, COMPLETE)
    upload_id = gateway.upload("bl.pdf", b"%PDF-1.4", "application/pdf")
    [code, *_] = [code for code, _ in gateway.attachment_types()]
    extra = SentAttachment(upload_id=upload_id, type_code=code, name="bl.pdf", sha256="0" * 64)
    correction = returned.correction(attachments=(extra,))
    returned.correct(correction)
    [file] = gateway.consult(returned.chorus_id).attachments
    assert (file.attachment_id, file.type_code, file.name) == (upload_id, code, "bl.pdf")
    assert returned.proof(correction) is Proof.TAKEN


def test_an_invoice_that_the_platform_has_not_is_refused(gateway: ChorusGateway, bench: Bench) -> None:
    returned = Returned(bench, gateway, COMPLETE)
    returned.chorus_id = 1
    with pytest.raises(RemoteRefusedError):
        returned.correct(returned.correction())


@pytest.mark.parametrize(
    ("fault", "error", "taken"),
    [
        (Fault.CUT_AFTER_TAKEN, OutcomeUnknownError, True),
        (Fault.CUT_BEFORE_TAKEN, OutcomeUnknownError, False),
        (Fault.UNAVAILABLE, OutcomeUnknownError, False),
        (Fault.RATE_LIMITED, RateLimitedError, False),
        (Fault.FORBIDDEN, TurnedAwayError, False),
        (Fault.ACCOUNT_REFUSED, LoginRefusedError, False),
        (Fault.BUSINESS_REFUSAL, RemoteRefusedError, False),
    ],
)
def test_each_answer_means_what_it_means_for_a_submission(
    bench: Bench,
    gateway: ChorusGateway,
    returned: Returned,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    error: type[Exception],
    taken: bool,
) -> None:
    correction = something(returned)
    everywhere = fault is Fault.ACCOUNT_REFUSED  # it is asked again before it counts
    names = {"correct": "*" if everywhere else OPERATIONS[returned.kind]}
    monkeypatch.setattr(gateway_contract, "SIMULATOR_OPERATIONS", names)
    bench.fail("correct", fault)
    with pytest.raises(error):
        returned.correct(correction)
    bench.heal()
    assert returned.proof(correction) is (Proof.TAKEN if taken else Proof.UNKNOWN)


def test_it_is_never_repeated_by_itself(returned: Returned, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"correct": OPERATIONS[returned.kind]}
    monkeypatch.setattr(gateway_contract, "SIMULATOR_OPERATIONS", names)
    bench.fail("correct", Fault.CUT_BEFORE_TAKEN)
    with pytest.raises(OutcomeUnknownError):
        returned.correct(something(returned))
    if isinstance(bench, SimulatorBench):
        counts = bench.control("GET", f"calls?operation={OPERATIONS[returned.kind]}&limit=5")["counts"]
        assert sum(sum(answers.values()) for answers in counts.values()) == 1
    else:
        assert isinstance(bench, FakeBench)
        assert bench.platform.calls["correct"] == 1
