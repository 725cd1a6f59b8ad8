"""Which documents go along with which invoices: link rules tried on what is there, the switch, the default type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from include.application.administration.association_trial import RuleStock, look_into, rules_in
from include.application.administration.attachment_trial import LinkTrial
from include.application.administration.configure import Applied
from include.application.administration.item_editing import FaultyItemError, digest_of
from include.application.intake.link_documents import known_older_links, make_older_links
from include.application.ports.links import PossibleLink
from include.domain.configuration import Configuration, LinkRule
from include.domain.errors import NotThereError
from include.domain.values import fold
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.attachments import (
    FOR_ALL,
    LINKS,
    TYPES,
    for_all_in,
    trial_of,
    type_words,
    typed_in,
    typed_of,
    values_of,
)
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm, stored, stored_sections
from include.web.settings.menu import settings_page
from include.web.settings.since import since_of

router = guarded(Right.SETTINGS)
PATH = "/settings/attachments"

MOST_OLDER = 1_000
"""Older links that are made at once; the others are offered afterwards."""

SHOWN = 50
"""Attachments of the sample, and older links, that are listed."""


@dataclass(frozen=True, kw_only=True)
class Older:
    """Links that only the `since` of their rules keeps out; `sent`: of invoices that keep what was sent.

    `more`, `more_sent`: there are others, which are not counted.
    """

    links: Sequence[PossibleLink]
    sent: int
    more: bool
    more_sent: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is open: the form of one rule with what it would link, the form of what holds for all, older links."""

    rule: ItemForm | None = None
    trial: LinkTrial | None = None
    for_all: ItemForm | None = None
    older: Older | None = None
    status: int = 200


@router.get(PATH)
def attachments(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The rules; below them the form of one, an empty one, or what holds for all."""
    query, language = request.query_params, language_of(request, person)
    name = query.get("rule")
    if name is not None:
        known = LINKS.one(person.configuration, name)
        form = ItemForm(typed=typed_of(known, language), identity=name, digest=digest_of(known))
        trial = trial_of(services, person, known, name, row_id(query.get("document")))
        return _shown(request, person, services, Page(rule=form, trial=trial))
    new = ItemForm(typed=typed_of(None, language)) if query.get("new") else None
    older = _older(services, person.configuration) if query.get("older") else None
    return _shown(request, person, services, Page(rule=new, older=older))


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What the rule as it is written would link; nothing is stored."""
    async with request.form() as given:
        form, document = _form(given), row_id(str(given.get("document") or ""))

    def tried() -> Response:
        try:
            rule = _made(request, person, form)
        except FaultyItemError as error:
            return _shown(request, person, services, Page(rule=replace(form, fault=error), status=422))
        try:
            trial = trial_of(services, person, rule, form.identity, document)
        except NotThereError:  # the sample belonged to the rule that stood in the form before
            trial = trial_of(services, person, rule, form.identity, None)
        return _shown(request, person, services, Page(rule=form, trial=trial))

    return await run_in_threadpool(tried)


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores a rule."""
    async with request.form() as given:
        form = _form(given)

    def put() -> Applied:
        rule = _made(request, person, form)
        return LINKS.put(editing_of(services, person), rule, identity=form.identity, digest=form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, form, put))


@router.post(PATH + "/remove")
async def remove(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes a rule out; its links go with it, but for what is sent."""
    async with request.form() as given:
        form = _form(given)

    def removed() -> Applied:
        return LINKS.remove(editing_of(services, person), form.identity or "", form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, form, removed))


@router.post(PATH + "/all")
async def save_for_all(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores the switch and the default type."""
    async with request.form() as given:
        form = ItemForm(typed=for_all_in(given), digest=str(given.get("digest") or ""))

    return await run_in_threadpool(
        lambda: stored_sections(
            form,
            FOR_ALL,
            {"attachments": form.typed},
            editing_of(services, person),
            services,
            done=lambda applied: _done(request, applied.revision),
            shown=lambda again, status: _shown(request, person, services, Page(for_all=again, status=status)),
        )
    )


@router.post(PATH + "/older")
async def link_older(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Makes the older links that were shown, for good."""
    async with request.form() as given:
        effect = str(given.get("effect") or "")

    def linked() -> Response:
        older = _older(services, person.configuration)
        if str(len(older.links)) != effect:  # others came or left meanwhile: shown anew
            return _shown(request, person, services, Page(older=older, status=409))
        actor, viewer = person.name, person.viewer
        count = make_older_links(services.store.links, older.links, services.clock, actor=actor, viewer=viewer)
        return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'linked': count})}", 303)

    return await run_in_threadpool(linked)


def _older(services: Services, configuration: Configuration) -> Older:
    found, sent = known_older_links(services.store.links, configuration, most=MOST_OLDER + 1)
    return Older(
        links=found[:MOST_OLDER],
        sent=min(len(sent), MOST_OLDER),
        more=len(found) > MOST_OLDER,
        more_sent=len(sent) > MOST_OLDER,
    )


def _form(given: FormData) -> ItemForm:
    identity, digest = (str(given.get(name) or "") for name in ("identity", "digest"))
    return ItemForm(typed=typed_in(given), identity=identity or None, digest=digest)


def _made(request: Request, person: Person, form: ItemForm) -> LinkRule:
    """FaultyItemError for what cannot be one."""
    known = LINKS.find(person.configuration, form.identity)
    return LINKS.made(values_of(form.typed, known, language_of(request, person)))


def _stored(
    request: Request, person: Person, services: Services, form: ItemForm, work: Callable[[], Applied]
) -> Response:
    return stored(
        form,
        LINKS,
        services,
        made=lambda: _made(request, person, form),
        work=work,
        done=lambda revision: _done(request, revision),
        shown=lambda again, status: _shown(request, person, services, Page(rule=again, status=status)),
    )


def _done(request: Request, revision: int) -> Response:
    return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'done': revision})}", 303)


def _shown(request: Request, person: Person, services: Services, page: Page) -> Response:
    configuration, language = person.configuration, language_of(request, person)
    for_all = page.for_all or ItemForm(
        typed=FOR_ALL.of(configuration)["attachments"], digest=FOR_ALL.digest(configuration)
    )
    rules = _rules(services, configuration)
    typed = page.rule.typed if page.rule else {"invoice_rule": "", "attachment_rule": ""}
    return settings_page(
        request,
        "attachments",
        "settings_attachments.html",
        status=page.status,
        links=[(one, since_of(one, language)) for one in configuration.attachments.links],
        form=page.rule,
        trial=page.trial,
        following=page.trial.following if page.trial else None,
        most=SHOWN,
        types=[(code, type_words(code, language)) for code in TYPES],
        for_all=for_all,
        rules=[one.rule for one in rules.values()],
        invoice_metadata=_metadata(services, rules, typed["invoice_rule"]),
        attachment_metadata=_metadata(services, rules, typed["attachment_rule"]),
        switches=_switches(configuration),
        older=page.older,
        linked=row_id(request.query_params.get("linked")),
        silent=[one.name for one in configuration.providers if not one.send_attachments],
        done=row_id(request.query_params.get("done")),
        touches=services.store.configuration.unsent_invoices(),
    )


def _rules(services: Services, configuration: Configuration) -> dict[str, RuleStock]:
    """Rules of the portal, then those that only the criteria speak of."""
    found = rules_in(services.store.portal_stock)
    for one in configuration.criteria:
        if one.classification_rule:
            found.setdefault(fold(one.classification_rule), RuleStock(rule=one.classification_rule))
    return found


def _metadata(services: Services, rules: dict[str, RuleStock], rule: str) -> list[str]:
    """What documents of the rule really have; of all rules while none is chosen."""
    chosen = rules.get(fold(rule))
    stocks = list(rules.values()) if chosen is None else [chosen]
    for stock in stocks:
        look_into(services.store.portal_stock, stock)
    return list(dict.fromkeys(name for stock in stocks for name in stock.metadata))


def _switches(configuration: Configuration) -> list[tuple[str, str]]:
    """By rule, the metadata that is associated with the switch."""
    known = configuration.metadata_association
    return [
        (one.classification_rule, one.fields["attachment_switch"]) for one in known if "attachment_switch" in one.fields
    ]
