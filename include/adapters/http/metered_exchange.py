"""An exchange that tells how long each call took and how it ended, to whoever wants to know."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from include.adapters.http.exchange import Answer, Authenticate, Call, Exchange, NotConnectedError, ResponseLostError
from include.application.ports.figures import Measure, MeasuredCall

logger = logging.getLogger(__name__)

_VERSION = re.compile(r"/v\d+(?=/)")


class MeteredExchange:
    """The exchange of one provider; operations are named without their version.

    `outcome_of` puts an answer into one of a few words.
    """

    def __init__(self, http: Exchange, *, provider: str, measure: Measure, outcome_of: Callable[[Answer], str]) -> None:
        self._exchange = http
        self._provider = provider
        self._outcome_of = outcome_of
        self._measure = measure

    def exchange(self, call: Call, *, seconds: float, limit: int, auth: Authenticate, fresh: bool = False) -> Answer:
        """See `HttpExchange`."""
        started = time.monotonic()
        outcome = "broken"
        try:
            answer = self._exchange.exchange(call, seconds=seconds, limit=limit, auth=auth, fresh=fresh)
            outcome = self._outcome_of(answer)
            return answer
        except NotConnectedError:
            outcome = "not_connected"
            raise
        except ResponseLostError:
            outcome = "cut"
            raise
        finally:
            self._tell(call, outcome, time.monotonic() - started)

    def _tell(self, call: Call, outcome: str, seconds: float) -> None:
        operation = _VERSION.sub("", call.operation)
        try:
            self._measure(MeasuredCall(provider=self._provider, operation=operation, outcome=outcome, seconds=seconds))
        except Exception:  # the invoice may have been sent a moment ago: nothing here may hide its answer
            logger.warning("A measurement of %s was lost", operation, exc_info=True)
