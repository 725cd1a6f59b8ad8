"""One HTTP exchange with the platform: sent once, answered whole or not at all."""

from __future__ import annotations

import errno
import http.client
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from include.adapters.chorus.deadline import Watch, WatchedAdapter
from include.adapters.chorus.troubles import DEADLINE, Trouble, trouble_of

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
"""What a server says of the certificate that it was shown; OpenSSL's names."""


class LineError(Exception):
    """No whole answer came; its text is our own."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


class NotConnectedError(LineError):
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


class CutError(LineError):
    """The connection was made, and then no whole answer came."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is sent; `operation` names it to people; `repr` shows neither body nor headers."""

    method: str
    url: str
    operation: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, whole; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = field(repr=False)


class _Session(requests.Session):
    """A session that keeps nothing between calls but connections, and takes a redirect for an answer like any other."""

    def __init__(self, *, user_agent: str, use_proxies: bool, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self.headers["User-Agent"] = user_agent
        self._use_proxies = use_proxies
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, WatchedAdapter(tls))

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """Trusted authorities (REQUESTS_CA_BUNDLE) count everywhere, proxies only beyond this machine."""
        merged = super().merge_environment_settings(*args, **kwargs)
        return merged if self._use_proxies else {**merged, "proxies": {}}

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would otherwise read the body to prepare the next hop."""


class Line:
    """The way to one platform. Safe for threads; connections are kept alive except for `fresh` exchanges."""

    def __init__(
        self, *, user_agent: str, connect_seconds: float, use_proxies: bool, tls: ssl.SSLContext | None = None
    ) -> None:
        self._new_session: Callable[[], _Session] = lambda: _Session(
            user_agent=user_agent, use_proxies=use_proxies, tls=tls
        )
        self._connect_seconds = connect_seconds
        self._kept = self._new_session()

    def exchange(
        self,
        call: Call,
        *,
        seconds: float,
        limit: int,
        auth: Authenticate,
        fresh: bool = False,
    ) -> Answer:
        """Sends once and reads the whole answer within `seconds` and `limit` bytes.

        NotConnectedError: surely nothing left. CutError: anything else that is no whole answer.
        """
        with Watch(seconds).running() as watch:
            try:
                if not fresh:
                    return self._send(self._kept, call, watch, seconds, limit, auth)
                with self._new_session() as session:
                    return self._send(session, call, watch, seconds, limit, auth)
            except Exception as error:
                logger.debug("%s: %s", call.operation, error)
                trouble = DEADLINE if watch.expired else trouble_of(error)
                if watch.connected:  # whatever broke, the request may have arrived
                    raise CutError(trouble) from error
                if isinstance(error, _NETWORK_FAULTS):
                    raise NotConnectedError(trouble) from error
                raise

    def _send(
        self, session: _Session, call: Call, watch: Watch, seconds: float, limit: int, auth: Authenticate
    ) -> Answer:
        with session.request(
            call.method,
            call.url,
            data=call.body,
            headers=dict(call.headers),
            auth=auth,
            timeout=(min(self._connect_seconds, seconds), seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = _read(response, limit)
            if watch.expired:  # an answer without a length ends at our own shutting as if it were whole
                raise TimeoutError("the deadline passed while the answer was being read")
            headers = {name.lower(): value for name, value in response.headers.items()}
            # PostgreSQL stores no NUL in a text, and the proof must always be storable.
            text = content.decode("utf-8", errors="replace").replace("\x00", "\ufffd")
            return Answer(status=response.status_code, headers=headers, text=text)


def _read(response: requests.Response, limit: int) -> bytes:
    content = bytearray()
    while chunk := response.raw.read(CHUNK_BYTES, decode_content=True):
        content += chunk
        if len(content) > limit:
            raise OSError(errno.EFBIG, f"the answer is larger than {limit} bytes")
    return bytes(content)
