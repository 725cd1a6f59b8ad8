"""Every exchange is told with how it ended; a measurement that fails changes nothing about the call."""

from __future__ import annotations

import pytest

from include.adapters.chorus.line import Answer, Call, CutError, Line, NotConnectedError
from include.adapters.chorus.measured import MeasuredLine, outcome_of
from include.adapters.chorus.troubles import DEADLINE
from include.application.figures import MeasuredCall

CALL = Call(method="POST", url="http://127.0.0.1/x", operation="factures/v1/soumettre")
TROUBLE = DEADLINE
TAKEN = Answer(status=200, text='{"codeRetour": 0}')


class PreparedLine(Line):
    """Answers, or breaks, as prepared."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self._outcome = outcome

    def exchange(self, *_call: object, **_how: object) -> Answer:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def exchange(line: Line) -> Answer:
    return line.exchange(CALL, seconds=1, limit=1, auth=lambda request: request)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (TAKEN, "ok"),
        (CutError(TROUBLE), "cut"),
        (NotConnectedError(TROUBLE), "not_connected"),
        (ValueError(), "broken"),
    ],
)
def test_each_exchange_is_told_once_without_the_version_of_its_operation(
    outcome: Answer | Exception, told: str
) -> None:
    heard: list[MeasuredCall] = []
    line = MeasuredLine(PreparedLine(outcome), provider="p", measure=heard.append)
    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            exchange(line)
    else:
        assert exchange(line) is outcome
    [one] = heard
    assert (one.provider, one.operation, one.outcome) == ("p", "factures/soumettre", told)
    assert one.seconds >= 0


@pytest.mark.parametrize("outcome", [TAKEN, CutError(TROUBLE)])
def test_a_measurement_that_fails_hides_neither_an_answer_nor_an_error(outcome: Answer | Exception) -> None:
    def broken(_call: MeasuredCall) -> None:
        raise OSError("nobody listens")

    line = MeasuredLine(PreparedLine(outcome), provider="p", measure=broken)
    if isinstance(outcome, Exception):
        with pytest.raises(CutError):
            exchange(line)
    else:
        assert exchange(line) is TAKEN


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, '{"codeRetour": 0}', "ok"),
        (200, '{"codeRetour": 20001, "libelle": "no"}', "refused"),
        (400, '{"codeRetour": 20001}', "refused"),
        (400, "<html>", "other"),
        (413, "", "refused"),
        (401, "", "turned_away"),
        (403, "", "turned_away"),
        (429, "", "rate_limited"),
        (503, "<html>", "server_error"),
        (302, "", "other"),
        (200, '{"codeRetour": 1, "x": "' + "x" * 70_000 + '"}', "ok"),
    ],
)
def test_the_outcome_is_one_of_a_few_words(status: int, text: str, told: str) -> None:
    assert outcome_of(Answer(status=status, text=text)) == told
