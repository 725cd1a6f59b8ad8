"""Calls to the API of one provider: safe ones are repeated, `submit` never is (exactly-once 2.5 and 3)."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import tenacity

from include.adapters.chorus.addresses import Addresses
from include.adapters.chorus.auth import ChorusAuth, Login, Tokens
from include.adapters.chorus.failures import (
    is_account_refusal,
    proof,
    read_json,
    refusal,
    return_code,
    turned_away,
    unreadable,
)
from include.adapters.chorus.line import Answer, Call, CutError, Line, NotConnectedError
from include.application.ports import Clock
from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    RemoteUnavailableError,
    TurnedAwayError,
)

logger = logging.getLogger(__name__)

SAFE_TRIES = 3
SAFE_SECONDS = 90.0
LONGEST_PAUSE_SECONDS = 30.0
PAUSE_BEFORE_FRESH_TOKEN = 1.0
"""A 401 also comes from calls that follow too fast (API page 1.3)."""
ANSWER_BYTES = 32 * 1024 * 1024
SUBMIT_ANSWER_BYTES = 1024 * 1024
HEADERS = {"Content-Type": "application/json;charset=utf-8", "Accept": "application/json;charset=utf-8"}
HEALTH_CHECK = "transverses/v1/health-check"


class Pace:
    """Spaces the calls of one provider: at most so many per second in this process. Safe for threads."""

    def __init__(self, calls_per_second: float | None, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._gap = 1.0 / calls_per_second if calls_per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Returns when this call's turn has come."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """What every operation of one provider goes through."""

    addresses: Addresses
    login: Login
    line: Line
    tokens: Tokens
    clock: Clock
    sleep: Callable[[float], None]
    pace: Pace
    provider: str
    safe_seconds: float = field(default=SAFE_SECONDS)

    def safe(
        self,
        operation: str,
        payload: Mapping[str, Any] | None = None,
        *,
        enveloped: bool = True,
        seconds: float | None = None,
    ) -> dict[str, Any]:
        """Calls an operation that may be repeated; the parsed answer of a success.

        `enveloped` is False for the two whose answers need no codeRetour (API page 2); `seconds` bounds each try.
        """
        body = None if payload is None else json.dumps(payload).encode()
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(SAFE_TRIES),
            wait=_pause,
            retry=tenacity.retry_if_exception(_passes),
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(self._safe_once, operation, body, enveloped, seconds or self.safe_seconds)

    def submit(self, operation: str, body: bytes, *, deadline_seconds: float) -> Answer:
        """Calls once, on a fresh connection, cut off at the deadline. What the answer says is for the caller.

        Everything before the first byte counts as never left; everything after it that is no clear answer is unknown.
        """
        started = self.clock.monotonic()
        try:
            self.pace.wait()
            token = self._token()
        except RemoteUnavailableError as error:
            raise NeverLeftError(f"Nothing was sent: {error.what}", why=error.why, status=error.status) from error
        remaining = deadline_seconds - (self.clock.monotonic() - started)
        if remaining <= 0:
            raise NeverLeftError("Nothing was sent: the deadline passed while the login was renewed.")
        try:
            answer = self._exchange(operation, body, token, remaining, SUBMIT_ANSWER_BYTES, fresh=True)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except CutError as error:
            raise OutcomeUnknownError(
                "The connection broke after the invoice was sent.",
                why=f"Nobody knows whether Chorus Pro took it ({error}).",
                todo="It is searched for before anything is sent again.",
            ) from error
        if answer.status == 401:
            self._explain_unauthorised(answer, token)
        away = turned_away(answer, self.clock.now())
        if away is not None:
            raise away
        return answer

    def _safe_once(self, operation: str, body: bytes | None, enveloped: bool, seconds: float) -> dict[str, Any]:
        token = self._token()
        answer = self._call(operation, body, token, seconds)
        if answer.status == 401:
            self._drop(token)
            answer = self._call(operation, body, self._token(), seconds)
            if answer.status == 401:
                self._raise_unauthorised(answer)
        error = turned_away(answer, self.clock.now()) or refusal(answer)
        if error is not None:
            raise error
        payload = read_json(answer.text)
        succeeded = return_code(payload) == 0 or not enveloped
        if answer.status != 200 or payload is None or not succeeded:
            raise unreadable(RemoteUnavailableError, answer)
        return payload

    def _call(self, operation: str, body: bytes | None, token: str, seconds: float) -> Answer:
        self.pace.wait()
        try:
            return self._exchange(operation, body, token, seconds, ANSWER_BYTES, fresh=False)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except CutError as error:
            raise RemoteUnavailableError(f"Chorus Pro broke off during {operation}.", why=str(error)) from error

    def _exchange(
        self, operation: str, body: bytes | None, token: str, seconds: float, limit: int, *, fresh: bool
    ) -> Answer:
        call = Call(
            method="GET" if body is None else "POST",
            url=f"{self.addresses.api}/cpro/{operation}",
            body=body,
            headers=HEADERS,
        )
        started = self.clock.monotonic()
        outcome: object = "nothing"
        try:
            auth = ChorusAuth(token, self.login.account)
            answer = self.line.exchange(call, seconds=seconds, limit=limit, auth=auth, fresh=fresh)
            outcome = answer.status
            return answer
        except NotConnectedError:
            outcome = "not connected"
            raise
        except CutError:
            outcome = "cut"
            raise
        finally:
            elapsed = (self.clock.monotonic() - started) * 1000
            logger.info("Chorus Pro %s for %s: %s in %.0f ms", operation, self.provider, outcome, elapsed)

    def _token(self) -> str:
        return self.tokens.get(self.line, self.addresses.token, self.login)

    def _drop(self, token: str) -> None:
        self.tokens.drop(self.addresses.token, self.login, token)
        self.sleep(PAUSE_BEFORE_FRESH_TOKEN)

    def _not_reached(self, error: NotConnectedError) -> NeverLeftError:
        return NeverLeftError(
            f"No connection to {self.addresses.api}.", why=str(error), todo="Look at network, proxy and certificates."
        )

    def _explain_unauthorised(self, answer: Answer, token: str) -> NoReturn:
        """No submission is repeated, even after a 401: the repeat that counts is a safe call."""
        self._drop(token)
        try:
            witness = self._call(HEALTH_CHECK, None, self._token(), self.safe_seconds)
        except LoginRefusedError:
            raise
        except RemoteError as error:
            logger.info("No witness for the refused login of %s: %s", self.provider, error.code)
        else:
            if witness.status == 401:
                self._raise_unauthorised(witness)
        raise TurnedAwayError("The token was refused (401); nothing was taken.", status=401, body=proof(answer.text))

    def _raise_unauthorised(self, answer: Answer) -> NoReturn:
        """After the repeat with a fresh token."""
        if is_account_refusal(answer):
            raise LoginRefusedError(
                f"Chorus Pro refused the technical account of connection {self.login.connection_id!r}.",
                why="Its login or password is wrong, or the password has expired (every 424 days).",
                todo="Correct the connection; the password is renewed on the Chorus Pro portal.",
                half="account",
                status=answer.status,
                body=proof(answer.text),
                connection=self.login.connection_id,
            )
        raise TurnedAwayError(
            "Chorus Pro refused a fresh token (401).",
            why="That happens when calls follow too fast.",
            todo="Set submission.calls_per_second if it goes on.",
            status=answer.status,
            body=proof(answer.text),
        )


def _passes(error: BaseException) -> bool:
    """Whether a repeat a little later may help; a long wait that the platform asks for is left to the next pass."""
    if isinstance(error, RateLimitedError):
        return (error.retry_after or 0.0) <= LONGEST_PAUSE_SECONDS
    return isinstance(error, NeverLeftError | RemoteUnavailableError)


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimitedError) and error.retry_after is not None:
        return error.retry_after
    return float(min(2.0 ** (state.attempt_number - 1), LONGEST_PAUSE_SECONDS))
