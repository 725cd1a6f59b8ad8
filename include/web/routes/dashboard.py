"""The dashboard: what waits for a person, what goes by itself, what was sent, and what this person was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from croniter import croniter
from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from include.application.ports.paging import PageRequest
from include.application.ports.runs import FlowRun
from include.application.tracking.ask_now import ask_now
from include.application.views.dashboard import AGES, Dashboard, dashboard
from include.domain.configuration.base import PARIS
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.host import Services
from include.web.notification_links import link_of
from include.web.rendering import charts
from include.web.rendering.pages import address_of, page

router = guarded(Right.DOCUMENTS)
asking = guarded(Right.SETTINGS)

_NEWEST = 6
"""Notifications on the dashboard; their page has all."""


@dataclass(frozen=True, kw_only=True)
class DashboardFigures:
    """What the dashboard shows, for its page and for programs; `last_runs` by the name of the flow."""

    found: Dashboard
    last_runs: Mapping[str, FlowRun]
    next_pass: dt.datetime | None
    unread: int


def standing_of(services: Services, person: Person) -> DashboardFigures:
    """The figures of this person, as they are now."""
    now, store = services.clock.now(), services.store
    found = dashboard(
        store.dashboard_views,
        store.invoice_views,
        person.configuration,
        person.viewer,
        now,
    )
    return DashboardFigures(
        found=found,
        last_runs={run.flow: run for run in store.run_views.last_runs()},
        next_pass=next_pass(services.settings.submission_schedule, now),
        unread=store.notification_views.unread(person.name),
    )


@router.get("/")
def home(
    request: Request, person: CurrentPerson, services: CurrentServices, asked: str | None = None, paused: str = ""
) -> Response:
    """The first page; `asked`: the provider whose invoices somebody just had asked for."""
    standing = standing_of(services, person)
    found = standing.found
    told = services.store.notification_views.page(person.name, PageRequest(sort="-at", limit=_NEWEST)).items
    return page(
        request,
        "dashboard.html",
        found=found,
        last_runs=standing.last_runs,
        next_pass=standing.next_pass,
        notifications=told,
        links={row.event.id: link_of(row, person) for row in told},
        unread=standing.unread,
        first_warning=person.configuration.watchdog.password_days,
        asked=person.configuration.provider(asked) if asked else None,
        paused=bool(paused),
        ages=AGES,
        scale=charts.scale_of(found.days),
        columns=charts.columns(found.days),
        bars=charts.bars(found.ages),
        shares=charts.shares(found.days),
    )


@asking.post("/retrieval")
def retrieval(request: Request, person: CurrentPerson, provider: Annotated[str, Form()]) -> Response:
    """Asks the platform now what became of a provider's invoices; the run goes on by itself."""
    started = ask_now(host_of(request).dag_runs, person.configuration, person.viewer, provider, actor=person.name)
    query = urlencode({"asked": provider, **({"paused": "1"} if started.paused else {})})
    return RedirectResponse(f"{address_of(request).root}/?{query}", 303)


def next_pass(schedule: str, now: dt.datetime) -> dt.datetime | None:
    """When the ten-minute flow is due next; None where its schedule is not a cron line."""
    if not croniter.is_valid(schedule):
        return None
    found: dt.datetime = croniter(schedule, now.astimezone(PARIS)).get_next(dt.datetime)
    return found
