"""What became of invoices, as the platform told it (port `Tracking`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import (
    attempts,
    directory_entries,
    invoices,
    remote_invoices,
    retrievals,
    tracked_statuses,
)
from include.adapters.storage.platform.retrieval_records import own_record
from include.adapters.storage.submission.sent_invoices import apply_to, sent_invoice
from include.adapters.storage.tracking.remote_rows import RowWriter, announce_all
from include.adapters.storage.tracking.unclaimed import unclaimed
from include.application.ports.tracking import DueHistory, KnownInvoice, RetrievalRecord, Stored, Unclaimed
from include.domain.codes import REMOTE_STATUSES
from include.domain.lifecycle import ON_THE_PLATFORM, State
from include.domain.submission import HOLDS_KEYS, RemoteInvoice
from include.domain.tracking import FINAL, REJECTED, RETURNED, Account, RemoteHistory
from include.domain.transitions.adoption import confirmed_by_person
from include.domain.transitions.tracking import unknown_status

_OPEN = ON_THE_PLATFORM - {State.CLOSED}
_CHUNK = 500


class SqlTracking:
    """`Tracking` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- how the retrieval stands ----------------------------------------------------------------------------------

    def record(self, provider_key: str) -> RetrievalRecord:
        """See `Tracking`."""
        query = sa.select(retrievals).where(retrievals.c.provider_key == provider_key)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return RetrievalRecord(provider_key=provider_key)
        return RetrievalRecord(**{**row._mapping, "counts": row.counts or {}})

    def complete(
        self,
        provider_key: str,
        *,
        watermark: dt.datetime,
        full: bool,
        counts: Mapping[str, int],
        seconds: float,
        now: dt.datetime,
    ) -> None:
        """See `Tracking`."""
        with self._database.write() as connection:
            before = own_record(connection, provider_key)
            values = {
                "watermark": max(watermark, before.watermark) if before.watermark else watermark,
                "full_at": before.full_at or (now if full else None),
                "last_good_at": now,
                "counts": dict(counts),
                "seconds": seconds,
                "failed_at": None,
                "failure": None,
            }
            connection.execute(retrievals.update().where(retrievals.c.provider_key == provider_key).values(**values))

    def failed(self, provider_key: str, failure: str, *, now: dt.datetime) -> None:
        """See `Tracking`."""
        with self._database.write() as connection:
            own_record(connection, provider_key)
            mine = retrievals.update().where(retrievals.c.provider_key == provider_key)
            connection.execute(mine.values(failed_at=now, failure=failure))

    def first_sent_at(self, provider_key: str) -> dt.datetime | None:
        """See `Tracking`."""
        query = sa.select(sa.func.min(attempts.c.claimed_at)).where(
            attempts.c.provider_key == provider_key, attempts.c.state.in_(HOLDS_KEYS)
        )
        with self._database.read() as connection:
            found: dt.datetime | None = connection.scalar(query)
            return found

    # -- invoices --------------------------------------------------------------------------------------------------

    def store_rows(
        self, account: Account, rows: Sequence[RemoteInvoice], *, old_before: dt.datetime | None, now: dt.datetime
    ) -> Stored:
        """See `Tracking`."""
        with self._database.write() as connection:
            own_record(connection, account.provider_key)  # two retrievals of one provider take turns
            return RowWriter(connection, account, old_before, now).write(rows)

    def unclaimed(self, account: Account, rows: Sequence[RemoteInvoice]) -> list[Unclaimed]:
        """See `Tracking`."""
        with self._database.read() as connection:
            return unclaimed(connection, account, rows)

    def adopt(self, account: Account, invoice_id: int, row: RemoteInvoice, *, actor: str, now: dt.datetime) -> bool:
        """See `Tracking`."""
        with self._database.write() as connection:
            own_record(connection, account.provider_key)
            invoice = sent_invoice(connection, invoice_id)
            change = None if invoice is None else confirmed_by_person(invoice, row, actor=actor, now=now)
            if invoice is None or change is None:
                return False
            supplier = row.supplier_siret or account.siret
            if not apply_to(connection, invoice, change, now=now, supplier_siret=supplier):
                return False
            RowWriter(connection, account, None, now).write([row])
            return True

    def open_rejections(self, provider_key: str) -> set[int]:
        """See `Tracking`."""
        query = sa.select(invoices.c.chorus_id).where(
            invoices.c.provider_key == provider_key,
            invoices.c.state == State.TO_PROCESS,
            invoices.c.status == REJECTED,
            invoices.c.chorus_id.is_not(None),
        )
        with self._database.read() as connection:
            return set(connection.scalars(query))

    def known(self, account: Account, chorus_ids: Sequence[int]) -> dict[int, KnownInvoice]:
        """See `Tracking`."""
        found: dict[int, KnownInvoice] = {}
        with self._database.read() as connection:
            for start in range(0, len(chorus_ids), _CHUNK):
                query = sa.select(
                    invoices.c.id,
                    invoices.c.document_id,
                    invoices.c.version,
                    invoices.c.state,
                    invoices.c.chorus_id,
                ).where(
                    invoices.c.environment == account.environment,
                    invoices.c.chorus_id.in_(chorus_ids[start : start + _CHUNK]),
                )
                found |= {
                    row.chorus_id: KnownInvoice(
                        id=row.id, document_id=row.document_id, version=row.version, state=State(row.state)
                    )
                    for row in connection.execute(query)
                }
        return found

    def bodies_never_asked(self, account: Account, *, limit: int) -> list[str]:
        """See `Tracking`."""
        asked = sa.select(directory_entries.c.siret).where(directory_entries.c.environment == account.environment)
        query = (
            sa.select(invoices.c.recipient_siret)
            .where(
                invoices.c.provider_key == account.provider_key,
                invoices.c.state.in_(_OPEN),
                invoices.c.status.not_in(FINAL),
                invoices.c.recipient_siret.is_not(None),
                invoices.c.recipient_siret.not_in(asked),
            )
            .distinct()
            .order_by(invoices.c.recipient_siret)
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.scalars(query))

    # -- histories -------------------------------------------------------------------------------------------------

    def histories_due(self, provider_key: str, *, limit: int) -> list[DueHistory]:
        """See `Tracking`."""
        urgency = sa.case((invoices.c.status.in_(RETURNED), 0), (invoices.c.status.in_(FINAL), 2), else_=1)
        query = (
            sa.select(invoices.c.id, invoices.c.chorus_id, remote_invoices.c.history_due)
            .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id)
            .where(*_waiting(provider_key))
            .order_by(urgency, remote_invoices.c.history_due, invoices.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [
                DueHistory(invoice_id=row.id, chorus_id=row.chorus_id, due_since=row.history_due)
                for row in connection.execute(query)
            ]

    def histories_waiting(self, provider_key: str) -> int:
        """See `Tracking`."""
        query = (
            sa.select(sa.func.count())
            .select_from(invoices)
            .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id)
            .where(*_waiting(provider_key))
        )
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def store_histories(self, fetched: Sequence[tuple[DueHistory, RemoteHistory]], *, now: dt.datetime) -> None:
        """See `Tracking`."""
        ids = sorted(due.invoice_id for due, _ in fetched)
        with self._database.write() as connection:
            mine = sa.select(remote_invoices.c.invoice_id).where(remote_invoices.c.invoice_id.in_(ids))
            # two workers with the same history take turns
            connection.execute(mine.order_by(remote_invoices.c.invoice_id).with_for_update()).all()
            known = _known_entries(connection, ids)
            fresh = [
                _entry_row(due.invoice_id, told, place)
                for due, told in fetched
                for place, entry in enumerate(told.entries)
                if (due.invoice_id, entry.kind, entry.entry_id) not in known
            ]
            insert_new(connection, tracked_statuses, *fresh)
            list_again(connection, [row["invoice_id"] for row in fresh])
            for due, _ in fetched:
                # what became due again meanwhile stays due
                still = (
                    remote_invoices.c.invoice_id == due.invoice_id,
                    remote_invoices.c.history_due == due.due_since,
                )
                done = remote_invoices.update().where(*still).values(history_due=None, history_at=now)
                connection.execute(done)
            announce_all(connection, list(_unlisted(connection, fetched, now)))

    def postpone_history(self, due: DueHistory, *, now: dt.datetime) -> None:
        """See `Tracking`."""
        mine = remote_invoices.update().where(remote_invoices.c.invoice_id == due.invoice_id)
        with self._database.write() as connection:
            connection.execute(mine.values(history_due=now))


def _waiting(provider_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        invoices.c.provider_key == provider_key,
        invoices.c.chorus_id.is_not(None),
        remote_invoices.c.history_due.is_not(None),
    )


def _known_entries(connection: Connection, invoice_ids: Sequence[int]) -> set[tuple[int, str, str]]:
    found: set[tuple[int, str, str]] = set()
    for start in range(0, len(invoice_ids), _CHUNK):
        query = sa.select(tracked_statuses.c.invoice_id, tracked_statuses.c.kind, tracked_statuses.c.entry).where(
            tracked_statuses.c.invoice_id.in_(invoice_ids[start : start + _CHUNK])
        )
        found.update((row.invoice_id, row.kind, row.entry) for row in connection.execute(query))
    return found


def _entry_row(invoice_id: int, told: RemoteHistory, place: int) -> dict[str, Any]:
    entry = told.entries[place]
    return {
        "invoice_id": invoice_id,
        "kind": entry.kind,
        "entry": entry.entry_id,
        "code": entry.code,
        "at": entry.at,
        "comment": entry.comment,
        "agent_first_name": entry.agent.first_name,
        "agent_last_name": entry.agent.last_name,
        "agent_mail": entry.agent.mail,
        "agent_phone": entry.agent.phone,
    }


def _unlisted(
    connection: Connection, fetched: Sequence[tuple[DueHistory, RemoteHistory]], now: dt.datetime
) -> list[Any]:
    """Alerts for statuses in a history that nobody listed, though the present one may be listed."""
    odd = {
        due.invoice_id: entry.code
        for due, told in fetched
        for entry in told.statuses()
        if entry.code not in REMOTE_STATUSES
    }
    found = sa.select(invoices.c.id, invoices.c.provider_key, invoices.c.invoice_number).where(
        invoices.c.id.in_(sorted(odd))
    )
    rows = connection.execute(found).all() if odd else []
    return [unknown_status(row.provider_key, odd[row.id], row.invoice_number or "", now) for row in rows]
