"""The platform's own readings (port `RemoteReadings`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import put
from include.adapters.storage.core.stored_shapes import RemoteFields
from include.adapters.storage.core.tables import remote_readings, uploads
from include.application.ports.remote_readings import RemoteReading
from include.domain.reasons import Reason


class SqlRemoteReadings:
    """`RemoteReadings` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, provider_key: str, sha256: str) -> RemoteReading | None:
        """See `RemoteReadings`."""
        query = sa.select(remote_readings.c.fields, remote_readings.c.refusal).where(
            remote_readings.c.provider_key == provider_key, remote_readings.c.content_sha256 == sha256
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        refusal = None if row.refusal is None else load(Reason, row.refusal)
        return RemoteReading(fields=load(RemoteFields, row.fields), refusal=refusal)

    def put(
        self, provider_key: str, sha256: str, reading: RemoteReading, *, upload_id: int | None, now: dt.datetime
    ) -> None:
        """See `RemoteReadings`; of two workers that asked at once either answer will do."""
        refusal = None if reading.refusal is None else dump(Reason, reading.refusal)
        found = {"fields": dump(RemoteFields, reading.fields), "refusal": refusal, "read_at": now}
        with self._database.write() as connection:
            put(connection, remote_readings, {"provider_key": provider_key, "content_sha256": sha256, **found})
            if upload_id is not None:
                kept = {"upload_id": upload_id, "uploaded_at": now}
                put(connection, uploads, {"provider_key": provider_key, "sha256": sha256, **kept})
