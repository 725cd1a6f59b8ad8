"""The list of the tracking, for its page and for programs: what an address asks for, and the rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from include.application.ports.invoice_views import InvoiceFilter, InvoiceRow
from include.application.ports.paging import Page, Totals
from include.application.tracking.live_list import laid_over
from include.application.views.filters import invoice_filter
from include.domain.codes import REMOTE_STATUSES
from include.domain.configuration import Configuration
from include.domain.configuration.base import PARIS
from include.domain.errors import InputError
from include.texts import Language
from include.web.guards.person import Person
from include.web.host import Services
from include.web.invoices.live_list import Source, sources_of
from include.web.rendering.query import PLACES, Query

FILTERS = (
    "q",
    "status",
    "provider",
    "recipient",
    "deposited_from",
    "deposited_to",
    "status_from",
    "status_to",
    "total_min",
    "total_max",
    "overdue",
)
FIRST_SORT = "-deposited"


@dataclass(frozen=True, kw_only=True)
class FoundInvoices:
    """One page of the list, and how much its filter takes in all; `today` is that of Paris.

    `sources`: for each provider how fresh its rows are, and what is not in the stored list.
    """

    page: Page[InvoiceRow]
    totals: Totals
    today: dt.date
    sources: Sequence[Source] = ()


def asked_of(request: Request) -> Query:
    """The query of the list."""
    return Query(request, keys=(*FILTERS, "sort", "limit", *PLACES), sort=FIRST_SORT)


def wanted_of(asked: Query, configuration: Configuration, today: dt.date) -> InvoiceFilter:
    """The invoices that a query asks for; InputError for a status, provider, date or amount that there is not."""
    unknown = [status for status in asked.all("status") if status not in REMOTE_STATUSES]
    if unknown:
        raise InputError("no_such_status", name=unknown[0], allowed=", ".join(sorted(REMOTE_STATUSES)))
    return invoice_filter(
        configuration,
        text=asked.one("q"),
        statuses=asked.all("status"),
        provider=asked.one("provider"),
        recipient=asked.one("recipient"),
        deposited=(asked.day("deposited_from"), asked.day("deposited_to")),
        status_set=(asked.day("status_from"), asked.day("status_to")),
        total=(asked.amount("total_min"), asked.amount("total_max")),
        overdue_on=today if asked.one("overdue") == "1" else None,
    )


def today_of(services: Services) -> dt.date:
    """Today in Paris."""
    return services.clock.now().astimezone(PARIS).date()


async def found_of(services: Services, person: Person, asked: Query, language: Language) -> FoundInvoices:
    """What this person sees of them: the stored list, and over it what the platform says now in Remote mode."""
    today = today_of(services)
    wanted, request = wanted_of(asked, person.configuration, today), asked.page()
    views = services.store.invoice_views

    def stored() -> tuple[Page[InvoiceRow], Totals]:
        return views.page(person.viewer, wanted, request), views.totals(person.viewer, wanted)

    page, totals = await run_in_threadpool(stored)
    first_page = request.after is None and request.before is None
    sources = await sources_of(services, person, wanted, language, first_page=first_page)
    answers = [one.live for one in sources if one.live is not None]
    rows = laid_over(page.items, answers)
    return FoundInvoices(page=dataclasses.replace(page, items=rows), totals=totals, today=today, sources=sources)
