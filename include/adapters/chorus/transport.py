"""Calls to the API of one provider: safe ones are repeated, `submit` never is.

Source: docs/reference/exactly-once.md 2.5 and 3.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

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
from include.adapters.chorus.pace import Pace
from include.adapters.http.exchange import Answer, Call, Exchange, NotConnectedError, ResponseLostError
from include.adapters.http.network_errors import BROKEN, NO_TLS
from include.application.ports.clock import Clock
from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    RemoteUnavailableError,
    TurnedAwayError,
)
from include.texts import Text

logger = logging.getLogger(__name__)

SAFE_TRIES = 3
SAFE_SECONDS = 90.0
LONGEST_PAUSE_SECONDS = 30.0
PAUSE_BEFORE_FRESH_TOKEN = 1.0
"""A 401 also comes from calls that follow too fast (docs/reference/chorus-pro-api.md 1.3)."""
ANSWER_BYTES = 32 * 1024 * 1024
SUBMIT_ANSWER_BYTES = 1024 * 1024
HEADERS = {"Content-Type": "application/json;charset=utf-8", "Accept": "application/json;charset=utf-8"}
HEALTH_CHECK = "transverses/v1/health-check"


@dataclass(frozen=True, kw_only=True)
class Transport:
    """What every operation of one provider goes through."""

    addresses: Addresses
    identity: Identity
    http: Exchange
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

        `enveloped` is False for the two whose answers need no codeRetour (docs/reference/chorus-pro-api.md 2);
        `seconds` bounds each try.
        """
        return self.ask(operation, payload, enveloped=enveloped, seconds=seconds)[0]

    def ask(
        self,
        operation: str,
        payload: Mapping[str, Any] | None = None,
        *,
        enveloped: bool = True,
        seconds: float | None = None,
    ) -> tuple[dict[str, Any], Answer]:
        """As `safe`, with the answer that it was read from."""
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
            shown = self.identity.credentials()
        except RemoteUnavailableError as error:
            raise NeverLeftError("nothing_sent", status=error.status, cause=error) from error
        remaining = deadline_seconds - (self.clock.monotonic() - started)
        if remaining <= 0:
            raise NeverLeftError("deadline_passed_at_login")
        try:
            answer = self._exchange(operation, body, shown, remaining, SUBMIT_ANSWER_BYTES, fresh=True)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except ResponseLostError as error:
            raise OutcomeUnknownError("outcome_unknown", host=self._host, cause=error.failure) from error
        if answer.status == 401:
            self._explain_unauthorised(answer, shown)
        away = turned_away(answer, self.clock.now(), self.identity.door)
        if away is not None:
            raise away
        return answer

    def _safe_once(
        self, operation: str, body: bytes | None, enveloped: bool, seconds: float
    ) -> tuple[dict[str, Any], Answer]:
        shown = self.identity.credentials()
        answer = self._call(operation, body, shown, seconds)
        if answer.status == 401:
            self._invalidate(shown)
            answer = self._call(operation, body, self.identity.credentials(), seconds)
            if answer.status == 401:
                self._raise_unauthorised(answer)
        error = turned_away(answer, self.clock.now(), self.identity.door) or refusal(answer)
        if error is not None:
            raise error
        payload = read_json(answer.text)
        succeeded = return_code(payload) == 0 or not enveloped
        if answer.status != 200 or payload is None or not succeeded:
            raise unreadable(RemoteUnavailableError, answer)
        return payload, answer

    def _call(self, operation: str, body: bytes | None, shown: AuthBase, seconds: float) -> Answer:
        self.pace.wait()
        try:
            return self._exchange(operation, body, shown, seconds, ANSWER_BYTES, fresh=False)
        except NotConnectedError as error:
            raise self._not_reached(error) from error
        except ResponseLostError as error:
            raise RemoteUnavailableError(
                "broke_off", operation=operation, cause=error.failure, cure=error.failure.todo
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
            answer = self.http.exchange(call, seconds=seconds, limit=limit, auth=shown, fresh=fresh)
            outcome = answer.status
            return answer
        except NotConnectedError:
            outcome = "not connected"
            raise
        except ResponseLostError:
            outcome = "cut"
            raise
        finally:
            elapsed = (self.clock.monotonic() - started) * 1000
            logger.info("Chorus Pro %s for %s: %s in %.0f ms", operation, self.provider, outcome, elapsed)

    @property
    def _host(self) -> str:
        return urlsplit(self.addresses.api).netloc

    def _invalidate(self, shown: AuthBase) -> None:
        self.identity.invalidate(shown)
        self.sleep(PAUSE_BEFORE_FRESH_TOKEN)

    def _not_reached(self, error: NotConnectedError) -> NeverLeftError | LoginRefusedError:
        alert = error.refused_certificate
        if alert is None:
            todo = error.failure.todo
            if self.identity.door is Door.CERTIFICATE and error.failure in (NO_TLS, BROKEN):
                todo = Text("network.todo.certificate_unregistered")
            return NeverLeftError(
                "not_reached", address=self.addresses.api, host=self._host, cause=error.failure, cure=todo
            )
        return LoginRefusedError(
            "certificate_refused", connection=self.identity.connection_id, alert=alert, half="certificate"
        )

    def _explain_unauthorised(self, answer: Answer, shown: AuthBase) -> NoReturn:
        """No submission is repeated, even after a 401: the repeat that counts is a safe call."""
        self._invalidate(shown)
        try:
            verification = self._call(HEALTH_CHECK, None, self.identity.credentials(), self.safe_seconds)
        except LoginRefusedError:
            raise
        except RemoteError as error:
            logger.info("Nothing verifies the refused login of %s: %s", self.provider, error.code)
        else:
            if verification.status == 401:
                self._raise_unauthorised(verification)
        raise TurnedAwayError("unauthorised", status=401, body=proof(answer.text))

    def _raise_unauthorised(self, answer: Answer) -> NoReturn:
        """After the repeat, at PISTE with a fresh token."""
        connection_id = self.identity.connection_id
        if self.identity.account_refused(answer):
            behind = self.identity.door is Door.CERTIFICATE
            raise LoginRefusedError(
                "account_refused_behind_certificate" if behind else "account_refused",
                connection=connection_id,
                half="account",
                status=answer.status,
                body=proof(answer.text),
            )
        raise TurnedAwayError("fresh_token_refused", status=answer.status, body=proof(answer.text))


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
