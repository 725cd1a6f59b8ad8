"""The content store in memory (port `Files`)."""

from __future__ import annotations

import hashlib

from include.domain.errors import ContentMissingError


class FakeFiles:
    """The port Files; `contents` by digest, where a test may take one away or put another in its place."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.contents[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        content = self.contents.get(sha256)
        if content is None:
            raise ContentMissingError("content_missing", sha256=sha256[:12])
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ContentMissingError("content_changed", sha256=sha256[:12])
        return content
