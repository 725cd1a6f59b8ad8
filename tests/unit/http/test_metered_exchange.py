"""Every exchange is told with how it ended; a measurement that fails changes nothing about the call."""

from __future__ import annotations

import pytest

from include.adapters.http.exchange import Answer, Call, Exchange, NotConnectedError, ResponseLostError
from include.adapters.http.metered_exchange import MeteredExchange
from include.adapters.http.network_errors import DEADLINE
from include.application.ports.figures import MeasuredCall

CALL = Call(method="POST", url="http://127.0.0.1/x", operation="factures/v1/soumettre")
FAILURE = DEADLINE
TAKEN = Answer(status=200, text='{"codeRetour": 0}')


class PreparedExchange:
    """Answers, or breaks, as prepared."""

    def __init__(self, outcome: Answer | Exception) -> None:
        self._outcome = outcome

    def exchange(self, call: Call, **_how: object) -> Answer:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def exchange(http: Exchange) -> Answer:
    return http.exchange(CALL, seconds=1, limit=1, auth=lambda request: request)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (TAKEN, "ok"),
        (ResponseLostError(FAILURE), "cut"),
        (NotConnectedError(FAILURE), "not_connected"),
        (ValueError(), "broken"),
    ],
)
def test_each_exchange_is_told_once_without_the_version_of_its_operation(
    outcome: Answer | Exception, told: str
) -> None:
    received: list[MeasuredCall] = []
    http = MeteredExchange(PreparedExchange(outcome), provider="p", measure=received.append, outcome_of=lambda _: "ok")
    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            exchange(http)
    else:
        assert exchange(http) is outcome
    [one] = received
    assert (one.provider, one.operation, one.outcome) == ("p", "factures/soumettre", told)
    assert one.seconds >= 0


@pytest.mark.parametrize("outcome", [TAKEN, ResponseLostError(FAILURE)])
def test_a_measurement_that_fails_hides_neither_an_answer_nor_an_error(outcome: Answer | Exception) -> None:
    def broken(_call: MeasuredCall) -> None:
        raise OSError("nobody listens")

    http = MeteredExchange(PreparedExchange(outcome), provider="p", measure=broken, outcome_of=lambda _: "ok")
    if isinstance(outcome, Exception):
        with pytest.raises(ResponseLostError):
            exchange(http)
    else:
        assert exchange(http) is TAKEN
