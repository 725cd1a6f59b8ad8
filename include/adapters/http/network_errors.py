"""Why an exchange came to nothing, in our words: the libraries' own stand in the debug log and the chain of causes."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3

from include.texts import Language, Text, translate

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_EXPIRED, _OTHER_NAME = 10, 62
"""OpenSSL's numbers for two of the ways in which a certificate is not trusted."""


@dataclass(frozen=True)
class FailureCause:
    """What happened on the way, a parameter of an error's text; `todo` is what to do about it, another one."""

    code: str

    def said(self, language: Language) -> str:
        """What happened, in words."""
        return translate(f"network.{self.code}", language)

    def as_text(self) -> Text:
        """What happened, as the database keeps it."""
        return Text(f"network.{self.code}")

    def __str__(self) -> str:
        return self.said("en")

    @property
    def todo(self) -> Text:
        """What to do."""
        return Text(f"network.todo.{self.code}")


DEADLINE = FailureCause("deadline")
REFUSED = FailureCause("refused")
NO_NAME = FailureCause("no_name")
SLOW = FailureCause("slow")
NO_WAY = FailureCause("no_way")
NOT_TRUSTED = FailureCause("not_trusted")
OUT_OF_DATE = FailureCause("out_of_date")
OTHER_NAME = FailureCause("other_name")
NO_TLS = FailureCause("no_tls")
PROXY = FailureCause("proxy")
TOO_LONG = FailureCause("too_long")
BROKEN = FailureCause("broken")

FAILURES = frozenset(found.code for found in tuple(globals().values()) if isinstance(found, FailureCause))
"""The codes of all of them."""


def failure_cause(error: BaseException) -> FailureCause:
    """The innermost cause that says something."""
    found = [known for link in _causes(error) if (known := _known(link)) is not None]
    return found[-1] if found else BROKEN


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the outermost first; the libraries hide it in `args` and `reason` too."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _known(link: BaseException) -> FailureCause | None:
    if isinstance(link, ssl.SSLCertVerificationError):
        return {_EXPIRED: OUT_OF_DATE, _OTHER_NAME: OTHER_NAME}.get(link.verify_code, NOT_TRUSTED)
    if isinstance(link, OSError) and link.errno in _NO_WAY:
        return NO_WAY
    if isinstance(link, OSError) and link.errno == errno.EFBIG:
        return TOO_LONG
    return next((failure for kinds, failure in _KINDS if isinstance(link, kinds)), None)


_KINDS: tuple[tuple[tuple[type[BaseException], ...], FailureCause], ...] = (
    ((ssl.SSLError,), NO_TLS),
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), NO_NAME),
    ((ConnectionRefusedError,), REFUSED),
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), PROXY),
    ((TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError), SLOW),
)
