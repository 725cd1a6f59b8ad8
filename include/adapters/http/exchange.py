"""One HTTP exchange: sent once, answered whole within a time, or not at all."""

from __future__ import annotations

import datetime as dt
import errno
import http.client
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol

import requests
import urllib3

from include.adapters.http.deadline import Deadline, DeadlineAdapter
from include.adapters.http.known_secrets import KnownSecrets
from include.adapters.http.network_errors import DEADLINE, FailureCause, failure_cause

logger = logging.getLogger(__name__)

CHUNK_BYTES = 65_536

Authenticate = Callable[[requests.PreparedRequest], requests.PreparedRequest]
_NETWORK_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


_CERTIFICATE_ALERTS = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
    }
)
"""Alerts by which a server refuses the certificate that it was shown, by OpenSSL's names."""


class ExchangeError(Exception):
    """No whole answer came; its text is our own."""

    def __init__(self, failure: FailureCause) -> None:
        super().__init__(str(failure))
        self.failure = failure


class NotConnectedError(ExchangeError):
    """No connection was made, so no byte of the request left."""

    @property
    def refused_certificate(self) -> str | None:
        """What the server said against our certificate, if that was the cause."""
        link: BaseException | None = self
        while link is not None:
            if isinstance(link, ssl.SSLError) and link.reason in _CERTIFICATE_ALERTS:
                return str(link.reason)
            link = link.__cause__ or link.__context__
        return None


class ResponseLostError(ExchangeError):
    """The connection was made, and then no whole answer came."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is sent; `operation` names it to people; `repr` shows neither body nor headers.

    `brings_secret`: the answer is a token, which may be one that we know; its reader strikes what it keeps of it.
    """

    method: str
    url: str
    operation: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    brings_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = field(repr=False)

    @property
    def date(self) -> dt.datetime | None:
        """What time the server said it was."""
        return read_http_date(self.headers.get("date", ""))


class AnswerStream:
    """An answer whose head came; its body is read under the deadline of its exchange. Header names in lower case."""

    def __init__(self, response: requests.Response, failures: Callable[[], AbstractContextManager[None]]) -> None:
        self._response = response
        self._failures = failures
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def pieces(self) -> Iterator[bytes]:
        """The body, in pieces of at most CHUNK_BYTES. ResponseLostError where it does not come whole."""
        while piece := self._next():
            yield piece

    def read(self, limit: int) -> bytes:
        """The whole body. ResponseLostError where it does not come whole, or has more than `limit` bytes."""
        content = bytearray()
        for piece in self.pieces():
            content += piece
            if len(content) > limit:
                with self._failures():
                    raise OSError(errno.EFBIG, f"the answer is larger than {limit} bytes")
        return bytes(content)

    def _next(self) -> bytes:
        with self._failures():
            return bytes(self._response.raw.read(CHUNK_BYTES, decode_content=True))


class Exchange(Protocol):
    """What sends a call once and reads the whole answer."""

    def exchange(self, call: Call, *, seconds: float, limit: int, auth: Authenticate, fresh: bool = False) -> Answer:
        """See `HttpExchange`."""
        ...


class _Session(requests.Session):
    """A session that keeps nothing between calls but connections, and takes a redirect for an answer like any other."""

    def __init__(self, *, user_agent: str, use_proxies: bool, tls: ssl.SSLContext | None, ca_file: str | None) -> None:
        super().__init__()
        self.headers["User-Agent"] = user_agent
        self._ca_file = ca_file
        self._use_proxies = use_proxies
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter(tls))

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """Trusted authorities (`ca_file`, else REQUESTS_CA_BUNDLE) count everywhere, proxies beyond this machine."""
        merged = super().merge_environment_settings(*args, **kwargs)
        if self._ca_file:
            merged["verify"] = self._ca_file
        return merged if self._use_proxies else {**merged, "proxies": {}}

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would otherwise read the body to prepare the next hop."""


class HttpExchange:
    """The way to one service. Safe for threads; connections are kept alive except for `fresh` exchanges.

    `connect_seconds` bounds the connecting, `silence_seconds` (by default the whole time) the wait for each read. What
    is among the `known_secrets` stands in no answer. `guard` sees the address of each request as it is prepared, before
    anything leaves; what it raises goes to the caller.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        connect_seconds: float,
        use_proxies: bool,
        silence_seconds: float = float("inf"),
        tls: ssl.SSLContext | None = None,
        ca_file: str | None = None,
        known_secrets: KnownSecrets | None = None,
        guard: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._secrets = known_secrets or KnownSecrets()
        self._guard = guard
        self._new_session = partial(_Session, user_agent=user_agent, use_proxies=use_proxies, tls=tls, ca_file=ca_file)
        self._connect_seconds = connect_seconds
        self._silence_seconds = silence_seconds
        self._kept = self._new_session()

    def exchange(self, call: Call, *, seconds: float, limit: int, auth: Authenticate, fresh: bool = False) -> Answer:
        """Sends once and reads the whole answer within `seconds` and `limit` bytes.

        NotConnectedError: surely nothing left. ResponseLostError: anything else that is no whole answer.
        """
        with self.open(call, seconds=seconds, auth=auth, fresh=fresh) as answer:
            # PostgreSQL stores no NUL in a text, and the proof must always be storable.
            text = answer.read(limit).decode("utf-8", errors="replace").replace("\x00", "\ufffd")
            if call.brings_secret:
                return Answer(status=answer.status, headers=answer.headers, text=text)
            headers = {name: self._secrets.struck(value) for name, value in answer.headers.items()}
            return Answer(status=answer.status, headers=headers, text=self._secrets.struck(text))

    def _guarded(self, auth: Authenticate, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """The last that happens to a request before it is sent."""
        request = auth(prepared)
        self._guard(request.url or "")
        return request

    @contextmanager
    def open(self, call: Call, *, seconds: float, auth: Authenticate, fresh: bool = False) -> Iterator[AnswerStream]:
        """Sends once; the answer's body is read inside, until `seconds` after the start. Raises as `exchange` does."""
        with ExitStack() as stack:
            deadline = stack.enter_context(Deadline(seconds).running())
            session = stack.enter_context(self._new_session()) if fresh else self._kept
            failures = partial(_failures, call, deadline)
            with failures():
                response = session.request(
                    call.method,
                    call.url,
                    data=call.body,
                    headers=dict(call.headers),
                    auth=partial(self._guarded, auth),
                    timeout=(min(self._connect_seconds, seconds), min(self._silence_seconds, seconds)),
                    allow_redirects=False,
                    stream=True,
                )
                stack.enter_context(response)
                answer = AnswerStream(response, failures)
            yield answer


@contextmanager
def _failures(call: Call, deadline: Deadline) -> Iterator[None]:
    """Tells apart, whatever breaks inside, whether the request can have left."""
    try:
        yield
        if deadline.expired:  # an answer without a length ends at our own shutting as if it were whole
            raise TimeoutError("the deadline passed while the answer was being read")
    except Exception as error:  # of any kind: what counts is only whether the request can have left
        logger.debug("%s: %s", call.operation, error)
        failure = DEADLINE if deadline.expired else failure_cause(error)
        if deadline.connected:  # whatever broke, the request may have arrived
            raise ResponseLostError(failure) from error
        if isinstance(error, _NETWORK_FAULTS):
            raise NotConnectedError(failure) from error
        raise


def read_http_date(value: str) -> dt.datetime | None:
    """The time of a header; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
