"""The content store: bytes keyed by their SHA-256 under one fsspec URL, written once (port `Files`)."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from include.domain.errors import ContentMissingError, StoreError


class FsspecFiles:
    """`Files` on a folder or an object store that all workers share."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tree: tuple[Any, str] | None = None

    def put(self, content: bytes) -> str:
        """See `Files`."""
        sha256 = hashlib.sha256(content).hexdigest()
        system, path = self._place(sha256)
        try:
            if system.exists(path) and system.size(path) == len(content):
                return sha256
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
            # a reader never sees half a file: written aside, then moved into place
            aside = f"{path}.{uuid.uuid4().hex}.tmp"
            system.pipe_file(aside, content)
            system.mv(aside, path)
        except OSError as error:
            raise StoreError(
                f"The content store {self._url} cannot be written: {error}.",
                why="The document stays where it is and is taken in the next pass.",
                todo="Check that the folder exists, has room and may be written.",
            ) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """See `Files`."""
        system, path = self._place(sha256)
        try:
            content: bytes = system.cat_file(path)
        except FileNotFoundError as error:
            raise _gone(sha256, "is not there") from error
        except OSError as error:
            raise StoreError(
                f"The content store {self._url} cannot be read: {error}.", todo="Check that it is mounted, then repeat."
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _gone(sha256, "no longer has its digest")
        return content

    def _place(self, sha256: str) -> tuple[Any, str]:
        if self._tree is None:
            import fsspec

            system, root = fsspec.core.url_to_fs(self._url)
            self._tree = system, root.rstrip("/")
        system, root = self._tree
        return system, f"{root}/{sha256[:2]}/{sha256}"


def _gone(sha256: str, what: str) -> ContentMissingError:
    return ContentMissingError(
        f"Stored content {sha256[:12]} {what}.",
        why="What is sent must be what was judged.",
        todo="Have the document read again: `chorus documents reread`.",
    )
