"""Calls to the API of one provider: safe ones are repeated, `submit` never is (exactly-once 2.5 and 3)."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import tenacity
from requests.auth import AuthBase

from include.adapters.chorus.addresses import Addresses
from include.adapters.chorus.failures import (
    Door,
    proof,
    read_json,
    refusal,
    return_code,
    turned_away,
    unreadable,
)
from include.adapters.chorus.identity import Identity
from include.adapters.chorus.line import Answer, Call, CutError, Line, NotConnectedError
from include.adapters.chorus.troubles import BROKEN, NO_TLS
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
    identity: Identity
    line: Line
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
            shown = self.identity.proof()
        except RemoteUnavailableError as error:
            what = f"Nothing was sent: {error.what}"
            raise NeverLeftError(what, why=error.why, todo=error.todo, status=error.status) from error
        remaining = deadline_seconds - (self.clock.monotonic() - started)
        if remaining <= 0:
            raise NeverLeftError("Nothing was sent: the deadline passed while the login was renewed.")
        try:
            answer = self._exchange(operation, body, shown, remaining, SUBMIT_ANSWER_BYTES, fresh=True)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except CutError as error:
            raise OutcomeUnknownError(
                "The connection broke after the invoice was sent.",
                why=f"Nobody knows whether Chorus Pro took it ({error}).",
                todo="It is searched for before anything is sent again.",
            ) from error
        if answer.status == 401:
            self._explain_unauthorised(answer, shown)
        away = turned_away(answer, self.clock.now(), self.identity.door)
        if away is not None:
            raise away
        return answer

    def _safe_once(self, operation: str, body: bytes | None, enveloped: bool, seconds: float) -> dict[str, Any]:
        shown = self.identity.proof()
        answer = self._call(operation, body, shown, seconds)
        if answer.status == 401:
            self._doubt(shown)
            answer = self._call(operation, body, self.identity.proof(), seconds)
            if answer.status == 401:
                self._raise_unauthorised(answer)
        error = turned_away(answer, self.clock.now(), self.identity.door) or refusal(answer)
        if error is not None:
            raise error
        payload = read_json(answer.text)
        succeeded = return_code(payload) == 0 or not enveloped
        if answer.status != 200 or payload is None or not succeeded:
            raise unreadable(RemoteUnavailableError, answer)
        return payload

    def _call(self, operation: str, body: bytes | None, shown: AuthBase, seconds: float) -> Answer:
        self.pace.wait()
        try:
            return self._exchange(operation, body, shown, seconds, ANSWER_BYTES, fresh=False)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except CutError as error:
            raise RemoteUnavailableError(
                f"Chorus Pro broke off during {operation}: {error}.", todo=error.trouble.todo
            ) from error

    def _exchange(
        self, operation: str, body: bytes | None, shown: AuthBase, seconds: float, limit: int, *, fresh: bool
    ) -> Answer:
        call = Call(
            method="GET" if body is None else "POST",
            url=self.addresses.url(operation),
            operation=operation,
            body=body,
            headers=HEADERS,
        )
        started = self.clock.monotonic()
        outcome: object = "nothing"
        try:
            answer = self.line.exchange(call, seconds=seconds, limit=limit, auth=shown, fresh=fresh)
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

    def _doubt(self, shown: AuthBase) -> None:
        self.identity.doubt(shown)
        self.sleep(PAUSE_BEFORE_FRESH_TOKEN)

    def _not_reached(self, error: NotConnectedError) -> NeverLeftError | LoginRefusedError:
        alert = error.refused_certificate
        if alert is None:
            todo = error.trouble.todo
            if self.identity.door is Door.CERTIFICATE and error.trouble in (NO_TLS, BROKEN):
                todo = (
                    "Check schema and port of the connection, and whether the client certificate is registered there."
                )
            return NeverLeftError(f"The address {self.addresses.api} does not answer: {error}.", todo=todo)
        return LoginRefusedError(
            f"Chorus Pro refused the client certificate of connection {self.identity.connection_id!r} ({alert}).",
            why="It is not registered there, or was revoked; nothing was sent.",
            todo="Put a registered certificate in its place, or move to PISTE: authentication: oauth_piste.",
            half="certificate",
            connection=self.identity.connection_id,
        )

    def _explain_unauthorised(self, answer: Answer, shown: AuthBase) -> NoReturn:
        """No submission is repeated, even after a 401: the repeat that counts is a safe call."""
        self._doubt(shown)
        try:
            witness = self._call(HEALTH_CHECK, None, self.identity.proof(), self.safe_seconds)
        except LoginRefusedError:
            raise
        except RemoteError as error:
            logger.info("No witness for the refused login of %s: %s", self.provider, error.code)
        else:
            if witness.status == 401:
                self._raise_unauthorised(witness)
        raise TurnedAwayError("The login was refused (401); nothing was taken.", status=401, body=proof(answer.text))

    def _raise_unauthorised(self, answer: Answer) -> NoReturn:
        """After the repeat, at PISTE with a fresh token."""
        connection_id = self.identity.connection_id
        if self.identity.account_refused(answer):
            todo = "Correct the connection; the password is renewed on the Chorus Pro portal."
            if self.identity.door is Door.CERTIFICATE:
                todo = "Port 5443 is open and took the certificate: reset the technical password on the portal."
            raise LoginRefusedError(
                f"Chorus Pro refused the technical account of connection {connection_id!r}.",
                why="Its login or password is wrong, or the password has expired (every 424 days).",
                todo=todo,
                half="account",
                status=answer.status,
                body=proof(answer.text),
                connection=connection_id,
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
