"""Why nothing came back is said in our words, whatever library said it first."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
import requests
import urllib3

from include.adapters.chorus import troubles
from include.adapters.chorus.troubles import Trouble, trouble_of

RAW = "HTTPConnectionPool(host='x', port=9): Max retries exceeded"


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def wrapped(inner: BaseException) -> requests.ConnectionError:
    """As requests and urllib3 wrap it: once as `reason`, once as an argument."""
    pool = urllib3.HTTPConnectionPool("x")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", inner))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inner", "trouble"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, RAW), troubles.REFUSED),
        (socket.gaierror(socket.EAI_NONAME, RAW), troubles.NO_NAME),
        (TimeoutError(RAW), troubles.SLOW),
        (urllib3.exceptions.ConnectTimeoutError(RAW), troubles.SLOW),
        (OSError(errno.ENETUNREACH, RAW), troubles.NO_WAY),
        (verification(19), troubles.NOT_TRUSTED),
        (verification(10), troubles.OUT_OF_DATE),
        (verification(62), troubles.OTHER_NAME),
        (ssl.SSLError(1, RAW), troubles.NO_TLS),
        (urllib3.exceptions.ProxyError(RAW, ConnectionResetError()), troubles.PROXY),
        (urllib3.exceptions.ProxyError(RAW, ConnectionRefusedError()), troubles.REFUSED),
        (OSError(errno.EFBIG, RAW), troubles.TOO_LONG),
        (ConnectionResetError(RAW), troubles.BROKEN),
    ],
)
def test_each_cause_has_words_of_ours_and_a_cure(inner: BaseException, trouble: Trouble) -> None:
    assert trouble_of(inner) is trouble
    assert trouble_of(wrapped(inner)) is trouble
    assert "Pool" not in trouble.what + trouble.todo and trouble.todo.endswith(".")


def test_a_ring_of_causes_comes_to_an_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert trouble_of(first) is troubles.BROKEN
