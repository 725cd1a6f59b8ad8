"""Why an exchange came to nothing, in our words: the libraries' own stand in the debug log and the chain of causes."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_EXPIRED, _OTHER_NAME = 10, 62
"""OpenSSL's numbers for two of the ways in which a certificate is not trusted."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What happened on the way, and what to do about it."""

    what: str
    todo: str


DEADLINE = Trouble(what="the deadline passed", todo="It is tried again; if it goes on, look at the network.")
REFUSED = Trouble(
    what="the connection is refused",
    todo="Check host and port of the connection, and that the service runs there.",
)
NO_NAME = Trouble(
    what="its name is not found",
    todo="Check the host of the connection for a slip, and that this machine can look names up (DNS).",
)
SLOW = Trouble(
    what="no answer came before the deadline",
    todo="Check host and port of the connection, and whether a firewall or proxy stands between.",
)
NO_WAY = Trouble(what="there is no way to it from here", todo="Look at this machine's network and at its proxy.")
NOT_TRUSTED = Trouble(
    what="its certificate is not trusted",
    todo="Name the authority that signed it by REQUESTS_CA_BUNDLE, or correct the host of the connection.",
)
OUT_OF_DATE = Trouble(
    what="its certificate is not trusted, it has expired",
    todo="Whoever runs that service has to renew it; check this machine's clock too.",
)
OTHER_NAME = Trouble(
    what="its certificate is not trusted, it is that of another name",
    todo="Write the host of the connection as the certificate has it.",
)
NO_TLS = Trouble(
    what="no encrypted connection comes about",
    todo="Check schema (http or https) and port of the connection.",
)
PROXY = Trouble(what="the proxy does not let it through", todo="Look at HTTPS_PROXY and NO_PROXY, and at the proxy.")
TOO_LONG = Trouble(what="the answer is too large", todo="Check that the address is really that of Chorus Pro.")
BROKEN = Trouble(what="the connection broke", todo="It is tried again; if it goes on, look at network and proxy.")


def trouble_of(error: BaseException) -> Trouble:
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


def _known(link: BaseException) -> Trouble | None:
    if isinstance(link, ssl.SSLCertVerificationError):
        return {_EXPIRED: OUT_OF_DATE, _OTHER_NAME: OTHER_NAME}.get(link.verify_code, NOT_TRUSTED)
    if isinstance(link, OSError) and link.errno in _NO_WAY:
        return NO_WAY
    if isinstance(link, OSError) and link.errno == errno.EFBIG:
        return TOO_LONG
    return next((trouble for kinds, trouble in _KINDS if isinstance(link, kinds)), None)


_KINDS: tuple[tuple[tuple[type[BaseException], ...], Trouble], ...] = (
    ((ssl.SSLError,), NO_TLS),
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), NO_NAME),
    ((ConnectionRefusedError,), REFUSED),
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), PROXY),
    ((TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError), SLOW),
)
