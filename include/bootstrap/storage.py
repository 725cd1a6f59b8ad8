"""What a process is given, and where it keeps things: our database and the content store."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from include.application.ports.clock import Clock
from include.application.ports.figures import Measure
from include.application.ports.files import ContentStore
from include.application.ports.runs import RunRef
from include.application.ports.secrets import Secrets
from include.settings import Settings


@dataclass(frozen=True, kw_only=True)
class StorageServices:
    """What every other service stands on; `run` is the task of Airflow that it serves."""

    settings: Settings
    clock: Clock
    secrets: Secrets
    mask_secret: Callable[[str], None]
    measure: Measure | None = None
    run: RunRef | None = None

    @functools.cached_property
    def store(self) -> Store:
        """Our database."""
        return Store(Database(self.settings.database_url, run=self.run), packs=self.packs)

    @functools.cached_property
    def files(self) -> ContentStore:
        """The content store."""
        return content_store(self.settings.files_url)

    @functools.cached_property
    def packs(self) -> ContentStore:
        """The part of the content store where archived invoices lie."""
        return content_store(f"{self.settings.files_url.rstrip('/')}/archive")


def content_store(url: str) -> ContentStore:
    """The content store at this fsspec URL."""
    return FsspecFiles(url)
