"""Answers that come from the gateway in front of Chorus Pro, not from Chorus Pro: status, headers and bare bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json;charset=utf-8"
INVENTED = {"X-Sim-Invented": "1"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back; `code` is codeRetour where there is one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    code: int | None = None

    @property
    def name(self) -> str:
        """How the record of calls names it."""
        return f"{self.status}" if self.code is None else f"{self.status} {self.code}"


class Stopped(Exception):
    """The gateway answers by itself; the operation is not reached."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.name)


def as_json(body: dict[str, Any], *, status: int = 200, invented: bool = False) -> Answer:
    """Write a JSON answer."""
    headers = {"Content-Type": JSON_TYPE, **(INVENTED if invented else {})}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Answer(status=status, body=text.encode(), headers=headers, code=body.get("codeRetour"))


def refusal(code: int, label: str, *, status: int, known: bool) -> Answer:
    """Write the envelope of a refusal."""
    return as_json({"codeRetour": code, "libelle": label}, status=status, invented=not known)


def _challenge(status: int, challenge: str, *, invented: bool = False) -> Answer:
    return Answer(status=status, headers={"WWW-Authenticate": challenge, **(INVENTED if invented else {})})


# Identical for an unknown id and a wrong secret; also what the sandbox answers at random to a valid client.
INVALID_CLIENT = as_json(
    {"error": "invalid_client", "error_description": "The client credentials are not valid"}, status=400
)
UNSUPPORTED_GRANT = as_json(
    {"error": "unsupported_grant_type", "error_description": "client_credentials only"}, status=400, invented=True
)
NO_BEARER = _challenge(
    400,
    'Bearer realm="DefaultRealm", error="invalid_request", error_description="Unable to find token in the message"',
)
# The status is known, the header of the real answer is not.
BAD_BEARER = _challenge(
    401,
    'Bearer realm="DefaultRealm", error="invalid_token", error_description="The access token is unknown or expired"',
    invented=True,
)
BAD_ACCOUNT = _challenge(
    401, 'Bearer realm="PISTE",error="Unauthorized", error_description="login or password incorrects"'
)
BAD_BASIC = _challenge(401, 'Basic realm="Chorus Pro"', invented=True)
# Unknown route, or terms of the API not accepted: never 404.
FORBIDDEN = Answer(status=403)
TOO_LARGE = Answer(status=413)
WRONG_MEDIA = Answer(status=415)


def rate_limited(wait: float | None) -> Answer:
    """429: expected of PISTE, never described; `Retry-After` only when the fault says how long."""
    return Answer(status=429, headers={**INVENTED, **({"Retry-After": f"{wait:g}"} if wait is not None else {})})


def outage(status: int) -> Answer:
    """500, 502, 503, 504 with a word of text."""
    return Answer(status=status, body=b"Internal error", headers={"Content-Type": "text/plain", **INVENTED})


def maintenance(status: int) -> Answer:
    """An HTML page where JSON was expected."""
    page = (
        "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Service indisponible</h1></body></html>"
    )
    return Answer(status=status, body=page.encode(), headers={"Content-Type": "text/html;charset=utf-8", **INVENTED})
