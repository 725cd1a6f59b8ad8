"""Which documents of the portal are invoices for us: the criteria in their order, and one of them as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from include.application.administration.criterion_trial import Trial, count_older
from include.application.administration.item_editing import FaultyItemError, ItemChangedError, digest_of
from include.application.intake.include_older import older_documents, take_older
from include.application.ports.configuration import ConfigurationChange
from include.application.ports.portal_documents import StoredDocument
from include.domain.configuration import Criterion
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.criteria import (
    CRITERIA,
    KINDS,
    rules_of,
    trial_of,
    trial_without,
    typed_in,
    typed_of,
    values_of,
)
from include.web.settings.file import editing_of
from include.web.settings.menu import settings_page
from include.web.settings.since import since_of

router = guarded(Right.SETTINGS)
PATH = "/settings/criteria"

MANY = 10
"""So many documents that a change would bring in or leave out are confirmed first."""

SHOWN = 50
"""Older documents that are listed before they are taken."""


@dataclass(frozen=True, kw_only=True)
class CriterionForm:
    """The form as it stands on the page: `identity` of the criterion it was opened with, None for a new one.

    `differences`: what keeping it would change of what somebody else stored meanwhile; `action`: what the numbers of
    the trial are to be confirmed for, `save` or `remove`.
    """

    typed: Mapping[str, Any]
    identity: str | None = None
    digest: str = ""
    fault: FaultyItemError | None = None
    differences: Sequence[ConfigurationChange] | None = None
    trial: Trial | None = None
    action: str | None = None


@dataclass(frozen=True, kw_only=True)
class OlderDocuments:
    """Documents that a criterion leaves out for their age alone: how many, and the first of them."""

    count: int
    first: tuple[StoredDocument, ...]


@router.get(PATH)
def criteria(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The list; below it the form of one criterion, an empty one, or older documents to be taken."""
    query = request.query_params
    name, older = query.get("name"), query.get("older")
    language = language_of(request, person)
    form = None
    if name is not None:
        stored = CRITERIA.one(person.configuration, name)
        form = CriterionForm(typed=typed_of(stored, language), identity=name, digest=digest_of(stored))
    elif query.get("new"):
        form = CriterionForm(typed=typed_of(None, language))
    found = None
    if older is not None:
        CRITERIA.one(person.configuration, older)
        found = _older(services, person, older)
    return _shown(request, person, form, older=older, found=found)


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What the criterion as it is written would take; nothing is stored."""
    given = await _given(request)

    def tried() -> Response:
        try:
            criterion = _criterion(request, person, given)
        except FaultyItemError as error:
            return _shown(request, person, _form(given, fault=error), status=422)
        trial = trial_of(services, person, criterion, given.identity)
        return _shown(request, person, _form(given, trial=trial))

    return await run_in_threadpool(tried)


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it; where many documents would come in or leave, the numbers are shown first."""
    given = await _given(request)
    return await run_in_threadpool(lambda: _saved(request, person, services, given))


@router.post(PATH + "/remove")
async def remove(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes it out of the list; where many documents would leave with it, the number is shown first."""
    given = await _given(request)

    def removed() -> Response:
        stored = CRITERIA.one(person.configuration, given.identity or "")
        trial = trial_without(services, person, stored.identity)
        if _to_confirm(trial, given):
            shown = replace(given, typed=typed_of(stored, language_of(request, person)))
            return _shown(request, person, _form(shown, trial=trial, action="remove"))
        try:
            applied = CRITERIA.remove(editing_of(services, person), stored.identity, given.digest)
        except (ItemChangedError, FaultyItemError) as error:
            return _refused(request, person, given, error)
        return _done(request, applied.revision)

    return await run_in_threadpool(removed)


@router.post(PATH + "/up")
async def move_up(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One place further up: the first criterion that names a provider decides."""
    given = await _given(request)
    editing = editing_of(services, person)
    applied = await run_in_threadpool(lambda: CRITERIA.move_up(editing, given.identity or ""))
    return _done(request, applied.revision)


@router.post(PATH + "/older")
async def take(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Has the criterion take the older documents that were shown; the next pass reads them."""
    given = await _given(request)

    def taken() -> Response:
        name, stock = given.identity or "", services.store.portal_stock
        CRITERIA.one(person.configuration, name)
        found = list(older_documents(stock, person.configuration, name))
        if str(len(found)) != given.effect:  # others came or left meanwhile: shown anew
            return _shown(request, person, None, older=name, found=_older(services, person, name), status=409)
        count = take_older(stock, found, name, services.clock, actor=person.name, viewer=person.viewer)
        return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'taken': count})}", 303)

    return await run_in_threadpool(taken)


@dataclass(frozen=True, kw_only=True)
class Given:
    """A form that came; `effect`: the numbers that were shown with it."""

    typed: Mapping[str, Any]
    identity: str | None
    digest: str
    effect: str


async def _given(request: Request) -> Given:
    async with request.form() as form:
        return Given(
            typed=typed_in(form),
            identity=_word(form, "identity") or None,
            digest=_word(form, "digest"),
            effect=_word(form, "effect"),
        )


def _word(form: FormData, name: str) -> str:
    return str(form.get(name) or "")


def _criterion(request: Request, person: Person, given: Given) -> Criterion:
    """The criterion of the form; FaultyItemError where what was typed makes none."""
    stored = CRITERIA.find(person.configuration, given.identity)
    return CRITERIA.made(values_of(given.typed, stored, language_of(request, person)))


def _saved(request: Request, person: Person, services: CurrentServices, given: Given) -> Response:
    try:
        criterion = _criterion(request, person, given)
        trial = trial_of(services, person, criterion, given.identity)
        if _to_confirm(trial, given):
            return _shown(request, person, _form(given, trial=trial, action="save"))
        editing = editing_of(services, person)
        applied = CRITERIA.put(editing, criterion, identity=given.identity, digest=given.digest)
    except (ItemChangedError, FaultyItemError) as error:
        return _refused(request, person, given, error)
    return _done(request, applied.revision)


def _to_confirm(trial: Trial, given: Given) -> bool:
    return max(trial.more, trial.fewer) >= MANY and given.effect != trial.effect


def _refused(request: Request, person: Person, given: Given, error: ItemChangedError | FaultyItemError) -> Response:
    """Nothing was stored: what is wrong, or what somebody else made of the criterion meanwhile."""
    if isinstance(error, FaultyItemError):
        return _shown(request, person, _form(given, fault=error), status=422)
    # the configuration of this request may be older than the one that refused
    current = host_of(request).services.store.configuration.current()[1]
    theirs = CRITERIA.theirs(current, _criterion(request, person, given), given.identity)
    form = CriterionForm(
        typed=given.typed,
        identity=None if theirs.item is None else theirs.item.identity,
        digest=theirs.digest,
        differences=theirs.differences,
    )
    return _shown(request, person, form, status=409)


def _form(given: Given, **more: Any) -> CriterionForm:
    return CriterionForm(typed=given.typed, identity=given.identity, digest=given.digest, **more)


def _older(services: CurrentServices, person: Person, name: str) -> OlderDocuments:
    stock, configuration = services.store.portal_stock, person.configuration
    count = count_older(stock, configuration, name)
    first = islice(older_documents(stock, configuration, name), min(count, SHOWN))
    return OlderDocuments(count=count, first=tuple(first))


def _done(request: Request, revision: int) -> Response:
    return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'done': revision})}", 303)


def _shown(
    request: Request,
    person: Person,
    form: CriterionForm | None,
    *,
    older: str | None = None,
    found: OlderDocuments | None = None,
    status: int = 200,
) -> Response:
    language, configuration = language_of(request, person), person.configuration
    query = request.query_params
    return settings_page(
        request,
        "criteria",
        "settings_criteria.html",
        status=status,
        criteria=[(one, since_of(one, language)) for one in configuration.criteria],
        form=form,
        kinds=KINDS,
        providers=[one.name for one in configuration.providers],
        rules=rules_of(configuration),
        older=older,
        found=found,
        done=row_id(query.get("done")),
        taken=row_id(query.get("taken")),
        portal=configuration.portal,
    )
