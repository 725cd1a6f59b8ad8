"""Who there is, in which language, who administers; who sees only invoices with a label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from include.application.administration.configure import Applied
from include.application.administration.item_editing import ItemList, digest_of
from include.domain.configuration import Audience, Configuration
from include.domain.configuration.base import Item
from include.domain.errors import StaleError
from include.domain.rights import administers
from include.texts import LANGUAGES
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.host import Services
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm, stored
from include.web.settings.menu import settings_page
from include.web.settings.people import (
    GROUPS,
    LABEL_RIGHTS,
    USERS,
    group_values,
    label_values,
    providers_of,
    strangers,
    unmapped,
    user_values,
)

router = guarded(Right.SETTINGS)
PEOPLE, LABELS = "/settings/people", "/settings/label-rights"

MOST_STRANGERS = 20
"""Users of Airflow that a page offers one by one; the form's list of names has all."""

REFUSALS = ("yourself", "changed")
"""Why it was not stored who administers."""


@router.get(PEOPLE)
def people(request: Request, person: CurrentPerson) -> Response:
    """Users and groups; the form of one of them."""
    form, kind = None, ""
    for name, items in (("user", USERS), ("group", GROUPS)):
        identity = request.query_params.get(name)
        if identity is not None:
            form, kind = _opened(items, person, identity), name
    if request.query_params.get("new") in ("user", "group"):
        form, kind = ItemForm(typed=_begun(request, person)), request.query_params["new"]
    return _people(request, person, form, kind)


def _begun(request: Request, person: Person) -> dict[str, Any]:
    """What an empty form begins with: one of Airflow's users, chosen by name."""
    chosen = next(
        (one for one in strangers(host_of(request), person) if one.name == request.query_params.get("name")), None
    )
    return {} if chosen is None else {"name": chosen.name, "mail": chosen.mail}


@router.post(PEOPLE + "/user")
async def save_user(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores a user."""
    return await _saved(request, person, services, USERS, user_values, "user")


@router.post(PEOPLE + "/group")
async def save_group(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores a group."""
    return await _saved(request, person, services, GROUPS, group_values, "group")


@router.post(PEOPLE + "/user/remove")
async def remove_user(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes a user out, whom nothing else names any more."""
    return await _removed(request, person, services, USERS, user_values, "user")


@router.post(PEOPLE + "/group/remove")
async def remove_group(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes a group out, which nothing else names any more."""
    return await _removed(request, person, services, GROUPS, group_values, "group")


@router.post(PEOPLE + "/administer")
async def save_administer(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Who administers; nobody takes the right from themselves."""
    async with request.form() as form:
        named = {name: [str(one) for one in form.getlist(name)] for name in ("users", "groups")}
        seen = row_id(str(form.get("revision") or "")) or 0

    def saved() -> Response:
        wanted = Audience.model_validate(named)
        would_be = person.configuration.model_copy(update={"administer": wanted})
        airflow = person.signed_in.administers_airflow
        if not administers(would_be, person.name, administers_airflow=airflow):
            return _people(request, person, None, "", refused="yourself", status=422)
        try:
            applied = editing_of(services, person).apply_sections(Configuration(administer=wanted), "people", seen)
        except StaleError:
            return _people(request, person, None, "", refused="changed", status=409)
        return _done(request, PEOPLE, applied.revision)

    return await run_in_threadpool(saved)


@router.get(LABELS)
def label_rights(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Who sees only invoices with a label, and labels that nobody has."""
    return _labels(request, person, services, ItemForm(typed={}))


@router.post(LABELS)
async def save_label(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One more label for a user."""
    return await _saved(request, person, services, LABEL_RIGHTS, label_values, "label")


@router.post(LABELS + "/remove")
async def remove_label(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes a label from a user."""
    return await _removed(request, person, services, LABEL_RIGHTS, label_values, "label")


Values = Callable[[FormData], dict[str, Any]]


def _opened(items: ItemList[Any], person: Person, identity: str) -> ItemForm:
    known = items.one(person.configuration, identity)
    return ItemForm(typed=known.model_dump(mode="json"), identity=identity, digest=digest_of(known))


async def _form(request: Request, values: Values) -> ItemForm:
    async with request.form() as form:
        return ItemForm(
            typed=values(form), identity=str(form.get("identity") or "") or None, digest=str(form.get("digest") or "")
        )


async def _saved(
    request: Request, person: Person, services: Services, items: ItemList[Any], values: Values, kind: str
) -> Response:
    form = await _form(request, values)
    editing = editing_of(services, person)

    def put() -> Applied:
        return items.put(editing, items.made(form.typed), identity=form.identity, digest=form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, items, form, put, kind))


async def _removed(
    request: Request, person: Person, services: Services, items: ItemList[Any], values: Values, kind: str
) -> Response:
    form = await _form(request, values)
    editing = editing_of(services, person)

    def remove() -> Applied:
        return items.remove(editing, form.identity or "", form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, items, form, remove, kind))


def _stored(
    request: Request,
    person: Person,
    services: Services,
    items: ItemList[Any],
    form: ItemForm,
    work: Callable[[], Applied],
    kind: str,
) -> Response:
    def shown(again: ItemForm, status: int) -> Response:
        if kind == "label":
            return _labels(request, person, services, again, status=status)
        return _people(request, person, again, kind, status=status)

    def made() -> Item:
        found: Item = items.made(form.typed)
        return found

    place = LABELS if kind == "label" else PEOPLE
    return stored(
        form,
        items,
        services,
        made=made,
        work=work,
        done=lambda revision: _done(request, place, revision),
        shown=shown,
    )


def _done(request: Request, place: str, revision: int) -> Response:
    return RedirectResponse(f"{address_of(request).root}{place}?{urlencode({'done': revision})}", 303)


def _people(
    request: Request,
    person: Person,
    form: ItemForm | None,
    kind: str,
    *,
    refused: str | None = None,
    status: int = 200,
) -> Response:
    configuration = person.configuration
    return settings_page(
        request,
        "people",
        "settings_people.html",
        status=status,
        people=configuration.people,
        administer=configuration.administer,
        strangers=strangers(host_of(request), person),
        most_strangers=MOST_STRANGERS,
        providers=providers_of(configuration),
        languages=LANGUAGES,
        revision=person.revision,
        form=form,
        kind=kind,
        refused=refused,
        done=row_id(request.query_params.get("done")),
    )


def _labels(request: Request, person: Person, services: Services, form: ItemForm, *, status: int = 200) -> Response:
    configuration = person.configuration
    return settings_page(
        request,
        "label-rights",
        "settings_label_rights.html",
        status=status,
        rights=[(one, digest_of(one)) for one in configuration.label_rights],
        users=[one.name for one in configuration.people.users],
        unmapped=unmapped(services, person),
        live=[one.name for one in configuration.providers if one.loading == "remote"],
        form=form,
        done=row_id(request.query_params.get("done")),
    )
