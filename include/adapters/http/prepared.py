"""Where a request really goes: the host of the address as it is prepared for sending, not as somebody wrote it.

requests decodes `%2E`, urllib3 folds case, drops dot segments and what stands before a backslash, IDNA makes plain
letters of wide ones. Whoever checks an address by its text is easily misled.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

import requests
import urllib3

_DOTS = re.compile("[\N{IDEOGRAPHIC FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}]")


def prepared_host(url: str) -> str:
    """The host in lower case, without dots at its end.

    Where this library sends no request to such an address, what another one might make of it is the answer.
    """
    try:
        prepared = requests.Request("GET", url).prepare().url or ""
        host = urllib3.util.parse_url(prepared).host or ""
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError):
        host = _as_written(url)
    return _plain(host)


def _as_written(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return _DOTS.sub(".", unicodedata.normalize("NFKC", host))


def _plain(host: str) -> str:
    while (decoded := unquote(host)) != host:
        host = decoded
    return host.strip("[]").lower().rstrip(".")
