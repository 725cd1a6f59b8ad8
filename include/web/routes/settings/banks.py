"""Which bank details invoices carry: one by default, others by the value of a metadata, as Chorus Pro lists them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from include.application.administration.configure import Applied
from include.application.administration.item_editing import digest_of
from include.application.ports.label_views import UnknownBankLabel
from include.application.ports.providers import KnownAccount
from include.application.providers.bank_details import BankLists
from include.application.views.bank_details import BankDetailRow, list_bank_details
from include.domain.configuration import Provider
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import asking_chorus, counted
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.banks import BANKS, typed_in, typed_of, values_of
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm, stored
from include.web.settings.menu import settings_page
from include.web.settings.providers import LOGINS_A_MINUTE, key_of, provider_at

router = guarded(Right.SETTINGS)
PATH = "/settings/bank-details"


@dataclass(frozen=True, kw_only=True)
class ProviderBanks:
    """One provider: the list of the platform as last fetched, None where it never was, and the form.

    `unknown`: values that choose no account, with the invoices that wait for it.
    """

    provider: Provider
    key: str
    known: KnownAccount | None
    rows: tuple[BankDetailRow, ...]
    form: ItemForm
    unknown: tuple[UnknownBankLabel, ...]

    @property
    def offered(self) -> list[str]:
        """Names that may be chosen: those of the platform, and those that are configured whatever it lists."""
        return [row.name for row in self.rows] or [name for _, name in self.form.typed["labels"]]


@router.get(PATH)
def bank_details(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Every provider."""
    return _shown(request, person, services, {})


@router.post(PATH + "/{key}")
async def save(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores the choice of one provider."""
    provider = provider_at(person.configuration, key)
    async with request.form() as given:
        form = ItemForm(typed=typed_in(given), identity=provider.identity, digest=str(given.get("digest") or ""))
    return await _saved(request, key, person, services, provider, form)


@router.post(PATH + "/{key}/label")
async def add_label(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """One more value that chooses an account, beside what is stored."""
    provider = provider_at(person.configuration, key)
    async with request.form() as given:
        typed, before = typed_in(given), typed_of(provider)
        digest = str(given.get("digest") or "")
    form = ItemForm(
        typed={**before, "labels": [*before["labels"], *typed["labels"]]}, identity=provider.identity, digest=digest
    )
    return await _saved(request, key, person, services, provider, form)


async def _saved(
    request: Request, key: str, person: Person, services: Services, provider: Provider, form: ItemForm
) -> Response:
    def made() -> Provider:
        return BANKS.made(values_of(form.typed, provider))

    def put() -> Applied:
        return BANKS.put(editing_of(services, person), made(), identity=form.identity, digest=form.digest)

    return await run_in_threadpool(
        lambda: stored(
            form,
            BANKS,
            services,
            made=made,
            work=put,
            done=lambda revision: _done(request, revision),
            shown=lambda again, status: _shown(request, person, services, {key: again}, status=status),
        )
    )


@router.post(PATH + "/{key}/refresh")
async def refresh(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Asks the platform for the list now."""
    provider = provider_at(person.configuration, key)
    counted(services, person, "login_check", LOGINS_A_MINUTE)
    lists = BankLists(services.store.providers, services.chorus, services.clock)
    await asking_chorus(lambda: lists.refresh(provider))
    return RedirectResponse(f"{address_of(request).root}{PATH}", 303)


def _done(request: Request, revision: int) -> Response:
    return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'done': revision})}", 303)


def _shown(
    request: Request, person: Person, services: Services, forms: dict[str, ItemForm], *, status: int = 200
) -> Response:
    """`forms`: what was written for some providers, by their key; the others stand as they are in force."""
    configuration = person.configuration
    unknown = services.store.label_views.unknown_bank_labels(person.viewer)
    found = []
    for provider in configuration.providers:
        key, known = key_of(provider, configuration), services.store.providers.account(provider.key)
        form = ItemForm(typed=typed_of(provider), identity=provider.identity, digest=digest_of(provider))
        rows = () if known is None else tuple(list_bank_details(provider, known.account))
        mine = tuple(one for one in unknown if one.provider_key == provider.key)
        form = forms.get(key, form)
        found.append(ProviderBanks(provider=provider, key=key, known=known, rows=rows, form=form, unknown=mine))
    return settings_page(
        request,
        "bank-details",
        "settings_banks.html",
        status=status,
        banks=found,
        done=row_id(request.query_params.get("done")),
    )
