"""Returned invoices, corrected by `chorus invoices ...` in processes that die at every step: each is taken once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.domain.correction import CorrectionKind
from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import DEADLINE_SECONDS, DELAY_SECONDS, Field

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

SIDE_BY_SIDE = 4
"""Workers at a time."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One kind of correction: what the platform said, what is typed, what it shows once it took it."""

    status: str
    operation: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    done: State
    taken: Callable[[dict[str, Any]], int]


def _times(status: str) -> Callable[[dict[str, Any]], int]:
    return lambda held: [entry["status"] for entry in held["history"]].count(status)


RECYCLE = Way(
    status="A_RECYCLER",
    operation="factures/recycler",
    command=("invoices", "recycle"),
    options=("--service", "ST01"),
    done=State.SUBMITTED,
    taken=lambda held: _times("DEPOSEE")(held) - 1,
)
COMPLETE = Way(
    status="SUSPENDUE",
    operation="factures/completer",
    command=("invoices", "complete"),
    options=("--comment", "Le voici"),
    done=State.SUBMITTED,
    taken=_times("COMPLETEE"),
)
HANDLED = Way(
    status="REJETEE",
    operation="factures/traiterRejet",
    command=("invoices", "reject-handled"),
    options=(),
    done=State.CLOSED,
    taken=lambda held: int(held["rejection_handled"]),
)
WAYS = {CorrectionKind.RECYCLE: RECYCLE, CorrectionKind.COMPLETE: COMPLETE, CorrectionKind.REJECT_HANDLED: HANDLED}

EVERY_WAY = (
    "correction-not-claimed",
    "correction-claim-not-committed",
    "correction-claimed",
    "before-correction",
    "corrected",
    "correction-answer-not-stored",
    "correction-answer-stored",
    "before-consulting",
    "consulted",
    "correction-not-settled",
    "settlement-not-committed",
    "correction-settled",
)
WITH_A_FILE = ("before-upload", "uploaded-id-not-stored", "upload-id-stored")
UNDER_A_FAULT = {
    "business_refusal": ("correction-refusal-not-stored", "correction-refusal-stored", "correction-not-settled"),
    "drop_after_accept": ("correction-doubt-not-stored", "correction-doubt-stored"),
    "drop_before": ("correction-doubt-not-stored", "correction-doubt-stored"),
    "rate_limited": ("correction-never-left-not-stored", "correction-never-left-stored"),
}


@dataclass
class Correcting:
    """Invoices that came back, one for each case, and who corrects them."""

    field: Field
    way: Way
    folder: Path
    ids: dict[str, int]

    def sent_and_returned(self, names: Sequence[str]) -> None:
        numbers = [f"F-{place}" for place in range(len(names))]
        self.ids = dict(zip(names, self.field.add_many(numbers), strict=True))
        self.field.one_pass()
        for number in numbers:
            self.field.platform.call("POST", "status", {"number": number, "status": self.way.status})
        self.field.night()
        assert {self.field.state(one) for one in self.ids.values()} == {State.TO_PROCESS}

    def typed(self, name: str) -> list[str]:
        options = [*self.way.options]
        if self.way is COMPLETE:
            paper = self.folder / f"bon {self.ids[name]}.pdf"
            paper.write_bytes(f"%PDF-1.7 bon de livraison {name}".encode())
            options += ["--attach", str(paper), "--type", "APS"]
        return [*self.way.command, str(self.ids[name]), *options, "--json"]

    def killed(self, names: Sequence[str]) -> None:
        """A process for each, which dies at the step that its case is called after."""
        for start in range(0, len(names), SIDE_BY_SIDE):
            some = names[start : start + SIDE_BY_SIDE]
            for worker in [self.field.worker(name.partition("/")[0], "kill", *self.typed(name)) for name in some]:
                worker.wait_until_killed()

    def nights(self) -> None:
        """The owner is gone for longer than its lease; passes and a night follow."""
        self.field.let_the_leases_run_out()
        for _ in range(3):
            self.field.one_pass()
            self.field.pass_time(DELAY_SECONDS + 1)
        self.field.night()

    def taken(self, name: str) -> int:
        """How often the platform took the correction of this invoice."""
        number = self.field.row(self.ids[name]).invoice_number
        [held] = self.field.platform.call("GET", f"invoices?number={number}")["items"]
        assert len(held["attachments"]) == (self.way.taken(held) if self.way is COMPLETE else 0)
        return self.way.taken(held)

    def correct(self, name: str) -> dict[str, Any]:
        """A person types it, to the end."""
        result = CliRunner().invoke(app, self.typed(name), catch_exceptions=False)
        assert result.exit_code in (0, 1), result.output
        [report] = [json.loads(line) for line in result.stdout.splitlines()]
        return dict(report)

    def each_exactly_once(self) -> None:
        """What is still to be done is done by the person who sees it; what the platform took is done already."""
        for name, invoice_id in self.ids.items():
            state, taken = self.field.state(invoice_id), self.taken(name)
            assert (state, taken) in ((self.way.done, 1), (State.TO_PROCESS, 0)), name
            if state is State.TO_PROCESS:
                assert self.correct(name)["outcome"] == self.way.done, name
            assert (self.field.state(invoice_id), self.taken(name)) == (self.way.done, 1), name
        assert self.field.keys_follow_the_attempts()


@pytest.fixture(params=["sqlite_url"], ids=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite; a test that names PostgreSQL gets one."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=list(WAYS))
def correcting(
    request: pytest.FixtureRequest, field: Field, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Correcting:
    for name, value in field.environment.items():
        monkeypatch.setenv(name, value)
    return Correcting(field, WAYS[request.param], tmp_path, {})


def test_killed_at_every_step_of_a_correction(correcting: Correcting) -> None:
    names = [*EVERY_WAY, *(WITH_A_FILE if correcting.way is COMPLETE else ())]
    correcting.sent_and_returned(names)
    correcting.killed(names)
    correcting.nights()
    correcting.each_exactly_once()


def test_killed_while_a_refusal_or_a_doubt_is_stored(correcting: Correcting) -> None:
    cases = [f"{step}/{fault}" for fault, steps in UNDER_A_FAULT.items() for step in steps]
    correcting.sent_and_returned(cases)
    for fault, steps in UNDER_A_FAULT.items():
        correcting.field.platform.fail(correcting.way.operation, fault, times=len(steps))
        correcting.killed([f"{step}/{fault}" for step in steps])
    correcting.field.platform.heal()
    correcting.nights()
    correcting.each_exactly_once()


@pytest.mark.parametrize("database_url", ["own_server_url"], indirect=True, ids=["postgresql"])
@pytest.mark.parametrize("correcting", [CorrectionKind.RECYCLE], indirect=True)
def test_killed_around_the_claim_and_the_answer_on_postgresql(correcting: Correcting) -> None:
    names = ["correction-claim-not-committed", "correction-claimed", "corrected", "settlement-not-committed"]
    correcting.sent_and_returned(names)
    correcting.killed(names)
    correcting.nights()
    correcting.each_exactly_once()


def test_two_people_at_once_and_answers_that_are_lost(correcting: Correcting) -> None:
    correcting.sent_and_returned(["two", "lost"])
    platform = correcting.field.platform
    both = [correcting.field.worker("-", "kill", *correcting.typed("two")) for _ in range(2)]
    ends = [worker.end() for worker in both]
    assert sorted(code for code, _ in ends) in ([0, 0], [0, 1], [0, 3]), ends
    assert correcting.taken("two") == 1
    platform.fail(correcting.way.operation, "drop_after_accept")
    assert correcting.correct("lost")["outcome"] == correcting.way.done
    correcting.each_exactly_once()


@pytest.mark.parametrize("correcting", [CorrectionKind.COMPLETE], indirect=True)
def test_an_answer_later_than_the_deadline_is_looked_up(correcting: Correcting) -> None:
    correcting.sent_and_returned(["late"])
    correcting.field.platform.fail(correcting.way.operation, "slow_after_accept", seconds=DEADLINE_SECONDS + 1)
    assert correcting.correct("late")["outcome"] == correcting.way.done
    assert correcting.field.platform.calls(correcting.way.operation) == 1
    correcting.each_exactly_once()


@pytest.mark.parametrize("correcting", [CorrectionKind.RECYCLE], indirect=True)
def test_killed_in_the_call_and_again_in_the_passes_that_look_for_it(correcting: Correcting) -> None:
    correcting.sent_and_returned(["called"])
    correcting.field.platform.fail(correcting.way.operation, "slow_after_accept", seconds=3)
    worker = correcting.field.worker("-", "kill", *correcting.typed("called"))
    worker.works_until(lambda: correcting.taken("called") == 1, "the platform took it")
    worker.kill()
    correcting.field.let_the_leases_run_out()
    for step in ("correction-lapse-stored", "correction-not-settled", "settlement-not-committed"):
        correcting.field.worker(step).wait_until_killed()
        assert correcting.taken("called") == 1
    correcting.nights()
    assert correcting.field.state(correcting.ids["called"]) is State.SUBMITTED, "without anybody's help"
    correcting.each_exactly_once()
