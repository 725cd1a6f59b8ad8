"""Why nothing came back is said in our words, whatever library said it first."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
import requests
import urllib3

from include.adapters.http import network_errors
from include.adapters.http.network_errors import FailureCause, failure_cause
from include.texts import LANGUAGES

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
    ("inner", "failure"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, RAW), network_errors.REFUSED),
        (socket.gaierror(socket.EAI_NONAME, RAW), network_errors.NO_NAME),
        (TimeoutError(RAW), network_errors.SLOW),
        (urllib3.exceptions.ConnectTimeoutError(RAW), network_errors.SLOW),
        (OSError(errno.ENETUNREACH, RAW), network_errors.NO_WAY),
        (verification(19), network_errors.NOT_TRUSTED),
        (verification(10), network_errors.OUT_OF_DATE),
        (verification(62), network_errors.OTHER_NAME),
        (ssl.SSLError(1, RAW), network_errors.NO_TLS),
        (urllib3.exceptions.ProxyError(RAW, ConnectionResetError()), network_errors.PROXY),
        (urllib3.exceptions.ProxyError(RAW, ConnectionRefusedError()), network_errors.REFUSED),
        (OSError(errno.EFBIG, RAW), network_errors.TOO_LONG),
        (ConnectionResetError(RAW), network_errors.BROKEN),
    ],
)
def test_each_cause_has_words_of_ours_and_a_cure(inner: BaseException, failure: FailureCause) -> None:
    assert failure_cause(inner) is failure
    assert failure_cause(wrapped(inner)) is failure
    for language in LANGUAGES:
        assert "Pool" not in failure.said(language) + failure.todo.said(language)
        assert failure.todo.said(language).endswith(".")


def test_a_ring_of_causes_comes_to_an_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert failure_cause(first) is network_errors.BROKEN
