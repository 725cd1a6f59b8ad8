"""What people asked to be done with many documents (port `BulkRequests`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.request_tables import bulk_request_items, bulk_requests
from include.adapters.storage.core.tables import AnyRow
from include.application.ports.bulk_requests import RESEND, SUBMIT, BulkItem, BulkRequest, BulkResult

_R, _I = bulk_requests.c, bulk_request_items.c


class SqlBulkRequests:
    """`BulkRequests` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        action: str,
        items: Sequence[BulkItem],
        *,
        actor: str,
        now: dt.datetime,
        keep_until: dt.datetime,
        params: Mapping[str, Any] | None = None,
    ) -> int:
        """See `BulkRequests`."""
        values = {
            "action": action,
            "actor": actor,
            "created_at": now,
            "keep_until": keep_until,
            "params": dict(params or {}),
        }
        with self._database.write() as connection:
            _delete_old(connection, now)
            request_id: int = connection.execute(bulk_requests.insert().values(values).returning(_R.id)).scalar_one()
            if items:
                connection.execute(bulk_request_items.insert(), [_row(request_id, item, now) for item in items])
        return request_id

    def get(self, request_id: int, *, now: dt.datetime) -> BulkRequest | None:
        """See `BulkRequests`."""
        with self._database.read() as connection:
            query = sa.select(bulk_requests).where(_R.id == request_id, _R.keep_until > now)
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            mine = sa.select(bulk_request_items).where(_I.request_id == request_id).order_by(_I.document_id)
            items = tuple(_item(found) for found in connection.execute(mine))
        return BulkRequest(
            id=row.id,
            action=row.action,
            actor=row.actor,
            created_at=row.created_at,
            keep_until=row.keep_until,
            params=row.params,
            items=items,
        )

    def left(self, *, now: dt.datetime) -> Sequence[tuple[int, str]]:
        """See `BulkRequests`."""
        undone = sa.select(_I.request_id).where(_I.request_id == _R.id, _I.done_at.is_(None)).exists()
        free = sa.or_(_R.worker.is_(None), _R.worked_until <= now)
        query = sa.select(_R.id, _R.actor).where(_R.keep_until > now, _R.action.not_in((SUBMIT, RESEND)), free, undone)
        with self._database.read() as connection:
            return [(row.id, row.actor) for row in connection.execute(query.order_by(_R.id))]

    def record(self, request_id: int, results: Mapping[int, BulkResult], *, now: dt.datetime) -> None:
        """See `BulkRequests`."""
        if not results:
            return
        change = (
            bulk_request_items.update()
            .where(_I.request_id == request_id, _I.document_id == sa.bindparam("of_document"))
            .values(done_at=now, state_after=sa.bindparam("after"), message=sa.bindparam("said"))
        )
        rows = [
            {"of_document": document_id, "after": result.state, "said": result.message}
            for document_id, result in results.items()
        ]
        with self._database.write() as connection:
            connection.execute(change, rows)

    def lease(self, request_id: int, worker: str, *, now: dt.datetime, until: dt.datetime) -> bool:
        """See `BulkRequests`."""
        free = sa.or_(_R.worker.is_(None), _R.worker == worker, _R.worked_until <= now)
        change = bulk_requests.update().where(_R.id == request_id, _R.keep_until > now, free)
        with self._database.write() as connection:
            return connection.execute(change.values(worker=worker, worked_until=until)).rowcount == 1


def _delete_old(connection: Connection, now: dt.datetime) -> None:
    old = sa.select(_R.id).where(_R.keep_until <= now)
    connection.execute(bulk_request_items.delete().where(_I.request_id.in_(old)))
    connection.execute(bulk_requests.delete().where(_R.keep_until <= now))


def _row(request_id: int, item: BulkItem, now: dt.datetime) -> dict[str, Any]:
    result = item.result
    return {
        "request_id": request_id,
        "document_id": item.document_id,
        "invoice_id": item.invoice_id,
        "version": item.version,
        "attempts": item.attempts,
        "state": item.state,
        "done_at": None if result is None else now,
        "state_after": None if result is None else result.state,
        "message": None if result is None else result.message,
    }


def _item(row: AnyRow) -> BulkItem:
    result = None if row.done_at is None else BulkResult(state=row.state_after, message=row.message)
    return BulkItem(
        document_id=row.document_id,
        invoice_id=row.invoice_id,
        version=row.version,
        attempts=row.attempts,
        state=row.state,
        result=result,
    )
