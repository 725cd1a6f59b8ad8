"""Which metadata carries which field of an invoice, rule by rule, with the result on a document that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from include.application.administration.association_trial import RuleStock, TriedField
from include.application.administration.item_editing import FaultyItemError, ItemChangedError, digest_of
from include.application.ports.configuration import ConfigurationChange
from include.domain.configuration import Association
from include.domain.fields import Value
from include.domain.fields.registry import FIELD_NAMES
from include.texts import Language, label
from include.web.documents.form import CHOICES, shown
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.association import ASSOCIATIONS, rules_of, stock_of, stored_of, trial_of
from include.web.settings.file import editing_of
from include.web.settings.menu import settings_page

router = guarded(Right.SETTINGS)
PATH = "/settings/association"


@dataclass(frozen=True, kw_only=True)
class Given:
    """A form: which metadata each field is taken from, and the document it is tried on."""

    rule: str
    fields: Mapping[str, str]
    identity: str | None
    digest: str
    document: int | None


@router.get(PATH)
def association(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The form of one rule: the first one where none is chosen."""
    query, rules = request.query_params, rules_of(services, person.configuration)
    first = next(iter(rules.values()), None)
    rule = query.get("rule") or ("" if first is None else first.rule)
    stored = stored_of(person.configuration, rule)
    given = Given(
        rule=rule,
        fields={} if stored is None else stored.fields,
        identity=None if stored is None else stored.identity,
        digest="" if stored is None else digest_of(stored),
        document=row_id(query.get("document")),
    )
    return _shown(request, person, services, given, rules=rules, done=row_id(query.get("done")))


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The result of the form as it is; nothing is stored."""
    given = await _given(request)
    return await run_in_threadpool(lambda: _shown(request, person, services, given))


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it; a rule from which nothing is taken any more has no association."""
    given = await _given(request)

    def saved() -> Response:
        editing = editing_of(services, person)
        try:
            if given.fields or given.identity is None:
                applied = ASSOCIATIONS.put(editing, _made(given), identity=given.identity, digest=given.digest)
            else:
                applied = ASSOCIATIONS.remove(editing, given.identity, given.digest)
        except FaultyItemError as error:
            return _shown(request, person, services, given, fault=error, status=422)
        except ItemChangedError:
            return _changed(request, person, services, given)
        query = urlencode({"rule": given.rule, "done": applied.revision})
        return RedirectResponse(f"{address_of(request).root}{PATH}?{query}", 303)

    return await run_in_threadpool(saved)


async def _given(request: Request) -> Given:
    async with request.form() as form:
        words = {name: str(form.get(name) or "").strip() for name in FIELD_NAMES}
        return Given(
            rule=str(form.get("classification_rule") or "").strip(),
            fields={name: metadata for name, metadata in words.items() if metadata},
            identity=str(form.get("identity") or "") or None,
            digest=str(form.get("digest") or ""),
            document=row_id(str(form.get("document") or "")),
        )


def _made(given: Given) -> Association:
    return ASSOCIATIONS.made({"classification_rule": given.rule, "fields": given.fields})


def _changed(request: Request, person: Person, services: Services, given: Given) -> Response:
    """Somebody else changed it first: both are shown."""
    current = services.store.configuration.current()[1]
    theirs = ASSOCIATIONS.theirs(current, _made(given), given.identity)
    identity = None if theirs.item is None else theirs.item.identity
    newer = replace(given, identity=identity, digest=theirs.digest)
    return _shown(request, person, services, newer, differences=theirs.differences, status=409)


def _shown(
    request: Request,
    person: Person,
    services: Services,
    given: Given,
    *,
    rules: Mapping[str, RuleStock] | None = None,
    fault: FaultyItemError | None = None,
    differences: Sequence[ConfigurationChange] | None = None,
    done: int | None = None,
    status: int = 200,
) -> Response:
    found = rules_of(services, person.configuration) if rules is None else rules
    stock = stock_of(services, found, given.rule)
    wanted = Association.model_construct(classification_rule=given.rule, fields=dict(given.fields))
    trial = trial_of(services, person, stock, wanted, given.document)
    language = language_of(request, person)
    tried = {} if trial is None else {one.name: _row(one, language) for one in trial.fields}
    return settings_page(
        request,
        "association",
        "settings_association.html",
        status=status,
        given=given,
        stock=stock,
        rules=list(found.values()),
        field_names=FIELD_NAMES,
        trial=trial,
        tried=tried,
        following=None if trial is None else _following(stock, trial.stored.document_id),
        fault=fault,
        differences=differences,
        done=done,
        touches=services.store.configuration.unsent_invoices(),
    )


def _words(name: str, value: Value | None, language: Language) -> str:
    """A value as a person reads it, also one of a closed list."""
    text = shown(name, value, language)
    return label("choice", text, language) if name in CHOICES and text else text


def _row(one: TriedField, language: Language) -> dict[str, Any]:
    return {
        "page": _words(one.name, one.page, language),
        "metadata": ", ".join(one.metadata),
        "result": _words(one.name, one.result, language),
        "source": one.source,
        "problem": one.problem,
        "agree": one.agree,
    }


def _following(stock: RuleStock, document_id: int) -> int:
    """Another document of the rule: the one before, after the oldest the newest."""
    ids = [one.document_id for one in stock.newest]
    return ids[ids.index(document_id) - 1]
