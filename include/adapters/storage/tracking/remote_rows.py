"""Rows of the platform's search, stored with the moves and events that follow: one transaction a batch.

Nothing here decides what a status means (`domain/tracking.py`) or what was ours (`domain/submission.py`).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import load
from include.adapters.storage.core.inserting import insert_new, insert_returning
from include.adapters.storage.core.invoice_rows import (
    ROW_VERSION_COLUMNS,
    apply,
    apply_locked,
    event_row,
    log_first_moves,
    row_version,
)
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import AnyRow, documents, events, invoices, remote_invoices
from include.adapters.storage.submission.candidates import candidates
from include.adapters.storage.submission.sent_invoices import apply_to, sent_invoice
from include.application.ports.tracking import Stored
from include.domain.lifecycle import CONFIRMABLE, State
from include.domain.mapping import Draft
from include.domain.notification import NewEvent
from include.domain.submission import RemoteInvoice, number_key
from include.domain.tracking import Account, amount_text
from include.domain.transitions.adoption import met_by_retrieval
from include.domain.transitions.sent_invoice import SentInvoice
from include.domain.transitions.submission import number_lost, recognised
from include.domain.transitions.tracking import Observed, TrackedInvoice, foreign, observed

logger = logging.getLogger(__name__)

_CHUNK = 500

Item = TypeVar("Item")

_COLUMNS = (
    *ROW_VERSION_COLUMNS,
    documents.c.name,
    invoices.c.document_id,
    invoices.c.provider_key,
    invoices.c.environment,
    invoices.c.draft,
    invoices.c.invoice_number,
    invoices.c.chorus_id,
    invoices.c.status,
    invoices.c.status_at,
    remote_invoices.c.invoice_id.label("remote_id"),
    remote_invoices.c.number.label("remote_number"),
    remote_invoices.c.status_at.label("remote_at"),
)


@dataclass
class RowWriter:
    """One batch of one provider inside one transaction."""

    connection: Connection
    account: Account
    old_before: dt.datetime | None
    now: dt.datetime
    stored: Stored = field(default_factory=Stored)
    _events: list[NewEvent] = field(default_factory=list)
    _fresh: list[dict[str, Any]] = field(default_factory=list)
    _different: list[dict[str, Any]] = field(default_factory=list)

    def write(self, rows: Sequence[RemoteInvoice]) -> Stored:
        """Stores the rows; of one that comes twice, the later counts."""
        by_id = {row.chorus_id: row for row in rows}
        known = self._known(by_id)
        for chorus_id in [i for i, held in known.items() if not _same_number(held, by_id[i])]:
            self._give_up(known.pop(chorus_id), by_id[chorus_id])
        theirs = [row for chorus_id, row in by_id.items() if chorus_id not in known or _is_foreign(known[chorus_id])]
        ours, skipped = self._recover(theirs)
        known |= ours
        before = self._remote_values([held.remote_id for held in known.values() if held.remote_id is not None])
        for chorus_id, held in known.items():
            self._compare(held, by_id[chorus_id], before.get(held.remote_id))
        self._insert_foreign([row for i, row in by_id.items() if i not in known and i not in skipped])
        self._flush()
        return self.stored

    # -- which of them are known -----------------------------------------------------------------------------------

    def _known(self, wanted: Mapping[int, RemoteInvoice]) -> dict[int, AnyRow]:
        """The rows that bear these numbers of the platform, locked where the database locks rows."""
        query = (
            sa.select(*_COLUMNS)
            .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
            .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
            .where(invoices.c.environment == self.account.environment)
            .order_by(invoices.c.id)
            .with_for_update(of=invoices)
        )
        found: dict[int, AnyRow] = {}
        for chunk in _chunks(sorted(wanted)):
            some = query.where(invoices.c.chorus_id.in_(chunk))
            found |= {row.chorus_id: row for row in self.connection.execute(some)}
        return found

    def _give_up(self, held: AnyRow, row: RemoteInvoice) -> None:
        """A platform that was emptied counts anew: its number now means another invoice (never in production)."""
        logger.error("Chorus Pro's number %s of invoice %s is another invoice now", row.chorus_id, held.invoice_id)
        apply_locked(self.connection, number_lost(row_version(held), row.chorus_id, to=None), now=self.now)

    # -- the last net under sending (docs/reference/exactly-once.md 4 and 4.1) ---------------------------------------

    def _recover(self, rows: Sequence[RemoteInvoice]) -> tuple[dict[int, AnyRow], set[int]]:
        """Invoices of ours that the platform turns out to hold; and rows to be left to their sender.

        Its answer may be stored at this very moment: then the invoice is known now, and was not a minute ago.
        """
        met = candidates(self.connection, self.account, rows)
        states = {row.chorus_id: self._confirm(row, ids) for row, ids in met}
        found = {chorus_id for chorus_id, state in states.items() if state is not None}
        return self._known({row.chorus_id: row for row, _ in met if row.chorus_id in found}), {
            chorus_id for chorus_id, state in states.items() if state is State.SUBMITTING
        }

    def _confirm(self, row: RemoteInvoice, invoice_ids: Sequence[int]) -> State | None:
        """The state of the first of these that turns out to be the platform's invoice; None: none of them."""
        for invoice_id in invoice_ids:
            invoice = sent_invoice(self.connection, invoice_id)
            if invoice is None or invoice.row_version.state not in CONFIRMABLE:
                continue
            if invoice.row_version.state is State.SUBMITTING:
                return State.SUBMITTING
            if self._confirmed(invoice, row):
                return State.SUBMITTED
        return None

    def _confirmed(self, invoice: SentInvoice, row: RemoteInvoice) -> bool:
        explained = recognised(invoice, row, now=self.now)
        change = explained or met_by_retrieval(invoice, row, now=self.now)
        supplier = row.supplier_siret or self.account.siret
        if change is None or not apply_to(self.connection, invoice, change, now=self.now, supplier_siret=supplier):
            return False
        self.stored.recovered += explained is not None
        self.stored.adopted += explained is None and change.confirmed_by_platform
        self.stored.waiting += not change.confirmed_by_platform
        return change.confirmed_by_platform

    # -- what changed ----------------------------------------------------------------------------------------------

    def _remote_values(self, invoice_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        found: dict[int, Mapping[str, Any]] = {}
        for chunk in _chunks(sorted(invoice_ids)):
            query = sa.select(remote_invoices).where(remote_invoices.c.invoice_id.in_(chunk))
            found |= {row.invoice_id: row._mapping for row in self.connection.execute(query)}
        return found

    def _compare(self, held: AnyRow, row: RemoteInvoice, before: Mapping[str, Any] | None) -> None:
        values = remote_values(row)
        if before is None:
            self.stored.new += 1
            self._fresh.append(self._first_seen(held.invoice_id, values))
        elif any(before[name] != value for name, value in values.items()):
            asked_again = any(before[name] != values[name] for name in ("code", "status_at", "status_comment"))
            due = self.now if asked_again else before["history_due"]
            self._different.append({"row_id": held.invoice_id, **values, "changed_at": self.now, "history_due": due})
        invoice = TrackedInvoice(
            row_version=row_version(held),
            document=held.name,
            draft=load(Draft, held.draft) if held.draft else Draft(),
            status=held.status,
            status_at=held.status_at,
            remote_at=held.remote_at,
        )
        found = observed(invoice, row, self.account, old_before=self.old_before, now=self.now)
        if found is not None:
            self._apply(found)

    def _apply(self, found: Observed) -> None:
        if found.keeps_version:
            # a correction under way holds this version; the status alone takes nothing from it
            mine = invoices.c.id == found.change.row_version.invoice_id
            self.connection.execute(invoices.update().where(mine).values(**found.change.values))
            list_again(self.connection, [found.change.row_version.invoice_id])
        elif not apply(self.connection, found.change, now=self.now):
            return
        self.stored.changed += found.changed
        self._events += found.events

    # -- invoices that we never sent -------------------------------------------------------------------------------

    def _insert_foreign(self, rows: Sequence[RemoteInvoice]) -> None:
        if not rows:
            return
        found = [foreign(row, self.account, now=self.now) for row in rows]
        made = insert_returning(self.connection, invoices, [one.values for one in found], "id", "chorus_id")
        ids = {chorus_id: invoice_id for invoice_id, chorus_id in made}
        found = [one for one in found if one.row.chorus_id in ids]  # another run stored the others in this moment
        for one in found:
            invoice_id = ids[one.row.chorus_id]
            self._fresh.append(self._first_seen(invoice_id, remote_values(one.row)))
            self._events += one.events(invoice_id, self.account, old_before=self.old_before, now=self.now)
        log_first_moves(self.connection, [(ids[one.row.chorus_id], one.move) for one in found], now=self.now)
        self.stored.new += len(found)
        self.stored.foreign += len(found)

    # -- in bulk at the end ----------------------------------------------------------------------------------------

    def _first_seen(self, invoice_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        times = {"first_seen_at": self.now, "changed_at": self.now, "history_due": self.now}
        return {"invoice_id": invoice_id, **values, **times}

    def _flush(self) -> None:
        list_again(self.connection, [row["invoice_id"] for row in self._fresh])
        list_again(self.connection, [row["row_id"] for row in self._different])
        insert_new(self.connection, remote_invoices, *self._fresh)
        if self._different:
            names = [name for name in self._different[0] if name != "row_id"]
            mine = remote_invoices.update().where(remote_invoices.c.invoice_id == sa.bindparam("row_id"))
            self.connection.execute(mine.values({name: sa.bindparam(name) for name in names}), self._different)
        announce_all(self.connection, self._events)


def announce_all(connection: Connection, found: Sequence[NewEvent]) -> None:
    """Writes events in the transaction that caused them; those whose `once` is stored already are dropped."""
    by_name = {event.once: event for event in found if event.once is not None}
    for chunk in _chunks(sorted(by_name)):
        for name in connection.scalars(sa.select(events.c.once).where(events.c.once.in_(chunk))).all():
            del by_name[name]
    insert_new(connection, events, *map(event_row, by_name.values()))


def remote_values(row: RemoteInvoice) -> dict[str, Any]:
    """The row as it is kept, amounts as texts."""
    return {
        "number": row.number,
        "code": row.status,
        "status_at": row.status_at,
        "status_comment": row.status_comment,
        "credit_note": row.credit_note,
        "supplier_siret": row.supplier_siret,
        "recipient_siret": row.recipient_siret,
        "recipient_name": row.recipient_name,
        "service_code": row.service_code,
        "engagement_number": row.engagement_number,
        "total_excl_tax": amount_text(row.total_excl_tax),
        "total_incl_tax": amount_text(row.total_incl_tax),
        "amount_due": amount_text(row.amount_due),
        "issue_date": row.issue_date,
        "deposited_on": row.deposited_on,
        "rejection_handled": row.rejection_handled,
    }


def _is_foreign(held: AnyRow) -> bool:
    return held.document_id is None


def _same_number(held: AnyRow, row: RemoteInvoice) -> bool:
    """Whether it is still the invoice that we know under the platform's number."""
    ours = {number_key(number) for number in (held.remote_number, held.invoice_number) if number}
    return not row.number or not ours or number_key(row.number) in ours


def _chunks(items: Sequence[Item]) -> list[Sequence[Item]]:
    """SQLite bounds the number of parameters."""
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
