"""Portal documents from detection to reading (port `Documents`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.codec import Reasons, dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import (
    DOCUMENT_COLUMNS,
    TICKET_COLUMNS,
    announce_invoice,
    move,
    portal_document,
    ticket,
    touch,
)
from include.adapters.storage.links import linked_to
from include.adapters.storage.scan import record_scan
from include.adapters.storage.tables import documents, invoices, readings
from include.application.storage_ports import MatchWork, ReadWork, ScanResult, Ticket
from include.domain.document import PortalListing
from include.domain.fields import Reading
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.reasons import Reason

_MATCHABLE = (
    State.DETECTED,
    State.IGNORED,
    State.MATCHED,
    State.READ,
    State.UNREADABLE,
    State.TO_COMPLETE,
    State.READY,
    State.REFUSED,
)


# statements of every document, built once
_FORGET_READING = readings.delete().where(readings.c.content_sha256 == sa.bindparam("digest"))
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

    def to_match(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[MatchWork]:
        """See `Documents`."""
        due = sa.or_(invoices.c.criteria_revision.is_(None), invoices.c.criteria_revision < revision)
        query = (
            sa.select(
                *TICKET_COLUMNS,
                *DOCUMENT_COLUMNS,
                invoices.c.content_sha256.label("stored_sha256"),
                invoices.c.backfilled,
            )
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(invoices.c.state.in_(_MATCHABLE), due, documents.c.missing_passes == 0)
            .order_by(invoices.c.id)
            .limit(limit)
        )
        if document_ids:
            query = query.where(documents.c.id.in_(document_ids))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            linked = linked_to(connection, rows)
        return [
            MatchWork(
                ticket=ticket(row),
                document_id=row.document_id,
                document=portal_document(row),
                stored_sha256=row.stored_sha256,
                linked=linked[row.document_id].documents,
                backfilled=tuple(row.backfilled or ()),
            )
            for row in rows
        ]

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
        values: dict[str, Any] = {
            "criteria_revision": revision,
            "criteria": list(criteria),
            "backfilled": list(backfilled) or None,
            "provider_scope": list(provider_scope),
        }
        before = work.ticket.state
        if not matched:
            after = None if before is State.IGNORED else State.IGNORED
            values["reasons"] = dump(Reasons, tuple(reasons))
            cause = "no criterion takes it"
        else:
            values["content_sha256"] = stored_sha256
            values["judged_revision"] = None
            fresh = before in (State.DETECTED, State.IGNORED)
            # new bytes are read anew wherever the invoice stands; new metadata only judged anew
            after = (
                State.MATCHED
                if before is not State.MATCHED and (fresh or stored_sha256 != work.stored_sha256)
                else None
            )
            cause = "criteria: " + ", ".join(criteria) if fresh else "new content"
        if not matched and before in (State.UNREADABLE, State.REFUSED):
            after = None  # a person or the platform has seen it: it stays in sight
        with self._database.write(durable=False) as connection:
            if after is None:
                touch(connection, work.ticket, values, now=now)
                return None
            return after if move(connection, work.ticket, after, cause=cause, now=now, values=values) else None

    def to_read(self, *, limit: int, document_ids: Sequence[int] = ()) -> list[ReadWork]:
        """See `Documents`."""
        query = (
            sa.select(
                *TICKET_COLUMNS,
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
                    ticket=ticket(row),
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
        unreadable = isinstance(result, Reason)
        row = {
            "content_sha256": work.content_sha256,
            "reading": dump(Reason if unreadable else Reading, result),
            "unreadable": unreadable,
            "stale": False,
            "read_at": now,
        }
        with self._database.write(durable=False) as connection:
            connection.execute(_FORGET_READING, {"digest": work.content_sha256})
            connection.execute(readings.insert(), row)
            if isinstance(result, Reason):
                return self._unreadable(connection, work.ticket, result, now)
            cause = f"read from {result.kind}"
            values = {"judged_revision": None}
            return move(connection, work.ticket, State.READ, cause=cause, now=now, values=values)

    def _unreadable(self, connection: sa.Connection, held: Ticket, reason: Reason, now: dt.datetime) -> bool:
        values = {"reasons": dump(Reasons, (reason,)), "draft": None}
        moved = move(connection, held, State.UNREADABLE, cause=f"unreadable: {reason.code}", now=now, values=values)
        if moved:
            query = (
                sa.select(documents.c.name)
                .join(invoices, invoices.c.document_id == documents.c.id)
                .where(invoices.c.id == held.invoice_id)
            )
            announce_invoice(
                connection,
                EventKind.AWAITING_SUBMISSION,
                invoice_id=held.invoice_id,
                document=connection.scalar(query),
                provider_key=None,
                draft=None,
                now=now,
                state=State.UNREADABLE,
                reasons=(reason,),
            )
        return moved


def load_reading(row: Any) -> Reading | Reason:
    """A reading from its row, or the reason why there is none."""
    result: Reading | Reason = load(Reason if row.unreadable else Reading, row.reading)
    return result
