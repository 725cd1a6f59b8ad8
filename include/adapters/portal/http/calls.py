"""Calls to the portal: authenticated, bounded in time and size, repeated where that is safe."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import tenacity
from requests import PreparedRequest, Response

from include.adapters.portal.http.answers import (
    CHUNK_BYTES,
    FAULTS,
    GoneError,
    NoAnswerError,
    Received,
    RefusedError,
    as_sha256,
    read_object,
    reason,
)
from include.adapters.portal.http.bounded import BoundedAdapter
from include.adapters.portal.http.settings import PortalSettings
from include.domain.errors import ConfigurationError, PortalUnavailableError

logger = logging.getLogger(__name__)

TRIES = 3
CONNECT_SECONDS = 10.0
CALL_SECONDS = 30.0
FILE_SECONDS = 120.0

_LATER = frozenset({408, 425, 429})


class Calls:
    """The portal's web services. One object for one look: not safe for threads."""

    def __init__(
        self,
        settings: PortalSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        mask_secret: Callable[[str], None] = lambda _secret: None,
        call_seconds: float = CALL_SECONDS,
        file_seconds: float = FILE_SECONDS,
    ) -> None:
        self._settings = settings
        self._mask_secret = mask_secret
        self._key = settings.api_key
        self._session = session = requests.Session()
        # on this machine no proxy is wanted
        session.trust_env = not settings.loopback
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if settings.ca_file and not Path(settings.ca_file).exists():
            raise ConfigurationError(
                f"The file {settings.ca_file} that the connection {settings.connection_id!r} names is not here.",
                why="Without it the portal's certificate cannot be checked.",
                todo="Correct extra.ca_file, or put the file of the certificate authority there.",
            )
        for schema in ("http://", "https://"):
            session.mount(schema, BoundedAdapter(call_seconds))
        session.mount(f"{settings.address}/ws/v2/file/", BoundedAdapter(file_seconds))
        self._patience = (min(CONNECT_SECONDS, call_seconds), call_seconds)
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES),
            wait=tenacity.wait_exponential(multiplier=0.5, max=5),
            retry=tenacity.retry_if_exception_type(NoAnswerError),
            sleep=sleep,
            reraise=True,
        )

    def get_json(self, path: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object that a GET answers; numbers stay as printed."""
        return self._retrying(self._get_json, path, parameters)

    def get_file(self, path: str, limit: int | None = None) -> Received:
        """A file; its bytes are kept only with a `limit` to their number."""
        return self._retrying(self._get_file, path, limit)

    def change(self, method: str, path: str, form: list[tuple[str, str]]) -> None:
        """A call that changes something: sent once, as the multipart form that the portal's uploads are."""
        files = [(name, (None, value)) for name, value in form]
        with self._exchange(method, path, files=files):
            pass

    def _get_json(self, path: str, parameters: Mapping[str, str] | None) -> dict[str, Any]:
        with self._exchange("GET", path, params=dict(parameters or {})) as response:
            return read_object(response)

    def _get_file(self, path: str, limit: int | None) -> Received:
        with self._exchange("GET", path, headers={"Accept-Encoding": "identity"}) as response:
            if "text/html" in response.headers.get("Content-Type", "").casefold():
                # the page of a login form or of a maintenance; a document that is a web page is no invoice either
                raise NoAnswerError("a web page came instead of the file")
            content, digest, size = bytearray(), hashlib.sha256(), 0
            for piece in response.iter_content(CHUNK_BYTES):
                digest.update(piece)
                size += len(piece)
                if limit is not None:
                    content += piece
                    if size > limit:
                        raise RefusedError(f"the file is larger than {limit} bytes")
            headers = response.headers
            whole = "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").casefold()
            return Received(bytes(content), digest.hexdigest(), size, as_sha256(headers.get("OB-CHECKSUM")), whole)

    @contextmanager
    def _exchange(self, method: str, path: str, **request: Any) -> Iterator[Response]:
        """One exchange; a key that ran out is renewed once. The answer is one of 2xx."""
        with self._faults(method, path):
            response = self._send(method, path, self._login(), **request)
            if response.status_code == 401 and self._settings.authentication == "apikey" and self._settings.login:
                response.close()
                self._key = None
                response = self._send(method, path, self._login(), **request)
            with response:
                self._check(response)
                yield response

    @contextmanager
    def _faults(self, method: str, path: str) -> Iterator[None]:
        """Whatever breaks on the way is NoAnswerError, without the address and headers that some texts hold."""
        started, outcome = time.monotonic(), "answered"
        try:
            yield
        except (NoAnswerError, GoneError, RefusedError) as error:
            outcome = str(error)
            raise
        except FAULTS as error:
            outcome = type(error).__name__
            raise NoAnswerError(reason(error)) from None
        finally:
            logger.debug("Portal %s %s: %s in %.0f ms", method, path, outcome, (time.monotonic() - started) * 1000)

    def _send(self, method: str, path: str, authorization: str, **request: Any) -> Response:
        def authenticate(prepared: PreparedRequest) -> PreparedRequest:
            """With an `auth` of its own, requests looks into no .netrc."""
            prepared.headers["Authorization"] = authorization
            return prepared

        headers = {"Accept": "application/json", **request.pop("headers", {})}
        return self._session.request(
            method,
            self._settings.address + path,
            auth=authenticate,
            headers=headers,
            timeout=self._patience,
            # said with each request: a variable of the environment would win over the session's
            verify=self._settings.ca_file or True,
            allow_redirects=False,
            stream=True,
            **request,
        )

    def _login(self) -> str:
        """The value of the header Authorization."""
        if self._settings.authentication == "basic":
            return self._basic()
        if self._key is None:
            with self._send("POST", "/auth/ws/apikey", self._basic()) as response:
                self._check(response)
                key = read_object(response).get("accessToken")
            if not isinstance(key, str) or not key or not key.isprintable():
                raise NoAnswerError("the portal gave no key")
            self._mask_secret(key)
            self._key = key
        return f"Key {self._key}"

    def _basic(self) -> str:
        account = f"{self._settings.login}:{self._settings.password}".encode()
        encoded = base64.b64encode(account).decode("ascii")
        self._mask_secret(encoded)
        return f"Basic {encoded}"

    def _check(self, response: Response) -> None:
        status = response.status_code
        if status == 401:
            raise PortalUnavailableError(
                f"The portal refused the login of connection {self._settings.connection_id!r} (401).",
                why="No document can be looked for; documents that are known already are kept as they are.",
                todo="Correct login and password of the connection, or its extra.authentication.",
                connection=self._settings.connection_id,
            )
        if status in (404, 410):
            raise GoneError(f"not there ({status})")
        if status >= 500 or status in _LATER:
            raise NoAnswerError(f"the portal answered {status}")
        if not 200 <= status < 300:
            raise RefusedError(f"the portal answered {status}")
