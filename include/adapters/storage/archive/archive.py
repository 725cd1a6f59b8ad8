"""Finished invoices out of the tables into packs, and back (port `ArchiveStore`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.archive.pack import OF_INVOICES, Rows, opened, rows_of, write_pack
from include.adapters.storage.archive.personal_data import personal_since
from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import (
    attempts,
    documents,
    events,
    findings,
    invoices,
    moves,
    readings,
    searches,
    tracked_statuses,
)
from include.adapters.storage.core.visibility import visible
from include.application.ports.archive import ArchivedInvoice, PackedInvoices
from include.application.ports.files import Files
from include.domain.configuration.base import PARIS
from include.domain.errors import StoreError
from include.domain.lifecycle import State
from include.domain.rights import Viewer
from include.domain.submission import AttemptState
from include.domain.tracking import FINAL, amount_from
from include.domain.values import fold

_MOVED = (attempts, moves, searches, tracked_statuses, findings)
"""Tables whose rows leave; each row has an id of its own."""

_EMPTIED = (
    "draft",
    "edits",
    "reasons",
    "warnings",
    "criteria",
    "backfilled",
    "provider_scope",
    "attachments",
    "attachment_types",
    "attachment_edits",
)
"""Columns of `invoices` that leave; number, states, keys and what the platform says stay."""


class SqlArchive:
    """`ArchiveStore` on our database; `packs` is the part of the content store that holds them."""

    def __init__(self, database: Database, packs: Files) -> None:
        self._database = database
        self._packs = packs

    def finished(self, *, before: dt.datetime, after: int, limit: int) -> Sequence[int]:
        """See `ArchiveStore`."""
        query = sa.select(invoices.c.id).where(_finished(before), invoices.c.id > after)
        with self._database.read() as connection:
            return connection.scalars(query.order_by(invoices.c.id).limit(limit)).all()

    def finished_by_year(self, *, before: dt.datetime) -> Mapping[int, int]:
        """See `ArchiveStore`."""
        found: dict[int, int] = {}
        query = sa.select(_LAST).where(_finished(before)).execution_options(yield_per=10_000)
        with self._database.read() as connection:
            for at in connection.scalars(query):
                year = at.astimezone(PARIS).year
                found[year] = found.get(year, 0) + 1
        return dict(sorted(found.items()))

    def pack(self, invoice_ids: Sequence[int]) -> PackedInvoices:
        """See `ArchiveStore`."""
        with self._database.read() as connection:
            rows = rows_of(connection, invoice_ids)
        content = write_pack(rows)
        if _held(content, invoice_ids) != rows:
            raise StoreError("pack_differs", first=min(invoice_ids), last=max(invoice_ids))
        return PackedInvoices(invoice_ids=tuple(invoice_ids), content=content)

    def leave(self, packed: PackedInvoices, pack_sha256: str, *, now: dt.datetime) -> int:
        """See `ArchiveStore`."""
        held = _held(packed.content, packed.invoice_ids)
        with self._database.write() as connection:
            lock = sa.select(invoices.c.id).where(invoices.c.id.in_(packed.invoice_ids)).with_for_update()
            connection.execute(lock).all()
            here = _by_invoice(rows_of(connection, packed.invoice_ids))
            same = [one for one, rows in _by_invoice(held).items() if rows == here.get(one)]
            gone = set(connection.scalars(sa.select(archived.c.invoice_id).where(archived.c.invoice_id.in_(same))))
            leaving = [one for one in same if one not in gone]
            if leaving:
                _index(connection, held, leaving, pack_sha256, now)
                _remove(connection, held, leaving)
        return len(leaving)

    def search(self, viewer: Viewer, text: str, *, limit: int) -> Sequence[ArchivedInvoice]:
        """See `ArchiveStore`."""
        query = (
            sa.select(archived, *(invoices.c[name] for name in _SHOWN))
            .join(invoices, invoices.c.id == archived.c.invoice_id)
            .where(archived.c.search_text.contains(fold(text), autoescape=True), visible(viewer))
            .order_by(archived.c.invoice_id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_archived(row) for row in connection.execute(query)]

    def bring_back(self, reference: str) -> int | None:
        """See `ArchiveStore`."""
        with self._database.read() as connection:
            entry = entry_of(connection, reference)
        if entry is None:
            return None
        held = _held(self._packs.get(entry.pack_sha256), [entry.invoice_id])
        with self._database.write() as connection:
            mine = archived.c.invoice_id == entry.invoice_id
            if connection.execute(archived.delete().where(mine)).rowcount:
                _return(connection, held, entry.invoice_id)
        return int(entry.invoice_id)


_SHOWN = (
    "chorus_id",
    "provider_key",
    "invoice_number",
    "state",
    "status",
    "recipient_siret",
    "total_incl_tax",
)


def entry_of(connection: Connection, reference: str) -> Any:
    """The index's entry of an invoice by our id or `cpro:` and the platform's; None for any other."""
    number = reference.removeprefix("cpro:")
    if not number.isdecimal() or len(number) > 18:
        return None
    column = invoices.c.chorus_id if reference.startswith("cpro:") else invoices.c.id
    query = sa.select(archived).join(invoices, invoices.c.id == archived.c.invoice_id).where(column == int(number))
    return connection.execute(query.limit(1)).one_or_none()


_LAST = sa.func.coalesce(invoices.c.status_at, invoices.c.changed_at, type_=invoices.c.changed_at.type)


def _finished(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Nothing can happen any more by the table of moves and the platform's statuses, and nothing is under way."""
    over = sa.or_(
        invoices.c.state == State.CLOSED,
        sa.and_(invoices.c.state == State.SUBMITTED, invoices.c.status.in_(sorted(FINAL))),
    )
    packed = sa.select(archived.c.invoice_id).where(archived.c.invoice_id == invoices.c.id).exists()
    untold = sa.select(events.c.id).where(events.c.invoice_id == invoices.c.id, ~events.c.distributed).exists()
    differs = sa.select(findings.c.id).where(findings.c.invoice_id == invoices.c.id, findings.c.closed_at.is_(None))
    tried = sa.select(attempts.c.id).where(
        attempts.c.invoice_id == invoices.c.id, attempts.c.state.in_((AttemptState.OPEN, AttemptState.UNRESOLVED))
    )
    return sa.and_(
        over,
        invoices.c.changed_at < before,
        before > _LAST,
        ~packed,
        ~untold,
        ~differs.exists(),
        ~tried.exists(),
    )


def _held(content: bytes, invoice_ids: Sequence[int]) -> Rows:
    with opened(content) as database, database.read() as connection:
        return rows_of(connection, invoice_ids)


def _by_invoice(rows: Rows) -> dict[int, list[Any]]:
    """Everything of each invoice, so that two readings can be held against each other."""
    found: dict[int, list[Any]] = {row["id"]: [row] for row in rows[invoices.name]}
    of_document = {row["document_id"]: row["id"] for row in rows[invoices.name]}
    for row in rows[documents.name]:
        found[of_document[row["id"]]].append(row)
    for table in OF_INVOICES:
        for row in rows[table.name]:
            found[row["invoice_id"]].append((table.name, row))
    return found


def _index(connection: Connection, held: Rows, leaving: Collection[int], pack_sha256: str, now: dt.datetime) -> None:
    shown = {row["invoice_id"]: row for row in held[listed.name]}
    number = {row["id"]: row["invoice_number"] for row in held[invoices.name]}
    since = personal_since(held)
    document = {row["id"]: row["document_id"] for row in held[invoices.name]}
    rows = [
        {
            "invoice_id": one,
            "document_id": document[one],
            "pack_sha256": pack_sha256,
            "search_text": shown[one]["search_text"] if one in shown else fold(number[one] or ""),
            "number": fold(number[one] or ""),
            "recipient_name": shown[one]["recipient_name"] if one in shown else None,
            "deposited_at": shown[one]["deposited_at"] if one in shown else None,
            "personal_since": since[one],
            "archived_at": now,
        }
        for one in leaving
    ]
    connection.execute(archived.insert(), rows)


def _remove(connection: Connection, held: Rows, leaving: Collection[int]) -> None:
    """Rows by their own ids: one that came after the pack was read stays."""
    chosen = set(leaving)
    for table in _MOVED:
        ids = [row["id"] for row in held[table.name] if row["invoice_id"] in chosen]
        for some in _portions(ids):
            connection.execute(table.delete().where(table.c.id.in_(some)))
    connection.execute(listed.delete().where(listed.c.invoice_id.in_(sorted(chosen))))
    mine = invoices.c.id.in_(sorted(chosen))
    connection.execute(invoices.update().where(mine).values(dict.fromkeys(_EMPTIED)))
    contents = sorted({row["content_sha256"] for row in held[invoices.name] if row["id"] in chosen} - {None})
    packed = sa.select(archived.c.invoice_id).where(archived.c.invoice_id == invoices.c.id).exists()
    needed = (
        sa.select(documents.c.id)
        .join(invoices, invoices.c.document_id == documents.c.id)
        .where(documents.c.content_sha256 == readings.c.content_sha256, ~packed)
    )
    connection.execute(readings.delete().where(readings.c.content_sha256.in_(contents), ~needed.exists()))


def _return(connection: Connection, held: Rows, invoice_id: int) -> None:
    [packed] = held[invoices.name]
    connection.execute(
        invoices.update().where(invoices.c.id == invoice_id).values({name: packed[name] for name in _EMPTIED})
    )
    for table in _MOVED:
        for row in held[table.name]:
            taken = connection.scalar(sa.select(table.c.id).where(table.c.id == row["id"]))
            # SQLite gives the id of a removed row away again
            values = {name: value for name, value in row.items() if name != "id" or taken is None}
            connection.execute(table.insert().values(values))
    for row in held[readings.name]:
        mine = readings.c.content_sha256 == row["content_sha256"]
        if connection.scalar(sa.select(readings.c.content_sha256).where(mine)) is None:
            connection.execute(readings.insert().values(dict(row)))
    list_again(connection, [invoice_id])


def _portions(ids: Sequence[int]) -> list[Sequence[int]]:
    """SQLite bounds the number of parameters of one statement."""
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _archived(row: Any) -> ArchivedInvoice:
    return ArchivedInvoice(
        id=row.invoice_id,
        document_id=row.document_id,
        chorus_id=row.chorus_id,
        provider_key=row.provider_key,
        invoice_number=row.invoice_number,
        state=State(row.state),
        status=row.status,
        recipient_siret=row.recipient_siret,
        recipient_name=row.recipient_name,
        total_incl_tax=amount_from(row.total_incl_tax),
        deposited_at=row.deposited_at,
        archived_at=row.archived_at,
        pack_sha256=row.pack_sha256,
    )
