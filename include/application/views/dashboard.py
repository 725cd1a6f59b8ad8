"""What one person finds on the dashboard: what waits, what goes by itself, what was sent, by provider and in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from include.application.ports.dashboard_views import AgedCount, Contact, DashboardViews, ReasonCount, SentOnDay
from include.application.ports.document_views import TABS
from include.application.ports.invoice_views import InvoiceFilter, InvoiceViews
from include.application.ports.providers import ProviderHealth
from include.domain.configuration import Configuration, Provider
from include.domain.configuration.base import PARIS
from include.domain.correction import ACKNOWLEDGE_DAYS, ACKNOWLEDGED
from include.domain.lifecycle import State
from include.domain.rights import Viewer

DAYS = 14
"""The charts look back so far."""

AGES = (1, 3, 7, 30)
"""Days by which the age of what waits for a person is grouped; the last group is older."""

SOON_DAYS = 2
"""A returned invoice that must be acknowledged within so many days is pointed out."""

FOR_A_PERSON = TABS["todo"]
RETURNED = (State.TO_PROCESS, State.CORRECTING, State.CORRECTION_UNKNOWN)
_COUNTED = (*FOR_A_PERSON, State.READY, State.UNKNOWN, *RETURNED)


@dataclass(frozen=True, kw_only=True)
class ProviderStanding:
    """One provider's invoices by what is to be done about them, and whether it may call.

    `retrieved_at`: its last good retrieval in Local mode; `retrieval_failed_at`: one after it that failed.
    `login_days`: days of the calendar in Paris until its password or certificate ends, whichever is first; negative
    when it is past, None where that is not known.
    """

    provider: Provider
    to_complete: int
    ready: int
    sent_today: int
    returned: int
    health: ProviderHealth
    retrieved_at: dt.datetime | None
    retrieval_failed_at: dt.datetime | None
    login_days: int | None


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was sent on one day of Paris; `untouched`: what no person had touched."""

    day: dt.date
    count: int = 0
    untouched: int = 0


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """All counts; `oldest_at`: when the oldest that waits for a person arrived. `ages`: as many as AGES and one.

    `returned_soon`: returned ones that must be acknowledged within SOON_DAYS, or should have been.
    """

    to_complete: int
    ready: int
    unknown: int
    returned: int
    returned_soon: int
    oldest_at: dt.datetime | None
    sent_today: int
    amount_today: Decimal
    providers: tuple[ProviderStanding, ...]
    reasons: tuple[ReasonCount, ...]
    days: tuple[Day, ...]
    ages: tuple[int, ...] = field(default_factory=tuple)

    @property
    def untouched_share(self) -> float | None:
        """Of what the charts' days saw sent, the share that no person had touched, 0 to 1; None where nothing was."""
        count = sum(day.count for day in self.days)
        return sum(day.untouched for day in self.days) / count if count else None


def dashboard(
    views: DashboardViews,
    invoices: InvoiceViews,
    configuration: Configuration,
    viewer: Viewer,
    now: dt.datetime,
) -> Dashboard:
    """The dashboard of this person at this time."""
    today = now.astimezone(PARIS).date()
    waiting = views.waiting(viewer, _COUNTED, [now - dt.timedelta(days=days) for days in AGES])
    sent = views.sent(viewer, today - dt.timedelta(days=DAYS - 1), today)
    sent_today = [one for one in sent if one.day == today]
    seen = [one for one in configuration.providers if viewer.everything or one.key in viewer.provider_keys]
    contacts = views.contacts([one.key for one in seen])
    return Dashboard(
        to_complete=_count(waiting, FOR_A_PERSON),
        ready=_count(waiting, (State.READY,)),
        unknown=_count(waiting, (State.UNKNOWN,)),
        returned=_count(waiting, RETURNED),
        returned_soon=_soon(invoices, viewer, today),
        oldest_at=min((one.oldest_at for one in waiting if one.state in FOR_A_PERSON), default=None),
        sent_today=sum(one.count for one in sent_today),
        amount_today=sum((one.amount for one in sent_today), Decimal()),
        providers=tuple(_standing(one, waiting, sent_today, contacts[one.key], today) for one in seen),
        reasons=tuple(views.reasons(viewer, FOR_A_PERSON)),
        days=tuple(_days(sent, today)),
        ages=tuple(_count([one for one in waiting if one.age == age], FOR_A_PERSON) for age in range(len(AGES) + 1)),
    )


def _standing(
    provider: Provider,
    waiting: Sequence[AgedCount],
    sent_today: Sequence[SentOnDay],
    contact: Contact,
    today: dt.date,
) -> ProviderStanding:
    health = contact.health
    ends = [one for one in (health.password_expires_at, health.certificate_expires_at) if one is not None]
    own = [one for one in waiting if one.provider_key == provider.key]
    return ProviderStanding(
        provider=provider,
        to_complete=_count(own, FOR_A_PERSON),
        ready=_count(own, (State.READY,)),
        sent_today=sum(one.count for one in sent_today if one.provider_key == provider.key),
        returned=_count(own, RETURNED),
        health=health,
        retrieved_at=contact.retrieved_at if provider.loading == "local" else None,
        retrieval_failed_at=contact.retrieval_failed_at if provider.loading == "local" else None,
        login_days=min(((one.astimezone(PARIS).date() - today).days for one in ends), default=None),
    )


def _soon(invoices: InvoiceViews, viewer: Viewer, today: dt.date) -> int:
    """Those whose status was set so long ago that SOON_DAYS or less are left to acknowledge them."""
    set_by = today - dt.timedelta(days=ACKNOWLEDGE_DAYS - SOON_DAYS)
    wanted = InvoiceFilter(returned=True, statuses=tuple(sorted(ACKNOWLEDGED)), status_to=set_by)
    return invoices.totals(viewer, wanted).total


def _count(waiting: Sequence[AgedCount], states: Sequence[State]) -> int:
    return sum(one.count for one in waiting if one.state in states)


def _days(sent: Sequence[SentOnDay], today: dt.date) -> list[Day]:
    by_day: Mapping[dt.date, list[SentOnDay]] = {
        today - dt.timedelta(days=back): [] for back in range(DAYS - 1, -1, -1)
    }
    for one in sent:
        by_day[one.day].append(one)
    return [
        Day(day=day, count=sum(one.count for one in of), untouched=sum(one.untouched for one in of))
        for day, of in by_day.items()
    ]
