"""Secrets that no answer of a remote may bring back: a gateway that echoes a request would put them into our proof."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from include.application.ports.secrets import ConnectionSecrets

STRUCK = "***"
SHORTEST = 6
"""A shorter secret stands in many an amount and number; striking it would alter the proof."""

_SECRET_NAME = re.compile("pass|secret|token|key", re.IGNORECASE)


class KnownSecrets:
    """Everything that was registered, in each spelling that an answer may have. Safe for threads."""

    def __init__(self) -> None:
        self._spellings: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, *secrets: str | None) -> None:
        """From here on these are struck."""
        fresh = {
            spelling for secret in secrets if secret and len(secret) >= SHORTEST for spelling in _spellings(secret)
        }
        with self._lock:
            if fresh <= self._spellings:
                return
            self._spellings |= fresh
            # the longest first: one secret may begin with another
            ordered = sorted(self._spellings, key=lambda spelling: (-len(spelling), spelling))
            self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def add_connection(self, connection: ConnectionSecrets) -> None:
        """The password, and whatever the extra calls a secret; paths and ids are none."""
        self.add(connection.password, *_secret_values(connection.extra))

    def struck(self, text: str) -> str:
        """The text without them."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(STRUCK, text)


def _secret_values(extra: Mapping[str, Any]) -> list[str]:
    return [
        value
        for name, value in extra.items()
        if isinstance(value, str) and _SECRET_NAME.search(name) and not value.startswith(("/", "http:", "https:"))
    ]


def _spellings(secret: str) -> set[str]:
    """As it is, and as JSON, an address, a form and a page write it."""
    written = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, *written, quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
