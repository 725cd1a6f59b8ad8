"""What differs between a folder and an object store below the content store: options, outages, and what a fault means.

An object store's client says the same thing in several ways: as an error of its own, as an `OSError` that it made of
it, or as that of the connection beneath. The chain of causes is therefore read, and nothing of a client that is not
installed is imported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from include.domain.errors import StoreConfigurationError, StoreError
from include.texts import foreign_failure

OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oci", "oss", "memory"})
"""Protocols where a file is there whole or not at all: it can be written straight to its place."""

_S3 = frozenset({"s3", "s3a"})
_KEY_REFUSED = frozenset(
    {
        "403",
        "AccessDenied",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
_PASSING = frozenset({"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling"})
_NO_CREDENTIALS = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})
_NO_ANSWER = frozenset(
    {"HTTPClientError", "ConnectionError", "ClientConnectionError", "ClientPayloadError", "ResponseParserError"}
)
"""Names of the classes, among the bases too, by which the clients say that no whole answer came."""


def options(url: str) -> dict[str, Any]:
    """What the file system of this URL is made with.

    One request a file, and none that asks first; a short wait for a connection, and no retries below our own, whose
    length we then know.
    """
    if protocol(url) not in _S3:
        return {}
    return {
        "max_concurrency": 1,
        "use_listings_cache": False,
        "config_kwargs": {
            "connect_timeout": 5,
            "read_timeout": 60,
            "max_pool_connections": 32,
            "retries": {"total_max_attempts": 1},
            # the content's own digest is held against it whenever it is read
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            "parameter_validation": False,
        },
    }


def protocol(url: str) -> str:
    """The protocol of a URL; a path has none."""
    return url.partition("://")[0].lower() if "://" in url else "file"


def shown(url: str) -> str:
    """The URL as it may be told: without user and password."""
    host = urlsplit(url).netloc.rpartition("@")
    return url.replace(f"{host[0]}@", "", 1) if host[1] else url


def will_pass(error: BaseException) -> bool:
    """Whether trying again can help: nothing answered, or the store says that it is busy or failing."""
    for one in _chain(error):
        answer = _answer(one)
        if answer is not None:
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return status >= 500 or status == 429 or _code(answer) in _PASSING
        if isinstance(one, (ConnectionError, TimeoutError, asyncio.TimeoutError)) or _NO_ANSWER & _names(one):
            return True
    return False


def is_missing_bucket(error: BaseException) -> bool:
    """Whether the store has no such bucket, which a client says like a missing file."""
    return any(_code(_answer(one) or {}) == "NoSuchBucket" for one in _chain(error))


def store_fault(url: str, error: Exception, *, otherwise: StoreError) -> StoreError:
    """What a failed call means for a person: the library, the key, the bucket, the network, or `otherwise`."""
    where = shown(url)
    codes = {_code(_answer(one) or {}) for one in _chain(error)}
    if is_missing_bucket(error):
        return StoreConfigurationError("files_bucket_missing", url=where)
    if any(_NO_CREDENTIALS & _names(one) for one in _chain(error)):
        return StoreConfigurationError("files_key_missing", url=where)
    if codes & _KEY_REFUSED:
        return StoreConfigurationError("files_key_refused", url=where, cause=foreign_failure(error))
    if will_pass(error):
        return StoreError("files_unreachable", url=where, cause=foreign_failure(error))
    return otherwise


def cannot_open(url: str, error: Exception) -> StoreError:
    """Why there is no file system for this URL."""
    if isinstance(error, ImportError):
        return StoreConfigurationError(
            "files_library_missing", url=shown(url), protocol=protocol(url), cause=foreign_failure(error)
        )
    return StoreConfigurationError("files_address", url=shown(url), cause=foreign_failure(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _answer(error: BaseException) -> dict[str, Any] | None:
    """What an S3 answered, where it answered."""
    answer = getattr(error, "response", None)
    return answer if isinstance(answer, dict) else None


def _code(answer: dict[str, Any]) -> str:
    return str(answer.get("Error", {}).get("Code", ""))
