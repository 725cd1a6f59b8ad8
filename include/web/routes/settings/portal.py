"""The document portal: where it is, what is written back, and what a look at it finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from include.application.administration.item_editing import FaultyItemError
from include.application.administration.portal_trial import PortalTrial, moves_portal, try_portal
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import counted, within
from include.web.rendering.language import language_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm
from include.web.settings.menu import settings_page
from include.web.settings.sections import PORTAL

router = guarded(Right.SETTINGS)
PATH = "/settings/portal"

LOOKS_A_MINUTE = 10
PATIENCE_SECONDS = 20.0
"""A look that takes longer is not waited for; the passes have more time."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a look found, or why it found nothing: `failed`, or `late` where it took too long; `gone`: no portal."""

    trial: PortalTrial | None = None
    failed: ConnectorError | None = None
    late: bool = False
    gone: bool = False

    @property
    def effect(self) -> str:
        """What a form carries of what was shown with it."""
        if self.trial is not None:
            return str(self.trial.missing)
        return "gone" if self.gone else "unseen"

    @property
    def to_confirm(self) -> bool:
        """Whether invoices might be held, or documents no longer come."""
        return self.trial is None or self.trial.missing > 0


@router.get(PATH)
def portal(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Where it is."""
    return _shown(request, person, services, PORTAL.opened(person.configuration, language_of(request, person)))


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What a look by the form as it is written finds; nothing is stored, no document is taken."""
    async with request.form() as given:
        form = PORTAL.sent(given)
    try:
        wanted = await run_in_threadpool(lambda: _wanted(services, person, form))
        looked = await _look(services, person, wanted)
    except FaultyItemError as error:
        faulty = replace(form, fault=error)
        return await run_in_threadpool(lambda: _shown(request, person, services, faulty, status=422))
    return await run_in_threadpool(lambda: _shown(request, person, services, form, looked=looked))


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it; where documents that are known would be missing, or the portal goes, that is shown first."""
    async with request.form() as given:
        form, effect = PORTAL.sent(given), str(given.get("effect") or "")
    looked = await _look_before(services, person, form)
    if looked is not None and looked.to_confirm and looked.effect != effect:
        return await run_in_threadpool(lambda: _shown(request, person, services, form, looked=looked, asks=True))
    return await run_in_threadpool(
        lambda: PORTAL.save(
            request,
            form,
            editing_of(services, person),
            services,
            lambda again, status: _shown(request, person, services, again, status=status),
        )
    )


async def _look_before(services: Services, person: Person, form: ItemForm) -> Looked | None:
    """What a look finds where storing would move the portal; None where it does not, or is refused anyhow."""
    if form.digest != PORTAL.values.digest(person.configuration):
        return None
    try:
        wanted = await run_in_threadpool(lambda: _wanted(services, person, form))
    except FaultyItemError:
        return None
    return await _look(services, person, wanted) if moves_portal(person.configuration, wanted) else None


def _wanted(services: Services, person: Person, form: ItemForm) -> Configuration:
    """FaultyItemError for what cannot be taken."""
    return PORTAL.values.tried(editing_of(services, person), PORTAL.values_in(form.typed))


async def _look(services: Services, person: Person, wanted: Configuration) -> Looked:
    if wanted.portal is None:
        return Looked(gone=True)
    counted(services, person, "portal_look", LOOKS_A_MINUTE)

    def look() -> Looked:
        try:
            known = services.store.documents.known_signatures()
            return Looked(trial=try_portal(services.portal(wanted), known, person.viewer))
        except ConnectorError as error:
            return Looked(failed=error)

    return await within(PATIENCE_SECONDS, look) or Looked(late=True)


def _shown(
    request: Request,
    person: Person,
    services: Services,
    form: ItemForm,
    *,
    looked: Looked | None = None,
    asks: bool = False,
    status: int = 200,
) -> Response:
    """`asks`: what the look found is to be confirmed before it is stored."""
    language = language_of(request, person)
    return settings_page(
        request,
        "portal",
        "settings_portal.html",
        status=status,
        form=form,
        card=PORTAL.cards(language)[0],
        labels=PORTAL.labels(form.typed, language),
        looked=looked,
        asks=asks,
        touches=services.store.configuration.unsent_invoices(),
        done=row_id(request.query_params.get("done")),
    )
