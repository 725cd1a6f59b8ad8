"""Retention reaches packs too: a pack with names or texts that are too old is made anew without them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.archive.pack import Rows, opened, rows_of, write_pack
from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import documents, invoices, readings, tracked_statuses
from include.adapters.storage.operations.retention import SqlRetention
from include.application.ports.files import Packs

_NAMES = ("agent_first_name", "agent_last_name", "agent_mail", "agent_phone")


def personal_since(held: Rows) -> dict[int, dt.datetime | None]:
    """Of each packed invoice the time of the oldest name or text in it; None where there is none."""
    found: dict[int, list[dt.datetime]] = {row["id"]: [] for row in held[invoices.name]}
    changed_at = {row["id"]: row["changed_at"] for row in held[invoices.name]}
    for entry in held[tracked_statuses.name]:
        if any(entry[name] is not None for name in _NAMES):
            found[entry["invoice_id"]].append(entry["at"] or changed_at[entry["invoice_id"]])
    read_at = {row["content_sha256"]: row["read_at"] for row in held[readings.name]}
    seen_at = {row["id"]: row["first_seen_at"] for row in held[documents.name]}
    for row in held[invoices.name]:
        if row["content_sha256"] in read_at:
            found[row["id"]].append(read_at[row["content_sha256"]])
        if row["document_id"] is not None and _quotes(row):
            found[row["id"]].append(seen_at[row["document_id"]])
    return {invoice_id: min(times, default=None) for invoice_id, times in found.items()}


def _quotes(row: Mapping[str, Any]) -> bool:
    """Words of the page beside the values, or in reasons and warnings; as retention looks for them."""
    return '"text": "' in json.dumps(row["draft"]) or bool(row["reasons"] or row["warnings"])


class RetentionWithArchive(SqlRetention):
    """`RetentionStore`; `packs` is the part of the content store that holds the archive."""

    def __init__(self, database: Database, packs: Packs) -> None:
        super().__init__(database)
        self._packs = packs

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`."""
        here = super().agents(before=before, apply=apply)
        return here + self._in_packs(before, apply, lambda pack: pack.agents(before=before, apply=True))

    def texts(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`."""
        here = super().texts(before=before, apply=apply)
        return here + self._in_packs(before, apply, lambda pack: pack.texts(before=before, apply=True))

    def _in_packs(self, before: dt.datetime, apply: bool, strip: Callable[[SqlRetention], int]) -> int:
        old = sa.select(archived.c.pack_sha256).where(archived.c.personal_since < before).distinct()
        with self._database.read() as connection:
            chosen = connection.scalars(old.order_by(archived.c.pack_sha256)).all()
        return sum(self._stripped(sha256, apply, strip) for sha256 in chosen)

    def _stripped(self, sha256: str, apply: bool, strip: Callable[[SqlRetention], int]) -> int:
        with opened(self._packs.get(sha256)) as pack:
            count = strip(SqlRetention(pack))
            if not (apply and count):
                return count
            with pack.read() as connection:
                held = rows_of(connection, connection.scalars(sa.select(invoices.c.id)).all())
        renewed = self._packs.put(write_pack(held))
        self._packs.get(renewed)
        since = personal_since(held)
        with self._database.write() as connection:
            entries = sa.select(archived.c.invoice_id).where(archived.c.pack_sha256 == sha256)
            for invoice_id in connection.scalars(entries).all():
                mine = archived.update().where(archived.c.invoice_id == invoice_id)
                connection.execute(mine.values(pack_sha256=renewed, personal_since=since[invoice_id]))
        if renewed != sha256:
            self._packs.remove(sha256)
        return count
