"""What each HTTP answer means (API page 1.3, exactly-once 3): a pure function of status, headers and body."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from include.adapters.chorus.line import Answer
from include.domain.errors import RateLimitedError, RemoteError, RemoteRefusedError, TurnedAwayError

PROOF_CHARACTERS = 65_536
BUSINESS_STATUSES = (200, 400)
SIZE_OR_TYPE_STATUSES = {413: "too large", 415: "media type not accepted"}


class Door(StrEnum):
    """The two ways in, for messages that have to say what to do."""

    PISTE = "PISTE"
    CERTIFICATE = "port 5443"


_FORBIDDEN = {
    Door.PISTE: (
        "The terms of this API are not accepted for the application, or the operation does not exist.",
        "Accept the terms of use of each Chorus Pro API for this application on PISTE.",
    ),
    Door.CERTIFICATE: (
        "This certificate may not call it, or the operation does not exist there.",
        "Ask Chorus Pro's support whether the certificate is still registered, or move to PISTE.",
    ),
}
"""Why a call is forbidden, and what to do."""


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
    """The error of an answer that comes from the gate, before the platform itself; 401 is judged elsewhere."""
    kept = {"status": answer.status, "body": proof(answer.text)}
    if answer.status == 403:
        why, todo = _FORBIDDEN[door]
        what = f"Chorus Pro ({door}) forbids this call (403)."
        return TurnedAwayError(what, why=why, todo=todo, **kept)  # type: ignore[arg-type]
    if answer.status == 429:
        what = f"Chorus Pro ({door}) says: too many calls (429)."
        return RateLimitedError(what, retry_after=retry_after(answer, now), **kept)
    if answer.status == 400 and 'realm="DefaultRealm"' in answer.headers.get("www-authenticate", ""):
        return TurnedAwayError(
            "PISTE found no token in the call (400).",
            why="Something between here and PISTE removes the Authorization header.",
            todo="Look at the proxy.",
            **kept,  # type: ignore[arg-type]
        )
    return None


def is_account_refusal(answer: Answer) -> bool:
    """Whether a 401 speaks of the technical account; the other 401 speaks of the token."""
    challenge = answer.headers.get("www-authenticate", "")
    return 'realm="PISTE"' in challenge or "password" in challenge.lower()


def refusal(answer: Answer) -> RemoteRefusedError | None:
    """The definitive refusal in an answer: another `codeRetour` than 0 under 200 or 400, or 413 and 415."""
    if answer.status in SIZE_OR_TYPE_STATUSES:
        label = SIZE_OR_TYPE_STATUSES[answer.status]
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
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())


def unreadable(kind: type[RemoteError], answer: Answer) -> RemoteError:
    """The error for an answer that nobody can read as an answer of the platform."""
    return kind(
        f"Chorus Pro answered {answer.status} without a readable result.",
        status=answer.status,
        body=proof(answer.text),
    )
