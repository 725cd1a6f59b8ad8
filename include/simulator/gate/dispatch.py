"""From HTTP to an operation and back: faults, the two layers of authentication, media type, body, refusals."""

from __future__ import annotations

import abc
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from include.simulator import answers, wire
from include.simulator.backend.accounts import Account
from include.simulator.backend.calls import Call
from include.simulator.backend.faults import AFTER_EFFECT, TOKEN, WITH_EFFECT, Fault
from include.simulator.backend.platform import Platform
from include.simulator.failures import Refusal, TooLarge
from include.simulator.gate import gateway, oauth
from include.simulator.gate.closing import Closed, body_response
from include.simulator.gate.gateway import Answer, Stopped
from include.simulator.operations import Operation, Request

# 120 MB of files in base64, and some room for the rest.
BODY_LIMIT = 170 * 1024 * 1024
SLOW_SECONDS = 5.0
Endpoint = Callable[[HttpRequest], Awaitable[Response]]
Headers = Mapping[str, str]
# Keys by which a body names the supplier it is about; a fault for one supplier goes by them first.
SUPPLIER_KEYS = ("idFournisseur", "idStructure", "idStructureCPP")


class Identification(abc.ABC):
    """How callers prove who they are at one of the two doors; `refused` answers a wrong technical account."""

    refused: Answer

    @abc.abstractmethod
    def login(self, headers: Headers) -> str | None:
        """The technical account named in the call, believed or not."""

    @abc.abstractmethod
    def admit(self, platform: Platform, headers: Headers) -> Account:
        """Let the caller in, or stop the call."""

    @abc.abstractmethod
    def revoke(self, platform: Platform, headers: Headers) -> Answer:
        """Make what was proved worthless from now on; gives the answer that says so."""


class PisteIdentification(Identification):
    """OAuth2 bearer of PISTE, and the technical account in `cpro-account`."""

    refused = gateway.BAD_ACCOUNT

    def login(self, headers: Headers) -> str | None:
        """The technical account named in the call."""
        pair = oauth.read_pair(headers.get("cpro-account", ""))
        return pair[0] if pair else None

    def _bearer(self, headers: Headers) -> str | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    def admit(self, platform: Platform, headers: Headers) -> Account:
        """Check both layers, PISTE's first."""
        token = self._bearer(headers)
        if token is None:
            raise Stopped(gateway.NO_BEARER)
        if not platform.accounts.knows_token(token):
            raise Stopped(gateway.BAD_BEARER)
        pair = oauth.read_pair(headers.get("cpro-account", ""))
        if pair and platform.pace.too_fast(pair[0], platform.clock.now(), platform.settings.current.calls_per_second):
            raise Stopped(gateway.BAD_BEARER)
        account = platform.accounts.admit(*pair) if pair else None
        if account is None:
            raise Stopped(self.refused)
        return account

    def revoke(self, platform: Platform, headers: Headers) -> Answer:
        """An expired token stays expired: the client needs a new one."""
        platform.accounts.revoke_token(self._bearer(headers) or "")
        return gateway.BAD_BEARER


class CertificateIdentification(Identification):
    """The older door: the TLS layer has seen the certificate, HTTP Basic carries the technical account."""

    refused = gateway.BAD_BASIC

    def login(self, headers: Headers) -> str | None:
        """The technical account named in the call."""
        pair = oauth.read_basic(headers.get("authorization"))
        return pair[0] if pair else None

    def admit(self, platform: Platform, headers: Headers) -> Account:
        """Check the technical account."""
        pair = oauth.read_basic(headers.get("authorization"))
        account = platform.accounts.admit(*pair) if pair else None
        if account is None:
            raise Stopped(self.refused)
        return account

    def revoke(self, platform: Platform, headers: Headers) -> Answer:
        """There is no token here."""
        return gateway.BAD_BASIC


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """The facts of one HTTP call."""

    operation: str
    headers: Headers
    raw: bytes | None
    login: str | None


async def read_body(request: HttpRequest) -> bytes | None:
    """Read the body; None when it is over what the gateway lets through."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= BODY_LIMIT:
            chunks.append(chunk)
    return b"".join(chunks) if size <= BODY_LIMIT else None


class Gate:
    """Turns operations into endpoints of one door."""

    def __init__(self, platform: Platform, identification: Identification) -> None:
        self._platform, self._identification = platform, identification

    def endpoint(self, operation: Operation) -> Endpoint:
        """Serve one operation."""

        async def serve(request: HttpRequest) -> Response:
            incoming = Incoming(
                operation=operation.name,
                headers=request.headers,
                raw=await read_body(request),
                login=self._identification.login(request.headers),
            )
            return await self._serve(incoming, lambda: self._perform(operation, incoming))

        return serve

    async def token(self, request: HttpRequest) -> Response:
        """Serve the token address."""
        incoming = Incoming(operation=TOKEN, headers=request.headers, raw=await read_body(request), login=None)

        def perform() -> Answer:
            with self._platform.work():
                return oauth.answer_token(self._platform, incoming.headers.get("authorization"), incoming.raw or b"")

        return await self._serve(incoming, perform)

    async def _serve(self, incoming: Incoming, perform: Callable[[], Answer]) -> Response:
        started = time.monotonic()
        fault = await run_in_threadpool(self._draw, incoming) if self._platform.faults.waiting else None
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(_seconds(fault))
        answer = await run_in_threadpool(self._answer, incoming, perform, fault, started)
        if fault is not None and fault.kind == "slow_after_accept":
            await asyncio.sleep(_seconds(fault))
        return _respond(answer, fault, self._platform.clock.now())

    def _answer(self, incoming: Incoming, perform: Callable[[], Answer], fault: Fault | None, started: float) -> Answer:
        """Perform the call, or what a fault puts in its place, and record it."""
        replaced = fault is not None and fault.kind not in WITH_EFFECT
        answer = self._instead(fault, incoming) if fault is not None and replaced else perform()
        self._note(incoming, answer, fault, started)
        return answer

    def _note(self, incoming: Incoming, answer: Answer, fault: Fault | None, started: float) -> None:
        # A login nobody knows may be a secret in the wrong place.
        known = incoming.login is not None and self._platform.accounts.find(incoming.login) is not None
        self._platform.calls.note(
            Call(
                at=answers.instant(self._platform.clock.now()) or "",
                operation=incoming.operation,
                login=incoming.login if known else None,
                answer=_told(answer, fault),
                fault=fault.kind if fault else None,
                milliseconds=round((time.monotonic() - started) * 1000, 1),
            )
        )

    def _draw(self, incoming: Incoming) -> Fault | None:
        platform = self._platform
        with platform.work():
            named = self._named_supplier(incoming)

            def speaks_for(siret: str) -> bool:
                if named is not None:
                    return named == siret
                return platform.accounts.speaks_for(incoming.login or "", siret)

            return platform.faults.draw(incoming.operation, incoming.login, speaks_for)

    def _named_supplier(self, incoming: Incoming) -> str | None:
        """SIRET of the supplier that the body is about, where one account speaks for several."""
        try:
            body = wire.parse(incoming.raw or b"")
        except Refusal:
            return None
        party = body.get("fournisseur")
        places: list[Any] = [party if isinstance(party, dict) else {}, body]
        for place in places:
            for key in SUPPLIER_KEYS:
                found = self._platform.directory.structure(place[key]) if isinstance(place.get(key), int) else None
                if found is not None and self._platform.accounts.of_structure(found["id"]) is not None:
                    return str(found["siret"])
        return None

    def _instead(self, fault: Fault, incoming: Incoming) -> Answer:
        """The answer of a fault that fires before the call."""
        if fault.kind == "token_expired":
            with self._platform.work():
                return self._identification.revoke(self._platform, incoming.headers)
        plain = {
            "token_refused": gateway.INVALID_CLIENT,
            "account_refused": self._identification.refused,
            "forbidden": gateway.FORBIDDEN,
            "too_large": gateway.TOO_LARGE,
            "rate_limited": gateway.rate_limited(fault.seconds),
            "server_error": gateway.outage(fault.status or 500),
            "maintenance_page": gateway.maintenance(fault.status or 503),
            "business_refusal": gateway.refusal(
                fault.code or 29999, fault.label or "Refus provoqué.", status=fault.status or 200, known=False
            ),
        }
        return plain.get(fault.kind, Answer(status=0))

    def _perform(self, operation: Operation, incoming: Incoming) -> Answer:
        platform = self._platform
        try:
            with platform.work():
                account = self._identification.admit(platform, incoming.headers)
                body = self._read(operation, incoming)
                payload = (incoming.raw or b"").decode(errors="replace")
                answer = operation.perform(Request(platform=platform, account=account, body=body, payload=payload))
        except Stopped as stopped:
            return stopped.answer
        except TooLarge:
            return gateway.TOO_LARGE
        except Refusal as refusal:
            status = refusal.http_status or platform.settings.current.refusal_status
            return gateway.refusal(refusal.reason.code, refusal.label, status=status, known=refusal.reason.known)
        envelope = {"codeRetour": 0, "libelle": operation.label} if operation.enveloped else {}
        return gateway.as_json({**envelope, **answer})

    def _read(self, operation: Operation, incoming: Incoming) -> dict[str, Any]:
        if operation.method == "GET":
            return {}
        if incoming.raw is None:
            raise TooLarge
        media = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise Stopped(gateway.WRONG_MEDIA)
        return operation.declared.take(wire.parse(incoming.raw), "", self._platform.settings.current.strict_keys)


def _seconds(fault: Fault) -> float:
    return SLOW_SECONDS if fault.seconds is None else fault.seconds


def _told(answer: Answer, fault: Fault | None) -> str:
    """How the record names what the client saw: `200 0`, `403`, `reset`, `200 0 drop_after_accept`."""
    if fault is None or (fault.kind not in AFTER_EFFECT and answer.status):
        return answer.name
    return f"{answer.name} {fault.kind}" if answer.status else fault.kind


def _respond(answer: Answer, fault: Fault | None, now: float) -> Response:
    kind = fault.kind if fault else None
    if kind in ("drop_before", "drop_after_accept"):
        return Closed(hard=False)
    if kind == "reset":
        return Closed(hard=True)
    # The platform's own time: it follows the clock of the control door, as everything here does.
    headers = {"date": formatdate(now, usegmt=True), **answer.headers}
    body = answer.body[: len(answer.body) // 2] if kind == "truncated_json" else answer.body
    return body_response(answer.status, body, headers)
