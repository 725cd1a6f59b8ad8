"""Calls to the portal: authenticated, bounded in time and size, repeated where that is safe."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
import tenacity
import urllib3
from requests import PreparedRequest

from include.adapters.http.exchange import AnswerStream, Call, ExchangeError, HttpExchange
from include.adapters.http.known_secrets import KnownSecrets
from include.adapters.portal.http.answers import (
    GoneError,
    NoAnswerError,
    Received,
    RefusedError,
    TakenError,
    as_sha256,
    read_object,
)
from include.adapters.portal.http.settings import PortalSettings
from include.domain.errors import ConfigurationError, PortalUnavailableError
from include.texts import Text

logger = logging.getLogger(__name__)

TRIES = 3
CONNECT_SECONDS = 10.0
CALL_SECONDS = 30.0
FILE_SECONDS = 120.0

FormField = str | tuple[str, bytes, str]
"""A value of a form, or a file: name, bytes, kind."""

_NEW_ID = ("id-document", "document-ids")
"""Headers in which an upload's answer was seen to name the new document."""

_LATER = frozenset({408, 425, 429})


class Calls:
    """The portal's web services. One object for one look: not safe for threads."""

    def __init__(
        self,
        settings: PortalSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,  # tests wait on a clock of their own
        mask_secret: Callable[[str], None] = lambda _secret: None,
        call_seconds: float = CALL_SECONDS,
        file_seconds: float = FILE_SECONDS,
    ) -> None:
        self._settings = settings
        self._mask_secret = mask_secret
        self._key = settings.api_key
        self._known = KnownSecrets()
        self._known.add(settings.password, settings.api_key)
        if settings.ca_file and not Path(settings.ca_file).exists():
            raise ConfigurationError("ca_file_missing", ca_file=settings.ca_file, connection=settings.connection_id)
        self._call_seconds, self._file_seconds = call_seconds, file_seconds
        self._http = HttpExchange(
            user_agent=requests.utils.default_user_agent(),
            connect_seconds=CONNECT_SECONDS,
            silence_seconds=call_seconds,
            use_proxies=not settings.loopback,
            ca_file=settings.ca_file,
        )
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
        body, content_type = urllib3.encode_multipart_formdata(form)
        with self._exchange(method, path, body=body, headers={"Content-Type": content_type}):
            pass

    def delete(self, path: str) -> None:
        """Takes away what stands at this address; sent once."""
        with self._exchange("DELETE", path):
            pass

    def upload(self, path: str, form: list[tuple[str, FormField]], sha256: str) -> str | None:
        """A new file with its facts, sent once; the id that the answer names, None where it names none."""
        body, content_type = urllib3.encode_multipart_formdata(form)
        headers = {"Content-Type": content_type, "OB-CHECKSUM": sha256}
        with self._exchange("POST", path, body=body, headers=headers, seconds=self._file_seconds) as answer:
            told = next((answer.headers[name] for name in _NEW_ID if name in answer.headers), None)
            return None if told is None else told.strip()

    def _get_json(self, path: str, parameters: Mapping[str, str] | None) -> dict[str, Any]:
        query = f"?{urlencode(parameters)}" if parameters else ""
        with self._exchange("GET", path + query) as answer:
            return read_object(answer, self._known.struck)

    def _get_file(self, path: str, limit: int | None) -> Received:
        headers = {"Accept-Encoding": "identity"}
        with self._exchange("GET", path, headers=headers, seconds=self._file_seconds) as answer:
            if "text/html" in answer.headers.get("content-type", "").casefold():
                # the page of a login form or of a maintenance; a document that is a web page is no invoice either
                raise NoAnswerError(Text("portal.web_page"))
            content, digest, size = bytearray(), hashlib.sha256(), 0
            for piece in answer.pieces():
                digest.update(piece)
                size += len(piece)
                if limit is not None:
                    content += piece
                    if size > limit:
                        raise RefusedError(Text("portal.file_too_large", {"limit": limit}))
            told = answer.headers
            whole = "content-length" in told or "chunked" in told.get("transfer-encoding", "").casefold()
            return Received(bytes(content), digest.hexdigest(), size, as_sha256(told.get("ob-checksum")), whole)

    @contextmanager
    def _exchange(self, method: str, path: str, **request: Any) -> Iterator[AnswerStream]:
        """One exchange; a key that ran out is renewed once. The answer is one of 2xx."""
        with self._faults(method, path), ExitStack() as stack:
            answer = stack.enter_context(self._send(method, path, self._login(), **request))
            if answer.status == 401 and self._settings.authentication == "apikey" and self._settings.login:
                stack.close()
                self._key = None
                answer = stack.enter_context(self._send(method, path, self._login(), **request))
            self._check(answer)
            yield answer

    @contextmanager
    def _faults(self, method: str, path: str) -> Iterator[None]:
        """Whatever breaks on the way is NoAnswerError, without the address and headers that some texts hold."""
        started, outcome = time.monotonic(), "answered"
        try:
            yield
        except (NoAnswerError, GoneError, RefusedError) as error:
            outcome = str(error)
            raise
        except ExchangeError as error:
            outcome = str(error)
            raise NoAnswerError(error.failure) from None
        finally:
            logger.debug("Portal %s %s: %s in %.0f ms", method, path, outcome, (time.monotonic() - started) * 1000)

    def _send(
        self,
        method: str,
        path: str,
        authorization: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> AbstractContextManager[AnswerStream]:
        def authenticate(prepared: PreparedRequest) -> PreparedRequest:
            """With an `auth` of its own, requests looks into no .netrc."""
            prepared.headers["Authorization"] = authorization
            return prepared

        call = Call(
            method=method,
            url=self._settings.address + path,
            operation=path,
            body=body,
            headers={"Accept": "application/json", **(headers or {})},
        )
        return self._http.open(call, seconds=seconds or self._call_seconds, auth=authenticate)

    def _login(self) -> str:
        """The value of the header Authorization."""
        if self._settings.authentication == "basic":
            return self._basic()
        if self._key is None:
            with self._send("POST", "/auth/ws/apikey", self._basic()) as answer:
                self._check(answer)
                key = read_object(answer).get("accessToken")
            if not isinstance(key, str) or not key or not key.isprintable():
                raise NoAnswerError(Text("portal.no_key"))
            self._mask_secret(key)
            self._known.add(key)
            self._key = key
        return f"Key {self._key}"

    def _basic(self) -> str:
        account = f"{self._settings.login}:{self._settings.password}".encode()
        encoded = base64.b64encode(account).decode("ascii")
        self._mask_secret(encoded)
        self._known.add(encoded)
        return f"Basic {encoded}"

    def _check(self, answer: AnswerStream) -> None:
        status = answer.status
        if status == 401:
            raise PortalUnavailableError("portal_login_refused", connection=self._settings.connection_id)
        if status in (404, 410):
            raise GoneError(Text("portal.not_there", {"status": status}))
        if status == 409:
            raise TakenError(Text("portal.answered", {"status": status}))
        if status >= 500 or status in _LATER:
            raise NoAnswerError(Text("portal.answered", {"status": status}))
        if not 200 <= status < 300:
            raise RefusedError(Text("portal.answered", {"status": status}))
