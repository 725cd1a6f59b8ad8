"""What a row of the platform's list means for an invoice of ours, and for one that we never sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from include.domain.causes import CauseCode, cause
from include.domain.codes import UNKNOWN_STATUS
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft
from include.domain.notification import EventKind, NewEvent, invoice_facts, old_news
from include.domain.submission import RemoteInvoice, number_key
from include.domain.tracking import TRACKED, Account, Known, News, amount_text, first_news_of, news_of
from include.domain.transitions.change import Change, Move

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, kw_only=True)
class TrackedInvoice:
    """An invoice that bears a number of the platform, as we knew it; `remote_at`: the platform's last date of it."""

    row_version: RowVersion
    document: str | None
    draft: Draft
    status: str | None
    status_at: dt.datetime | None
    remote_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What a row of the platform's list means for an invoice that we know.

    `changed` counts; `keeps_version`: the status takes nothing from a sender. `events` are told together at the end of
    a batch, those of `change` are none.
    """

    change: Change
    changed: bool
    keeps_version: bool
    events: tuple[NewEvent, ...] = ()


def observed(
    invoice: TrackedInvoice, row: RemoteInvoice, account: Account, *, old_before: dt.datetime | None, now: dt.datetime
) -> Observed | None:
    """Compares a row with what we knew; None where nothing is new. News older than `old_before` reaches dashboards."""
    held = invoice.row_version
    news = news_of(Known(state=held.state, status=invoice.status, remote_at=invoice.remote_at), row)
    if not (news.moves or news.status != invoice.status or row.status_at not in (None, invoice.status_at)):
        return None
    why = cause(CauseCode.STATUS, status=row.status)
    change = Change(
        row_version=held,
        moves=tuple(Move(after=after, cause=why) for after in news.moves),
        values={"status": news.status, "status_at": row.status_at or invoice.status_at or now},
    )
    told: list[NewEvent] = []
    if news.told:
        old = old_before is not None and (row.status_at is None or row.status_at < old_before)
        before = None if invoice.status == news.status else invoice.status
        about = (row, news, change.after, invoice.draft, account, now)
        told.append(_status_changed(held.invoice_id, *about, document=invoice.document, before=before, old=old))
    told += _odd_status(row, news, account, now)
    return Observed(
        change=change,
        changed=bool(news.moves) or news.status != invoice.status,
        keeps_version=not news.moves and held.state not in TRACKED,
        events=tuple(told),
    )


# -- invoices that we never sent ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """An invoice that was typed on the portal or sent by other software, as it is stored at first sight."""

    row: RemoteInvoice
    news: News
    move: Move
    values: dict[str, Any]

    def events(
        self, invoice_id: int, account: Account, *, old_before: dt.datetime | None, now: dt.datetime
    ) -> list[NewEvent]:
        """What people hear of it, once it has an id."""
        told: list[NewEvent] = []
        if self.news.told:
            old = old_before is not None
            told.append(
                _status_changed(invoice_id, self.row, self.news, self.move.after, Draft(), account, now, old=old)
            )
        return told + _odd_status(self.row, self.news, account, now)


def foreign(row: RemoteInvoice, account: Account, *, now: dt.datetime) -> Foreign:
    """An invoice that we never sent, with the state that its status means."""
    news = first_news_of(row)
    (state,) = news.moves
    deposited = row.deposited_on
    values = {
        "state": state,
        "version": 1,
        "provider_key": account.provider_key,
        "environment": account.environment,
        "invoice_number": row.number or None,
        "number_key": number_key(row.number) or None,
        "supplier_siret": row.supplier_siret or account.siret,
        "recipient_siret": row.recipient_siret,
        "total_incl_tax": amount_text(row.total_incl_tax, unsigned=True),
        "ever_unknown": False,
        "empty_searches": 0,
        "chorus_id": row.chorus_id,
        "status": news.status,
        "status_at": row.status_at or now,
        # people look for it by the day on which it was deposited
        "created_at": dt.datetime.combine(deposited, dt.time(), tzinfo=_PARIS) if deposited else now,
        "changed_at": now,
    }
    return Foreign(row=row, news=news, move=Move(after=state, cause=cause(CauseCode.FOREIGN)), values=values)


# -- what people hear --------------------------------------------------------------------------------------------------


def unknown_status(provider_key: str, code: str, number: str, now: dt.datetime) -> NewEvent:
    """The alert that the platform gave a status nobody listed: once per provider and status, with an example."""
    facts = {"code": "unknown_status", "status": code, "number": number or "?", "provider": provider_key}
    name = f"unknown_status:{provider_key}:{code}"
    return NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider_key, facts=facts, once=name)


def _odd_status(row: RemoteInvoice, news: News, account: Account, now: dt.datetime) -> list[NewEvent]:
    if news.status != UNKNOWN_STATUS:
        return []
    return [unknown_status(account.provider_key, row.status, row.number, now)]


def _status_changed(
    invoice_id: int,
    row: RemoteInvoice,
    news: News,
    state: State,
    draft: Draft,
    account: Account,
    now: dt.datetime,
    *,
    document: str | None = None,
    before: str | None = None,
    old: bool,
) -> NewEvent:
    facts = invoice_facts(
        document=document,
        number=draft.text("invoice_number") or row.number,
        recipient_name=draft.text("recipient_name") or row.recipient_name,
        recipient_siret=row.recipient_siret or draft.text("recipient_siret"),
        total_incl_tax=draft.shown("total_incl_tax") or amount_text(row.total_incl_tax, unsigned=True),
        user_label=draft.text("user_label"),
        state=state,
        chorus_id=row.chorus_id,
        status=news.status,
        status_before=before,
        comment=row.status_comment,
    )
    event = NewEvent(
        kind=EventKind.STATUS_CHANGED,
        at=now,
        provider_key=account.provider_key,
        invoice_id=invoice_id,
        facts=facts,
        once=f"status_changed:{invoice_id}:{row.status}:{row.status_at.isoformat() if row.status_at else '-'}",
    )
    return old_news(event) if old else event
