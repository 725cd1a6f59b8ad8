"""Documents to be submitted: the list with its tabs, filters and pages."""

from __future__ import annotations

from fastapi import Request, Response

from include.application.views.filters import ALL_TABS, WITHOUT_PROVIDER
from include.domain.errors import NotThereError
from include.web.documents.bulk_controls import ACTIONS
from include.web.documents.jobs import Job, bulk_actions, shown
from include.web.documents.listing import FILTERS, asked_of, page_of, tab_of
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.rendering.language import language_of
from include.web.rendering.pages import page
from include.web.rendering.query import Query, row_id

router = guarded(Right.DOCUMENTS)


@router.get("/documents")
def documents(
    request: Request,
    person: CurrentPerson,
    services: CurrentServices,
    job: str | None = None,
    done: str | None = None,
) -> Response:
    """One page of the documents of a tab; `job` names what was just done from here, `done` the one just dealt with."""
    asked = asked_of(request)
    found = page_of(services, person, asked)
    tab, settled = tab_of(asked), row_id(done)
    return page(
        request,
        "documents.html",
        asked=asked,
        last=None if settled is None else services.store.document_views.detail(person.viewer, settled),
        tab=tab,
        tabs=tuple(ALL_TABS),
        providers=_providers(person),
        reason_codes=_reasons(services, person, asked),
        actions=ACTIONS[tab],
        found=found.page,
        totals=found.totals,
        filtered={key: asked.all(key) for key in FILTERS if asked.all(key)},
        done=_done(request, person, job),
    )


def _providers(person: Person) -> list[str]:
    """Names to filter by, and, for who sees such documents, the word for those without one."""
    mine = [one.name for one in person.configuration.providers if one.key in person.viewer.provider_keys]
    return [*mine, WITHOUT_PROVIDER] if mine and person.viewer.without_provider else mine


def _reasons(services: Services, person: Person, asked: Query) -> list[str]:
    """Codes of the reasons that documents of this tab wait for, the most frequent first, and those asked for."""
    counted = services.store.dashboard_views.reasons(person.viewer, ALL_TABS[tab_of(asked)])
    return list(dict.fromkeys([*(one.code for one in counted), *asked.all("reason")]))


def _done(request: Request, person: Person, job: str | None) -> Job | None:
    """What became of the last action on many; nothing, where it is over or was somebody else's."""
    if job is None or not (job.isascii() and job.isdecimal() and len(job) < 12):
        return None
    try:
        found = bulk_actions(request).request(int(job))
    except NotThereError:
        return None
    return shown(request, found, language_of(request, person), most=0)
