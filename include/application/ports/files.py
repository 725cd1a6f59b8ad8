"""The content store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Files(Protocol):
    """The content store, keyed by SHA-256 (hexadecimal); may be called from several threads at once."""

    def put(self, content: bytes) -> str:
        """Stores the bytes once and returns their digest."""

    def get(self, sha256: str) -> bytes:
        """The bytes, verified against the digest; ContentMissingError otherwise."""


class Packs(Files, Protocol):
    """The part of the content store that holds packs of archived invoices; only these are ever replaced."""

    def remove(self, sha256: str) -> None:
        """Removes a pack that another one replaces; one that is not there is no fault."""


class ContentStore(Packs, Protocol):
    """The same as a whole; a key is the place of a content below the store's URL, and ends in the digest."""

    @property
    def address(self) -> str:
        """Its URL without user and password."""

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each content by its key."""

    def fetch(self, key: str) -> bytes:
        """The bytes, not verified; ContentMissingError when they are not there."""

    def store(self, key: str, content: bytes) -> None:
        """Puts the bytes in their place."""


class DerivedFiles(Protocol):
    """What can be made again at any time, kept beside the contents under a key of its own."""

    def derived(self, key: str) -> bytes | None:
        """What was kept; None where nothing was."""

    def keep_derived(self, key: str, content: bytes) -> None:
        """Keeps it; repeating changes nothing."""
