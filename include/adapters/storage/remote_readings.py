"""The platform's own readings (port `RemoteReadings`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.codec import dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.tables import remote_readings, uploads
from include.application.remote_reading_port import RemoteReading
from include.domain.fields import Candidate
from include.domain.reasons import Reason

_Fields = Mapping[str, Candidate]


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
        return RemoteReading(fields=load(_Fields, row.fields), refusal=refusal)

    def put(
        self, provider_key: str, sha256: str, reading: RemoteReading, *, upload_id: int | None, now: dt.datetime
    ) -> None:
        """See `RemoteReadings`; of two workers that asked at once either answer will do."""
        refusal = None if reading.refusal is None else dump(Reason, reading.refusal)
        found = {"fields": dump(_Fields, reading.fields), "refusal": refusal, "read_at": now}
        with self._database.write() as connection:
            _put(connection, remote_readings, {"provider_key": provider_key, "content_sha256": sha256}, found)
            if upload_id is not None:
                kept = {"upload_id": upload_id, "uploaded_at": now}
                _put(connection, uploads, {"provider_key": provider_key, "sha256": sha256}, kept)


def _put(connection: sa.Connection, table: sa.Table, key: Mapping[str, str], values: Mapping[str, Any]) -> None:
    mine = [table.c[name] == value for name, value in key.items()]
    if connection.execute(table.update().where(*mine).values(**values)).rowcount == 1:
        return
    try:
        with connection.begin_nested():
            connection.execute(table.insert().values(**key, **values))
    except sa.exc.IntegrityError:
        connection.execute(table.update().where(*mine).values(**values))
