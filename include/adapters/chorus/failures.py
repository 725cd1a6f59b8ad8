"""What each HTTP answer means: a pure function of status, headers and body.

Source: docs/reference/chorus-pro-api.md 1.3, docs/reference/exactly-once.md 3.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from include.adapters.http.exchange import Answer, read_http_date
from include.domain.errors import RateLimitedError, RemoteError, RemoteRefusedError, TurnedAwayError

PROOF_CHARACTERS = 65_536
BUSINESS_STATUSES = (200, 400)
SIZE_OR_TYPE_STATUSES = (413, 415)
"""Refusals by size or kind of file, which come without a text of the platform."""
REFUSAL_CHARACTERS = 65_536
"""Longest answer that may be a refusal: a longer one is a page of results, and is not parsed a second time."""


class Door(StrEnum):
    """The two ways in, for messages that have to say what to do."""

    PISTE = "PISTE"
    CERTIFICATE = "port 5443"


_FORBIDDEN = {Door.PISTE: "call_forbidden_piste", Door.CERTIFICATE: "call_forbidden_certificate"}
"""The error that says why a call is forbidden, and what to do."""


def proof(text: str) -> str:
    """The raw answer as it is kept: at most 64 KiB."""
    encoded = text.encode()
    return text if len(encoded) <= PROOF_CHARACTERS else encoded[:PROOF_CHARACTERS].decode(errors="ignore")


def read_json(text: str) -> dict[str, Any] | None:
    """The JSON object, numbers with a point as Decimal; None for all else (HTML page, torn text, list)."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def return_code(payload: Mapping[str, Any] | None) -> int | None:
    """`codeRetour`; None where it is missing or no whole number."""
    code = None if payload is None else payload.get("codeRetour")
    if isinstance(code, bool):
        return None
    if isinstance(code, int):
        return code
    return int(code) if isinstance(code, str) and re.fullmatch(r"-?\d{1,9}", code) else None


def turned_away(answer: Answer, now: dt.datetime, door: Door = Door.PISTE) -> TurnedAwayError | None:
    """The error of an answer that comes from the gate, before the platform itself; 401 is assessed elsewhere."""
    status, body = answer.status, proof(answer.text)
    if answer.status == 403:
        return TurnedAwayError(_FORBIDDEN[door], door=door, status=status, body=body)
    if answer.status == 429:
        return RateLimitedError(
            "too_many_calls", door=door, retry_after=retry_after(answer, now), status=status, body=body
        )
    if answer.status == 400 and 'realm="DefaultRealm"' in answer.headers.get("www-authenticate", ""):
        return TurnedAwayError("no_token_in_call", status=status, body=body)
    return None


def is_account_refusal(answer: Answer) -> bool:
    """Whether a 401 speaks of the technical account; the other 401 speaks of the token."""
    challenge = answer.headers.get("www-authenticate", "")
    return 'realm="PISTE"' in challenge or "password" in challenge.lower()


def refusal(answer: Answer) -> RemoteRefusedError | None:
    """The definitive refusal in an answer: another `codeRetour` than 0 under 200 or 400, or 413 and 415."""
    if answer.status in SIZE_OR_TYPE_STATUSES:
        label = f"HTTP {answer.status}"
        return RemoteRefusedError(answer.status, label, status=answer.status, body=proof(answer.text))
    if answer.status not in BUSINESS_STATUSES:
        return None
    payload = read_json(answer.text)
    code = return_code(payload)
    if payload is None or code is None or code == 0:
        return None
    return RemoteRefusedError(code, str(payload.get("libelle") or ""), status=answer.status, body=proof(answer.text))


def retry_after(answer: Answer, now: dt.datetime) -> float | None:
    """Seconds of the header Retry-After, which is a number or an HTTP date."""
    value = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    moment = read_http_date(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def unreadable(kind: type[RemoteError], answer: Answer) -> RemoteError:
    """The error for an answer that nobody can read as an answer of the platform."""
    return kind(
        "answer_unreadable",
        number=answer.status,
        status=answer.status,
        body=proof(answer.text),
    )


def outcome_of(answer: Answer) -> str:
    """An answer in one of a few words, for the measurements: what an operator would look at next."""
    if answer.status == 429:
        return "rate_limited"
    if answer.status in (401, 403):
        return "turned_away"
    if answer.status >= 500:
        return "server_error"
    if answer.status in SIZE_OR_TYPE_STATUSES:
        return "refused"
    if answer.status not in BUSINESS_STATUSES:
        return "other"
    if len(answer.text) < REFUSAL_CHARACTERS and refusal(answer) is not None:
        return "refused"
    return "ok" if answer.status == 200 else "other"
