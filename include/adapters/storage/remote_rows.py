"""Rows of the platform's search, stored with the moves and events that follow: one transaction a batch.

Nothing here decides what a status means (`domain/tracking.py`) or what was ours (`domain/submission.py`).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.attempts import attempts_of
from include.adapters.storage.codec import load
from include.adapters.storage.invoice_rows import SYSTEM, TICKET_COLUMNS, log_move, move, ticket, touch
from include.adapters.storage.settlement import settle
from include.adapters.storage.tables import AnyRow, documents, events, invoices, moves, remote_invoices, reserved_keys
from include.application.storage_ports import Ticket
from include.application.tracking_port import Account, Stored
from include.domain.codes import UNKNOWN_STATUS
from include.domain.lifecycle import State, allowed
from include.domain.mapping import Draft
from include.domain.notification import EventKind, NewEvent, invoice_facts, old_news
from include.domain.submission import RemoteInvoice, Verdict, after_search, number_key
from include.domain.tracking import TRACKED, Known, News, amount_text, first_news_of, news_of

logger = logging.getLogger(__name__)

_PARIS = ZoneInfo("Europe/Paris")
_CHUNK = 500

Item = TypeVar("Item")

_COLUMNS = (
    *TICKET_COLUMNS,
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
        ours, skipped = self._recover([row for chorus_id, row in by_id.items() if chorus_id not in known])
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
        loses = {"chorus_id": None, "version": invoices.c.version + 1, "changed_at": self.now}
        self.connection.execute(invoices.update().where(invoices.c.id == held.invoice_id).values(**loses))
        state = State(held.state)
        cause = f"the platform gave its number {row.chorus_id} to another invoice"
        log_move(self.connection, held.invoice_id, state, state, cause=cause, now=self.now)

    # -- the last net under sending (exactly-once 4) ---------------------------------------------------------------

    def _recover(self, rows: Sequence[RemoteInvoice]) -> tuple[dict[int, AnyRow], set[int]]:
        """Invoices of ours whose sending was not known to have succeeded; and rows to be left to their sender.

        Its answer may be stored at this very moment: then the invoice is known now, and was not a minute ago.
        """
        holders = self._holders(rows)
        states = {row.chorus_id: self._settle(invoice_id, row) for row, invoice_id in holders}
        self.stored.recovered += sum(state is State.SUBMITTED for state in states.values())
        ours = self._known({row.chorus_id: row for row, _ in holders})
        return ours, {chorus_id for chorus_id, state in states.items() if state is State.SUBMITTING}

    def _holders(self, rows: Sequence[RemoteInvoice]) -> list[tuple[RemoteInvoice, int]]:
        """Invoices that hold the number of a row, because an attempt of theirs may have been taken."""
        by_key = {f"{row.supplier_siret or self.account.siret}:{number_key(row.number)}": row for row in rows}
        holders: list[tuple[RemoteInvoice, int]] = []
        for chunk in _chunks(sorted(by_key)):
            query = sa.select(reserved_keys.c.value, reserved_keys.c.invoice_id).where(
                reserved_keys.c.environment == self.account.environment,
                reserved_keys.c.kind == "number",
                reserved_keys.c.value.in_(chunk),
            )
            holders += [(by_key[value], invoice_id) for value, invoice_id in self.connection.execute(query)]
        return holders

    def _settle(self, invoice_id: int, row: RemoteInvoice) -> State | None:
        """The state after; None when the platform's invoice is not what one of our attempts sent."""
        query = (
            sa.select(*_COLUMNS)
            .join(documents, documents.c.id == invoices.c.document_id)
            .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
            .where(invoices.c.id == invoice_id)
            .with_for_update(of=invoices)
        )
        held = self.connection.execute(query).one_or_none()
        if held is None or not allowed(State(held.state), State.SUBMITTED, proof=True):
            return None
        if held.state == State.SUBMITTING:
            return State.SUBMITTING
        facts = [(a.state, a.submission) for a in attempts_of(self.connection, [invoice_id]).get(invoice_id, ())]
        outcome = after_search(facts, [row], again_allowed=False)
        if outcome.verdict is not Verdict.SUBMITTED or outcome.recognised is None:
            return None
        return settle(self.connection, held, outcome, search_after_seconds=0, now=self.now)

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
        news = news_of(Known(state=State(held.state), status=held.status, remote_at=held.remote_at), row)
        if news.moves or news.status != held.status or row.status_at not in (None, held.status_at):
            self._apply(held, row, news)

    def _apply(self, held: AnyRow, row: RemoteInvoice, news: News) -> None:
        values = {"status": news.status, "status_at": row.status_at or held.status_at or self.now}
        mine = ticket(held)
        if news.moves:
            for after in news.moves:
                cause = f"Chorus Pro: {row.status}"
                if not move(self.connection, mine, after, cause=cause, now=self.now, values=values):
                    return
                mine = Ticket(invoice_id=mine.invoice_id, state=after, version=mine.version + 1)
        elif mine.state in TRACKED:
            touch(self.connection, mine, values, now=self.now)
        else:
            # a correction under way holds this version; the status alone takes nothing from it
            self.connection.execute(invoices.update().where(invoices.c.id == mine.invoice_id).values(**values))
        if news.moves or news.status != held.status:
            self.stored.changed += 1
        if news.told:
            self._tell(held, row, news, mine.state)
        if news.status == UNKNOWN_STATUS:
            self._events.append(unknown_status(self.account.provider_key, row.status, row.number, self.now))

    def _tell(self, held: AnyRow, row: RemoteInvoice, news: News, state: State) -> None:
        draft = load(Draft, held.draft) if held.draft else Draft()
        old = self.old_before is not None and (row.status_at is None or row.status_at < self.old_before)
        before = None if held.status == news.status else held.status
        self._status_changed(held.invoice_id, row, news, state, draft, document=held.name, before=before, old=old)

    def _status_changed(
        self,
        invoice_id: int,
        row: RemoteInvoice,
        news: News,
        state: State,
        draft: Draft,
        *,
        document: str | None = None,
        before: str | None = None,
        old: bool,
    ) -> None:
        facts = invoice_facts(
            document=document,
            number=draft.text("invoice_number") or row.number,
            recipient_name=draft.text("recipient_name") or row.recipient_name,
            recipient_siret=row.recipient_siret or draft.text("recipient_siret"),
            total_incl_tax=draft.text("total_incl_tax") or amount_text(row.total_incl_tax, unsigned=True),
            user_label=draft.text("user_label"),
            state=state,
            chorus_id=row.chorus_id,
            status=news.status,
            status_before=before,
            comment=row.status_comment,
        )
        event = NewEvent(
            kind=EventKind.STATUS_CHANGED,
            at=self.now,
            provider_key=self.account.provider_key,
            invoice_id=invoice_id,
            facts=facts,
            once=f"status_changed:{invoice_id}:{row.status}:{row.status_at.isoformat() if row.status_at else '-'}",
        )
        self._events.append(old_news(event) if old else event)

    # -- invoices that we never sent -------------------------------------------------------------------------------

    def _insert_foreign(self, rows: Sequence[RemoteInvoice]) -> None:
        if not rows:
            return
        news = {row.chorus_id: first_news_of(row) for row in rows}
        returning = invoices.insert().returning(invoices.c.id, invoices.c.chorus_id)
        made = self.connection.execute(returning, [self._foreign(row, news[row.chorus_id]) for row in rows])
        ids = {chorus_id: invoice_id for invoice_id, chorus_id in made}
        log = []
        for row in rows:
            invoice_id, (state,) = ids[row.chorus_id], news[row.chorus_id].moves
            self._fresh.append(self._first_seen(invoice_id, remote_values(row)))
            log.append(
                {
                    "invoice_id": invoice_id,
                    "at": self.now,
                    "before": None,
                    "after": state,
                    "cause": "found on Chorus Pro, not sent by this connector",
                    "actor": SYSTEM,
                }
            )
            if news[row.chorus_id].told:
                old = self.old_before is not None
                self._status_changed(invoice_id, row, news[row.chorus_id], state, Draft(), old=old)
            if news[row.chorus_id].status == UNKNOWN_STATUS:
                self._events.append(unknown_status(self.account.provider_key, row.status, row.number, self.now))
        self.connection.execute(moves.insert(), log)
        self.stored.new += len(rows)
        self.stored.foreign += len(rows)

    def _foreign(self, row: RemoteInvoice, news: News) -> dict[str, Any]:
        (state,) = news.moves
        deposited = row.deposited_on
        return {
            "state": state,
            "version": 1,
            "provider_key": self.account.provider_key,
            "environment": self.account.environment,
            "invoice_number": row.number or None,
            "supplier_siret": row.supplier_siret or self.account.siret,
            "recipient_siret": row.recipient_siret,
            "total_incl_tax": amount_text(row.total_incl_tax, unsigned=True),
            "ever_unknown": False,
            "empty_searches": 0,
            "chorus_id": row.chorus_id,
            "status": news.status,
            "status_at": row.status_at or self.now,
            # people look for it by the day on which it was deposited
            "created_at": dt.datetime.combine(deposited, dt.time(), tzinfo=_PARIS) if deposited else self.now,
            "changed_at": self.now,
        }

    # -- in bulk at the end ----------------------------------------------------------------------------------------

    def _first_seen(self, invoice_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
        times = {"first_seen_at": self.now, "changed_at": self.now, "history_due": self.now}
        return {"invoice_id": invoice_id, **values, **times}

    def _flush(self) -> None:
        if self._fresh:
            self.connection.execute(remote_invoices.insert(), self._fresh)
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
    rows = [
        {
            "kind": event.kind,
            "provider_key": event.provider_key,
            "invoice_id": event.invoice_id,
            "at": event.at,
            "facts": dict(event.facts),
            "once": event.once,
            "distributed": False,
        }
        for event in by_name.values()
    ]
    if rows:
        connection.execute(events.insert(), rows)


def unknown_status(provider_key: str, code: str, number: str, now: dt.datetime) -> NewEvent:
    """The alert that the platform gave a status nobody listed: once per provider and status, with an example."""
    facts = {"code": "unknown_status", "status": code, "number": number or "?", "provider": provider_key}
    name = f"unknown_status:{provider_key}:{code}"
    return NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider_key, facts=facts, once=name)


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


def _same_number(held: AnyRow, row: RemoteInvoice) -> bool:
    """Whether it is still the invoice that we know under the platform's number."""
    ours = {number_key(number) for number in (held.remote_number, held.invoice_number) if number}
    return not row.number or not ours or number_key(row.number) in ours


def _chunks(items: Sequence[Item]) -> list[Sequence[Item]]:
    """SQLite bounds the number of parameters."""
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
