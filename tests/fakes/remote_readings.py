"""The platform's own readings in memory (port `RemoteReadings`)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from include.application.ports.remote_readings import RemoteReading
from tests.fakes.store import MemoryStore


@dataclass
class FakeRemoteReadings:
    """The port RemoteReadings; upload ids go where those of sending are."""

    store: MemoryStore = field(default_factory=MemoryStore)
    kept: dict[tuple[str, str], RemoteReading] = field(default_factory=dict)

    def get(self, provider_key: str, sha256: str) -> RemoteReading | None:
        return self.kept.get((provider_key, sha256))

    def put(
        self, provider_key: str, sha256: str, reading: RemoteReading, *, upload_id: int | None, now: dt.datetime
    ) -> None:
        self.kept[provider_key, sha256] = reading
        if upload_id is not None:
            self.store.uploads[provider_key, sha256] = upload_id
