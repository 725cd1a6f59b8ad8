"""The supplier's establishments: how each stands, and the form of one, which tries the login when it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from include.application.administration.item_editing import FaultyItemError, ItemChangedError, digest_of
from include.application.administration.provider_credentials import Credentials
from include.application.ports.configuration import ConfigurationChange
from include.application.providers.certificate_end import RENEW_DAYS, CertificateEnd, certificate_end
from include.application.providers.check_login import PASSWORD_DAYS
from include.application.providers.provider_listing import list_providers
from include.application.providers.try_logins import LoginTried
from include.domain.configuration import Configuration, Provider
from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.configuration_rules import Fault
from include.domain.configuration_rules.fault import joined
from include.domain.configuration_rules.references import naming_provider
from include.domain.errors import HeldElsewhereError
from include.domain.lifecycle import TO_BE_SENT, State
from include.domain.rights import OWNER
from include.texts import Text
from include.web.guards.body import BodyLimit
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.host import Services
from include.web.remote_calls import asking_chorus, counted
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of, log_in
from include.web.settings.menu import settings_page
from include.web.settings.providers import (
    CHOICES,
    DEFAULTS,
    LOGINS_A_MINUTE,
    PROVIDERS,
    credentials_in,
    credentials_of,
    key_of,
    provider_at,
    typed_in,
    typed_of,
    values_of,
)

router = guarded(Right.SETTINGS, limit=BodyLimit(lambda _person: 2_000_000))
PATH = "/settings/providers"
NEW = "new"


@dataclass(frozen=True, kw_only=True)
class ProviderForm:
    """The form on the page; `stored`: the provider that it was opened with, None for a new one.

    `login`: what became of the login that was just tried; `differences`: what keeping the form would change of what
    somebody else stored meanwhile.
    """

    typed: Mapping[str, Any]
    stored: Provider | None = None
    digest: str = ""
    fault: FaultyItemError | None = None
    differences: Sequence[ConfigurationChange] | None = None
    login: LoginTried | None = None
    done: int | None = None


@router.get(PATH)
def providers(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Each with its health."""
    configuration, language = person.configuration, language_of(request, person)
    rows = list_providers(services.store.providers, configuration, now=services.clock.now(), language=language)
    keys = {one.key: key_of(one, configuration) for one in configuration.providers}
    done = row_id(request.query_params.get("done"))
    return settings_page(
        request,
        "providers",
        "settings_providers.html",
        rows=rows,
        keys=keys,
        done=done,
        password_days=PASSWORD_DAYS,
        renew_days=RENEW_DAYS,
    )


@router.get(PATH + "/{key}")
def provider(request: Request, key: str, person: CurrentPerson) -> Response:
    """The form of one, or the empty form."""
    stored = None if key == NEW else provider_at(person.configuration, key)
    form = ProviderForm(
        typed=typed_of(stored),
        stored=stored,
        digest="" if stored is None else digest_of(stored),
        done=row_id(request.query_params.get("done")),
    )
    return _shown(request, person, form)


@router.post(PATH + "/{key}")
async def save(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores the provider and what was typed of its secrets, then tries the login."""
    stored = None if key == NEW else provider_at(person.configuration, key)
    async with request.form() as form:
        typed, digest = typed_in(form), str(form.get("digest") or "")
        try:
            given = await credentials_in(form)
        except FaultyItemError as error:
            faulty = ProviderForm(typed=typed, stored=stored, digest=digest, fault=error)
            return await run_in_threadpool(lambda: _shown(request, person, faulty, 422))
    written = ProviderForm(typed=typed, stored=stored, digest=digest)
    return await asking_chorus(lambda: _saved(request, person, services, written, given))


@router.post(PATH + "/{key}/check")
async def check(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Tries the login again, with what is stored."""
    stored = provider_at(person.configuration, key)
    counted(services, person, "login_check", LOGINS_A_MINUTE)

    def checked() -> Response:
        [login] = log_in(services, [stored])
        form = ProviderForm(typed=typed_of(stored), stored=stored, digest=digest_of(stored), login=login)
        return _shown(request, person, form)

    return await asking_chorus(checked)


@router.post(PATH + "/{key}/remove")
async def remove(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes it out of the list: it sends nothing any more; what was sent stays tracked."""
    stored = provider_at(person.configuration, key)
    async with request.form() as form:
        digest = str(form.get("digest") or "")

    def removed() -> Response:
        written = ProviderForm(typed=typed_of(stored), stored=stored, digest=digest)
        named_by = naming_provider(person.configuration, stored)
        if named_by:
            names = joined(named_by)
            refused = Fault(
                path=("providers",), what=Text("fault.provider_named", {"name": stored.name, "names": names})
            )
            return _refused(request, person, services, written, FaultyItemError({}, [refused]))
        try:
            applied = PROVIDERS.remove(editing_of(services, person), stored.identity, digest)
        except (ItemChangedError, FaultyItemError) as error:
            return _refused(request, person, services, written, error)
        query = urlencode({"done": applied.revision})
        return RedirectResponse(f"{address_of(request).root}{PATH}?{query}", 303)

    return await run_in_threadpool(removed)


def _saved(
    request: Request, person: Person, services: CurrentServices, written: ProviderForm, given: Credentials
) -> Response:
    secrets, stored = credentials_of(host_of(request), person), written.stored
    try:
        made = _made(written, person.configuration)
        parts = _typed_parts(given, secrets.kept(made.connection).host)
        connection = secrets.merged(made.connection, given) if parts else None
        identity = None if stored is None else stored.identity
        applied = PROVIDERS.put(editing_of(services, person), made, identity=identity, digest=written.digest)
    except (ItemChangedError, FaultyItemError, HeldElsewhereError) as error:
        return _refused(request, person, services, written, error)
    request.state.person = replace(person, configuration=applied.configuration, revision=applied.revision)
    if connection is not None:
        secrets.keep(made, connection, given)
    [login] = log_in(services, [made])
    key = key_of(made, applied.configuration)
    if login.error is None:
        query = urlencode({"done": applied.revision})
        return RedirectResponse(f"{address_of(request).root}{PATH}/{key}?{query}", 303)
    form = ProviderForm(typed=typed_of(made), stored=made, digest=digest_of(made), login=login, done=applied.revision)
    return _shown(request, request.state.person, form)


def _typed_parts(given: Credentials, host: str) -> bool:
    """Whether there is something to be stored; the form shows the address, and sends it back."""
    return bool(set(given.given) - {"host"}) or bool(given.host and given.host != host)


def _made(written: ProviderForm, configuration: Configuration) -> Provider:
    """FaultyItemError for what cannot be a provider."""
    return PROVIDERS.made(values_of(written.typed, written.stored, configuration))


def _refused(
    request: Request,
    person: Person,
    services: CurrentServices,
    written: ProviderForm,
    error: ItemChangedError | FaultyItemError | HeldElsewhereError,
) -> Response:
    """Nothing was stored: what is wrong, or what somebody else made of the provider meanwhile."""
    if isinstance(error, HeldElsewhereError):
        error = FaultyItemError({"connection": Fault(path=("connection",), what=Text("fault.held_elsewhere"))})
    if isinstance(error, FaultyItemError):
        return _shown(request, person, replace(written, fault=error), 422)
    current = services.store.configuration.current()[1]
    identity = None if written.stored is None else written.stored.identity
    theirs = PROVIDERS.theirs(current, _made(written, current), identity)
    form = ProviderForm(typed=written.typed, stored=theirs.item, digest=theirs.digest, differences=theirs.differences)
    return _shown(request, person, form, 409)


def _certificate(services: Services, stored: Provider) -> CertificateEnd | None:
    return certificate_end(stored, services.chorus, services.clock.now())


def _shown(request: Request, person: Person, form: ProviderForm, status: int = 200) -> Response:
    host, configuration = host_of(request), person.configuration
    connection = form.typed["connection"] or (form.stored.connection if form.stored else "")
    people = configuration.people
    return settings_page(
        request,
        "providers",
        "settings_provider.html",
        status=status,
        form=form,
        key=NEW if form.stored is None else key_of(form.stored, configuration),
        secrets=credentials_of(host, person).kept(connection) if connection else None,
        choices=CHOICES,
        defaults=DEFAULTS,
        thresholds=DEFAULT_CONFIDENCE,
        known_people=[*(one.name for one in people.groups), *(one.name for one in people.users)],
        production=host.services.settings.allow_production,
        certificate=None if form.stored is None else _certificate(host.services, form.stored),
        waiting=None if form.stored is None else _waiting(host.services, form.stored),
    )


@dataclass(frozen=True, kw_only=True)
class WaitingInvoices:
    """How many invoices a change of the provider would send, or keep from being sent."""

    ready: int
    unsent: int


def _waiting(services: Services, stored: Provider) -> WaitingInvoices:
    standing = services.store.dashboard_views.waiting(OWNER, sorted(TO_BE_SENT), [])
    mine = [one for one in standing if one.provider_key == stored.key]
    ready = sum(one.count for one in mine if one.state is State.READY)
    return WaitingInvoices(ready=ready, unsent=sum(one.count for one in mine))
