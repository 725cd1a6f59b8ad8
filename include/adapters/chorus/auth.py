"""The two layers of login: the PISTE token and the technical account (docs/reference/chorus-pro-api.md 1.2).

Nothing of it is ever logged, and what is derived from the secrets is handed to `mask_secret`.
"""

from __future__ import annotations

import base64
import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from include.adapters.chorus.failures import proof, read_json, turned_away
from include.adapters.http.exchange import Answer, Call, Exchange, NotConnectedError, ResponseLostError
from include.adapters.http.known_secrets import KnownSecrets
from include.application.ports.clock import Clock
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import LoginRefusedError, NeverLeftError, RemoteUnavailableError, SecretMissingError

RENEW_EARLY_SECONDS = 240.0
DEFAULT_TOKEN_SECONDS = 3600.0
TOKEN_CALL_SECONDS = 30.0
TOKEN_ANSWER_BYTES = 65_536
REFUSAL_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Pauses between five tries, in seconds: PISTE refuses about one valid login in ten, so one refusal proves nothing.

Source: docs/reference/chorus-pro-api.md 1.3.
"""

CLIENT_ID = "piste_client_id"
CLIENT_SECRET = "piste_client_secret"


@dataclass(frozen=True, kw_only=True)
class Login:
    """Both halves of one provider's login; `repr` shows no secret."""

    connection_id: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    account: str = field(repr=False)

    @classmethod
    def from_secrets(cls, secrets: ConnectionSecrets) -> Login:
        """The login of a connection; SecretMissingError names every part that is missing."""
        client_id, client_secret = secrets.extra.get(CLIENT_ID), secrets.extra.get(CLIENT_SECRET)
        parts = {
            "login": secrets.login,
            "password": secrets.password,
            f"extra.{CLIENT_ID}": client_id,
            f"extra.{CLIENT_SECRET}": client_secret,
        }
        missing = [name for name, value in parts.items() if not value]
        if missing:
            raise SecretMissingError(
                "piste_login_incomplete", connection=secrets.connection_id, missing=", ".join(missing)
            )
        account = base64.b64encode(f"{secrets.login}:{secrets.password}".encode()).decode("ascii")
        return cls(
            connection_id=secrets.connection_id,
            client_id=str(client_id),
            client_secret=str(client_secret),
            account=account,
        )


class ChorusAuth(AuthBase):
    """Adds the bearer and the account to each call; with it requests looks into no .netrc."""

    def __init__(self, token: str, account: str) -> None:
        self.token = token
        self._account = account

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Sets both headers."""
        r.headers["Authorization"] = f"Bearer {self.token}"
        r.headers["cpro-account"] = self._account
        return r


@dataclass
class _Kept:
    """The token of one PISTE client; the lock lets one thread fetch while the others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    renew_at: float = 0.0


class Tokens:
    """Tokens of all PISTE clients of this process, kept per token address and client id. Safe for threads."""

    def __init__(
        self,
        *,
        clock: Clock,
        sleep: Callable[[float], None],
        mask_secret: Callable[[str], None],
        known_secrets: KnownSecrets | None = None,
    ) -> None:
        self._clock = clock
        self._known = known_secrets or KnownSecrets()
        self._sleep = sleep
        self._mask_secret = mask_secret
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._lock = threading.Lock()

    def get(self, http: Exchange, url: str, login: Login) -> str:
        """A token that is good for the next minutes.

        LoginRefusedError after five refusals; NeverLeftError, RemoteUnavailableError, TurnedAwayError after one try.
        """
        kept = self._entry(url, login)
        with kept.lock:
            current = kept.token
            if current is None or kept.secret != login.client_secret or self._clock.monotonic() >= kept.renew_at:
                current = self._renew(kept, http, url, login)
            return current

    def drop(self, url: str, login: Login, token: str) -> None:
        """Forgets a token that the platform refused, unless another thread has renewed it meanwhile."""
        kept = self._entry(url, login)
        with kept.lock:
            if kept.token == token:
                kept.token = None

    def _entry(self, url: str, login: Login) -> _Kept:
        with self._lock:
            return self._kept.setdefault((url, login.client_id), _Kept())

    def _renew(self, kept: _Kept, http: Exchange, url: str, login: Login) -> str:
        kept.token = None
        for pause in (*REFUSAL_PAUSES, None):
            asked_at = self._clock.monotonic()
            answer = self._ask(http, url, login)
            if not _is_refusal(answer):
                kept.token, seconds = _read_token(answer)
                self._mask_secret(kept.token)
                self._known.add(kept.token)
                kept.secret = login.client_secret
                kept.renew_at = asked_at + seconds - min(RENEW_EARLY_SECONDS, seconds / 2)
                return kept.token
            if pause is not None:
                self._sleep(pause)
        raise LoginRefusedError(
            "piste_refused",
            connection=login.connection_id,
            times=len(REFUSAL_PAUSES) + 1,
            half="piste",
            status=answer.status,
            body=proof(self._known.struck(answer.text)),
        )

    def _ask(self, http: Exchange, url: str, login: Login) -> Answer:
        form = {
            "grant_type": "client_credentials",
            "client_id": login.client_id,
            "client_secret": login.client_secret,
            "scope": "openid",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        body = urlencode(form).encode("ascii")
        call = Call(method="POST", url=url, operation="token", body=body, headers=headers, brings_secret=True)
        try:
            answer = http.exchange(
                call, seconds=TOKEN_CALL_SECONDS, limit=TOKEN_ANSWER_BYTES, auth=_no_other_login, fresh=True
            )
        except NotConnectedError as error:
            raise NeverLeftError(
                "token_service_not_reached", host=_host(url), cause=error.failure, cure=error.failure.todo
            ) from error
        except ResponseLostError as error:
            raise RemoteUnavailableError(
                "token_service_broke_off", host=_host(url), cause=error.failure, cure=error.failure.todo
            ) from error
        away = turned_away(dataclasses.replace(answer, text=self._known.struck(answer.text)), self._clock.now())
        if away is not None:
            raise away
        return answer


def _no_other_login(request: PreparedRequest) -> PreparedRequest:
    """An `auth` that adds nothing, so that requests does not take a login from .netrc."""
    return request


def _host(url: str) -> str:
    """Host and port, without a login that somebody wrote into the address."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _is_refusal(answer: Answer) -> bool:
    """400 or 401 with an OAuth error; the same words for an unknown id, a wrong secret and PISTE's own mood."""
    if answer.status == 401:
        return True
    return answer.status == 400 and "error" in (read_json(answer.text) or {})


def _read_token(answer: Answer) -> tuple[str, float]:
    payload = read_json(answer.text) or {}
    token = payload.get("access_token")
    if answer.status != 200 or not isinstance(token, str) or not token:
        # The body is not kept: it may hold a token.
        raise RemoteUnavailableError("no_token", http_status=answer.status, status=answer.status)
    try:
        return token, float(payload.get("expires_in") or DEFAULT_TOKEN_SECONDS)
    except (TypeError, ValueError):
        return token, DEFAULT_TOKEN_SECONDS
