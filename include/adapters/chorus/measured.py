"""A line that tells how long each exchange took and how it ended, to whoever wants to know."""

from __future__ import annotations

import logging
import re
import time

from include.adapters.chorus.failures import BUSINESS_STATUSES, SIZE_OR_TYPE_STATUSES, refusal
from include.adapters.chorus.line import Answer, Authenticate, Call, CutError, Line, NotConnectedError
from include.application.figures import Measure, MeasuredCall

logger = logging.getLogger(__name__)

_VERSION = re.compile(r"/v\d+(?=/)")
_REFUSAL_CHARACTERS = 65_536
"""A longer answer is a page of results, never a refusal: it is not parsed a second time."""


class MeasuredLine(Line):
    """The line of one provider; operations are named without their version, and the token call is `token`."""

    def __init__(self, line: Line, *, provider: str, measure: Measure) -> None:
        self._line = line
        self._provider = provider
        self._measure = measure

    def exchange(self, call: Call, *, seconds: float, limit: int, auth: Authenticate, fresh: bool = False) -> Answer:
        """See `Line`."""
        started = time.monotonic()
        outcome = "broken"
        try:
            answer = self._line.exchange(call, seconds=seconds, limit=limit, auth=auth, fresh=fresh)
            outcome = outcome_of(answer)
            return answer
        except NotConnectedError:
            outcome = "not_connected"
            raise
        except CutError:
            outcome = "cut"
            raise
        finally:
            self._tell(call, outcome, time.monotonic() - started)

    def _tell(self, call: Call, outcome: str, seconds: float) -> None:
        operation = _VERSION.sub("", call.operation)
        try:
            self._measure(MeasuredCall(provider=self._provider, operation=operation, outcome=outcome, seconds=seconds))
        except Exception:
            # the invoice may have been sent a moment ago: nothing here may hide its answer
            logger.warning("A measurement of %s was lost", operation, exc_info=True)


def outcome_of(answer: Answer) -> str:
    """One of a few words: what an operator would look at next."""
    if answer.status == 429:
        return "rate_limited"
    if answer.status in (401, 403):
        return "turned_away"
    if answer.status >= 500:
        return "server_error"
    if answer.status in SIZE_OR_TYPE_STATUSES:
        return "refused"
    if answer.status not in BUSINESS_STATUSES:
        return "other"
    if len(answer.text) < _REFUSAL_CHARACTERS and refusal(answer) is not None:
        return "refused"
    return "ok" if answer.status == 200 else "other"
