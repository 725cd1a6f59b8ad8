"""The platform's directory as we last asked it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from include.domain.directory import DirectoryEntry, FoundBody


class DirectoryCache(Protocol):
    """The platform's directory as last asked, per environment."""

    def get(self, environment: str, siret: str) -> DirectoryEntry | None:
        """The entry with its age (`fetched_at`), also of a body the platform does not know (`active` False, id 0)."""

    def put(self, environment: str, entry: DirectoryEntry, *, now: dt.datetime) -> bool:
        """Stores it; when it changed, the unsent invoices that use it are assessed again. Whether it changed."""

    def bodies(self, environment: str) -> Sequence[FoundBody]:
        """Every body that the platform knows, by SIRET."""

    def services(self) -> Mapping[str, frozenset[str]]:
        """The active bodies of all environments by SIRET, each with the codes of its active services."""
