"""Portal documents from detection to reading (port `Documents`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import put
from include.adapters.storage.core.invoice_rows import (
    DOCUMENT_COLUMNS,
    ROW_VERSION_COLUMNS,
    apply,
    portal_document,
    row_version,
)
from include.adapters.storage.core.tables import documents, invoices, readings
from include.adapters.storage.intake.links import linked_to
from include.adapters.storage.intake.scan import record_scan
from include.application.ports.documents import MatchWork, ReadWork, ScanResult
from include.domain.document import PortalListing
from include.domain.lifecycle import State
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.transitions import intake as rules
from include.domain.transitions.intake import MatchResult

# the statement of every document, built once
_READING = sa.select(readings.c.reading, readings.c.unreadable).where(
    readings.c.content_sha256 == sa.bindparam("digest"), ~readings.c.stale
)


class SqlDocuments:
    """`Documents` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known_signatures(self) -> dict[str, str]:
        """See `Documents`."""
        query = sa.select(documents.c.portal_id, documents.c.signature).where(documents.c.latest)
        with self._database.read() as connection:
            # a document that went missing is read in full when it returns, whatever its signature
            return {
                row.portal_id: row.signature for row in connection.execute(query.where(documents.c.missing_passes < 2))
            }

    def record_scan(self, listing: PortalListing, *, now: dt.datetime) -> ScanResult:
        """See `Documents`."""
        with self._database.write() as connection:
            return record_scan(connection, listing, now=now)

    def try_scan(self, listing: PortalListing, *, now: dt.datetime) -> None:
        """See `Documents`."""
        with self._database.write(durable=False) as connection:
            trial = connection.begin_nested()
            record_scan(connection, listing, now=now)
            trial.rollback()

    def to_match(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[MatchWork]:
        """See `Documents`."""
        query = (
            sa.select(
                *ROW_VERSION_COLUMNS,
                *DOCUMENT_COLUMNS,
                invoices.c.content_sha256.label("stored_sha256"),
                invoices.c.backfilled,
            )
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(*_to_match(revision, document_ids))
            .order_by(invoices.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            linked = linked_to(connection, rows)
        return [
            MatchWork(
                row_version=row_version(row),
                document_id=row.document_id,
                document=portal_document(row),
                stored_sha256=row.stored_sha256,
                linked=linked[row.document_id].documents,
                backfilled=tuple(row.backfilled or ()),
            )
            for row in rows
        ]

    def count_to_match(self, revision: int, *, document_ids: Sequence[int] = ()) -> int:
        """See `Documents`."""
        joined = invoices.join(documents, documents.c.id == invoices.c.document_id)
        query = sa.select(sa.func.count()).select_from(joined).where(*_to_match(revision, document_ids))
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def record_match(
        self,
        work: MatchWork,
        *,
        matched: bool,
        stored_sha256: str | None,
        criteria: Sequence[str],
        provider_scope: Sequence[str],
        reasons: Sequence[Reason],
        backfilled: Sequence[str] = (),
        revision: int,
        now: dt.datetime,
    ) -> State | None:
        """See `Documents`."""
        result = MatchResult(
            matched=matched,
            stored_sha256=stored_sha256,
            criteria=tuple(criteria),
            provider_scope=tuple(provider_scope),
            reasons=tuple(reasons),
            backfilled=tuple(backfilled),
        )
        change = rules.matched(work.row_version, result, stored_before=work.stored_sha256, revision=revision)
        with self._database.write(durable=False) as connection:
            changed = apply(connection, change, now=now)
        return change.after if changed and change.moves else None

    def to_read(self, *, limit: int, document_ids: Sequence[int] = ()) -> list[ReadWork]:
        """See `Documents`."""
        query = (
            sa.select(
                *ROW_VERSION_COLUMNS,
                invoices.c.document_id,
                invoices.c.content_sha256,
                invoices.c.provider_scope,
                documents.c.classification_rule,
            )
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(invoices.c.state == State.MATCHED, invoices.c.criteria_revision.is_not(None))
            .order_by(invoices.c.id)
            .limit(limit)
        )
        if document_ids:
            query = query.where(invoices.c.document_id.in_(document_ids))
        with self._database.read() as connection:
            return [
                ReadWork(
                    row_version=row_version(row),
                    document_id=row.document_id,
                    content_sha256=row.content_sha256,
                    classification_rule=row.classification_rule,
                    provider_scope=tuple(row.provider_scope or ()),
                )
                for row in connection.execute(query)
            ]

    def reading(self, content_sha256: str) -> Reading | Reason | None:
        """See `Documents`."""
        with self._database.read() as connection:
            row = connection.execute(_READING, {"digest": content_sha256}).one_or_none()
        return None if row is None else load_reading(row)

    def record_reading(self, work: ReadWork, result: Reading | Reason, *, now: dt.datetime) -> bool:
        """See `Documents`."""
        row = {
            "content_sha256": work.content_sha256,
            "unreadable": isinstance(result, Reason),
            **({"reading": dump(Reason, result)} if isinstance(result, Reason) else stored_reading(result)),
            "stale": False,
            "read_at": now,
        }
        with self._database.write(durable=False) as connection:
            put(connection, readings, row)
            name = connection.scalar(sa.select(documents.c.name).where(documents.c.id == work.document_id))
            return apply(connection, rules.read(work.row_version, result, document=name, now=now), now=now)


def stored_reading(reading: Reading) -> dict[str, Any]:
    """The columns of a reading: itself, and beside it what is asked of many at once."""
    stored = dump(Reading, reading)
    return {"reading": stored, "kind": reading.kind, "searchable_copy": reading.searchable_copy}


def _to_match(revision: int, document_ids: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    due = sa.or_(invoices.c.criteria_revision.is_(None), invoices.c.criteria_revision < revision)
    named = [documents.c.id.in_(document_ids)] if document_ids else []
    return [invoices.c.state.in_(rules.MATCHABLE), due, documents.c.missing_passes == 0, *named]


def load_reading(row: Any) -> Reading | Reason:
    """A reading from its row, or the reason why there is none."""
    result: Reading | Reason = load(Reason if row.unreadable else Reading, row.reading)
    return result
