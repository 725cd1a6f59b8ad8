"""The PISTE token endpoint: `client_credentials`, secrets in the form body or as HTTP Basic, scope optional."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs, unquote_plus

from include.simulator.backend.platform import Platform
from include.simulator.gate.gateway import INVALID_CLIENT, UNSUPPORTED_GRANT, Answer, as_json

PATH = "/api/oauth/token"


def read_pair(encoded: str) -> tuple[str, str] | None:
    """Decode `base64("name:secret")`; None when it is not that."""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    name, colon, secret = text.partition(":")
    return (name, secret) if colon else None


def read_basic(authorization: str | None) -> tuple[str, str] | None:
    """Read an HTTP Basic header."""
    scheme, _, encoded = (authorization or "").partition(" ")
    return read_pair(encoded) if scheme.lower() == "basic" else None


def answer_token(platform: Platform, authorization: str | None, form: bytes) -> Answer:
    """Give a token, or the one refusal PISTE has."""
    fields = {name: values[0] for name, values in parse_qs(form.decode(errors="replace")).items()}
    if fields.get("grant_type") != "client_credentials":
        return UNSUPPORTED_GRANT
    pair = (fields.get("client_id", ""), fields.get("client_secret", ""))
    token = platform.accounts.issue_token(*pair)
    basic = read_basic(authorization)
    if token is None and basic is not None:
        # RFC 6749 encodes the pair inside Basic, many clients do not: both pass.
        token = platform.accounts.issue_token(*basic) or platform.accounts.issue_token(*map(unquote_plus, basic))
    if token is None:
        return INVALID_CLIENT
    return as_json(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": platform.settings.current.token_seconds,
            "scope": fields.get("scope", "openid"),
        }
    )
