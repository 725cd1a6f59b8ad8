"""The list of documents to be submitted, for its page and for programs: what an address asks for, and the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import Request

from include.application.ports.document_views import SORTS, DocumentFilter, DocumentRow
from include.application.ports.paging import Page, Totals, check_sort
from include.application.views.filters import document_filter
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.web.guards.person import Person
from include.web.host import Services
from include.web.rendering.query import PLACES, Query

FILTERS = ("q", "provider", "reason", "recipient", "arrived_from", "arrived_to")
KEYS = ("tab", *FILTERS, "sort")
"""Of the query, without the place in the list."""

FIRST_TAB = "todo"
FIRST_SORT = "arrived"


@dataclass(frozen=True, kw_only=True)
class FoundDocuments:
    """One page of the list, and how much its filter takes in all."""

    page: Page[DocumentRow]
    totals: Totals


def asked_of(request: Request) -> Query:
    """The query of the list."""
    return Query(request, keys=(*KEYS, "limit", *PLACES), sort=FIRST_SORT)


def asked_again(path: str, query: str) -> Query:
    """The query of the list as a form of its page gives it back: which documents, and not which page of them."""
    return Query.of(path, {key: some for key, some in parse_qs(query).items() if key in KEYS}, sort=FIRST_SORT)


def asked_by(path: str, given: Mapping[str, Sequence[str]]) -> Query:
    """The query as a program gives it; InputError for a key that the list has not, or that names a page of it."""
    unknown = [key for key in given if key not in KEYS]
    if unknown:
        raise InputError("no_such_filter", key=unknown[0], allowed=", ".join(KEYS))
    asked = Query.of(path, given, sort=FIRST_SORT)
    check_sort(asked.sort, SORTS)
    return asked


def tab_of(asked: Query) -> str:
    """The tab that is asked for."""
    return asked.one("tab") or FIRST_TAB


def wanted_of(asked: Query, configuration: Configuration) -> DocumentFilter:
    """The documents that a query asks for; InputError for a tab, provider or date that there is not."""
    return document_filter(
        configuration,
        tab=tab_of(asked),
        text=asked.one("q"),
        provider=asked.one("provider"),
        reasons=asked.all("reason"),
        recipient=asked.one("recipient"),
        arrived=(asked.day("arrived_from"), asked.day("arrived_to")),
    )


def page_of(services: Services, person: Person, asked: Query) -> FoundDocuments:
    """What this person sees of them."""
    wanted = wanted_of(asked, person.configuration)
    views = services.store.document_views
    return FoundDocuments(
        page=views.page(person.viewer, wanted, asked.page()), totals=views.totals(person.viewer, wanted)
    )
