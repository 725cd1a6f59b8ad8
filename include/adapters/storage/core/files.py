"""The content store: bytes keyed by their SHA-256 under one fsspec URL, written once (port `ContentStore`)."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tenacity

from include.adapters.local_files import open_private, private_folder
from include.adapters.storage.core.object_store import (
    OBJECT_STORES,
    cannot_open,
    is_missing_bucket,
    options,
    protocol,
    shown,
    store_fault,
    will_pass,
)
from include.domain.errors import ContentMissingError, StoreError
from include.texts import foreign_failure

logger = logging.getLogger(__name__)

PATIENCE = 90.0
"""Seconds for which a call to an object store that does not answer is tried again: an outage of a minute passes."""

_CONTENT = re.compile(r"(?:.*/)?[0-9a-f]{2}/[0-9a-f]{64}")


class FsspecFiles:
    """`ContentStore` on a folder or an object store that all workers share; its methods may be called side by side."""

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE) -> None:
        self._url = url
        self._tree: tuple[Any, str] | None = None
        self._opening = threading.Lock()
        self._patience_seconds = patience_seconds

    @property
    def address(self) -> str:
        """See `ContentStore`."""
        return shown(self._url)

    def put(self, content: bytes) -> str:
        """See `Files`."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.store(_key(sha256), content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """See `Files`."""
        content = self.fetch(_key(sha256))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ContentMissingError("content_changed", sha256=sha256[:12])
        return content

    def remove(self, sha256: str) -> None:
        """See `Packs`."""
        system, root = self._open()
        try:
            self._patiently(lambda: system.rm_file(f"{root}/{_key(sha256)}"))
        except FileNotFoundError:
            return
        except Exception as error:  # as the store's client library has it
            fault = StoreError("store_not_written", url=self.address, cause=foreign_failure(error))
            raise store_fault(self._url, error, otherwise=fault) from error

    def store(self, key: str, content: bytes) -> None:
        """See `ContentStore`."""
        system, root = self._open()
        path = f"{root}/{key}"
        write = _write_whole if protocol(self._url) in OBJECT_STORES else _write_aside
        try:
            self._patiently(lambda: write(system, path, content))
        except Exception as error:  # as the store's client library has it
            fault = StoreError("store_not_written", url=self.address, cause=foreign_failure(error))
            raise store_fault(self._url, error, otherwise=fault) from error

    def fetch(self, key: str) -> bytes:
        """See `ContentStore`."""
        system, root = self._open()
        try:
            content: bytes = self._patiently(lambda: system.cat_file(f"{root}/{key}"))
        except Exception as error:  # as the store's client library has it
            if isinstance(error, FileNotFoundError) and not is_missing_bucket(error):
                raise ContentMissingError("content_missing", sha256=key.rpartition("/")[2][:12]) from error
            raise self._not_read(error) from error
        return content

    def derived(self, key: str) -> bytes | None:
        """See `DerivedFiles`."""
        try:
            return self.fetch(f"derived/{key}")
        except ContentMissingError:
            return None

    def keep_derived(self, key: str, content: bytes) -> None:
        """See `DerivedFiles`."""
        self.store(f"derived/{key}", content)

    def sizes(self) -> Mapping[str, int]:
        """See `ContentStore`."""
        system, root = self._open()
        try:
            found = self._patiently(lambda: system.find(root, detail=True))
        except FileNotFoundError as error:
            if is_missing_bucket(error):
                raise self._not_read(error) from error
            return {}
        except Exception as error:  # as the store's client library has it
            raise self._not_read(error) from error
        start = len(root.rstrip("/")) + 1
        files = {path[start:]: int(facts["size"] or 0) for path, facts in found.items()}
        return {key: size for key, size in sorted(files.items()) if _CONTENT.fullmatch(key)}

    def _patiently(self, call: Callable[[], Any]) -> Any:
        """The call, tried again while the store does not answer; a folder is never tried again."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(will_pass),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
            stop=tenacity.stop_after_delay(self._patience_seconds),
            before_sleep=self._say_so,
            reraise=True,
        )
        return retrying(call)

    def _say_so(self, state: tenacity.RetryCallState) -> None:
        if state.attempt_number == 1:
            logger.warning("The content store %s does not answer; trying again", self.address)

    def _not_read(self, error: Exception) -> StoreError:
        fault = StoreError("store_not_read", url=self.address, cause=foreign_failure(error))
        return store_fault(self._url, error, otherwise=fault)

    def _open(self) -> tuple[Any, str]:
        with self._opening:
            if self._tree is None:
                import fsspec

                try:
                    system, root = fsspec.core.url_to_fs(self._url, **options(self._url))
                except (ImportError, ValueError) as error:
                    raise cannot_open(self._url, error) from error
                self._tree = system, root.rstrip("/")
            return self._tree


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _write_whole(system: Any, path: str, content: bytes) -> None:
    """One request: an object is there whole or not at all, and the same bytes again change nothing."""
    system.pipe_file(path, content)


def _write_aside(system: Any, path: str, content: bytes) -> None:
    """A reader never sees half a file: written aside, then moved into place. What was damaged is put right."""
    if system.exists(path) and system.size(path) == len(content) and system.cat_file(path) == content:
        return
    aside = f"{path}.{uuid.uuid4().hex}.tmp"
    _write(system, aside, content)
    system.mv(aside, path)


def _write(system: Any, path: str, content: bytes) -> None:
    """On a disk the file and the folders above it are private, whatever the umask."""
    if "file" not in system.protocol:
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        system.pipe_file(path, content)
        return
    private_folder(Path(path).parent)
    with open_private(Path(path), "wb") as file:
        file.write(content)
