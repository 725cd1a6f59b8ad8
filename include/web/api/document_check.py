"""A document while somebody has it open, for our page and for programs: what typed values would make of it, and who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.mapping.check_values import Checked, Totals
from include.application.mapping.edit_document import FaultyValuesError
from include.application.views.json_rows import Json, reasons
from include.domain.completeness.recipient import Obligations, OfferedService
from include.domain.directory import DirectoryEntry
from include.domain.fields.registry import TOTALS
from include.texts import Language, translate
from include.web.api.answers import JsonAnswer, reader_of
from include.web.api.documents import PREFIX, as_typed
from include.web.api.refusals import faulty, unless_stale
from include.web.documents.detail import detail_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.remote_calls import asking_chorus
from include.web.rendering.shown import moment

router = guarded(Right.DOCUMENTS)

GONE_AFTER = dt.timedelta(seconds=45)
"""How long somebody who is not heard of any more counts as there; a page tells every ten seconds."""


class Typed(BaseModel):
    """The body of a check: values by field as a change takes them, laid over what is stored."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, str | None]


class Here(BaseModel):
    """The body of a presence; `leaving`: the page is being closed."""

    model_config = ConfigDict(extra="forbid")
    leaving: bool = False


@router.post(PREFIX + "/{document_id}/check")
async def check(
    request: Request,
    document_id: int,
    typed: Annotated[Typed, Body()],
    person: CurrentPerson,
    services: CurrentServices,
) -> Response:
    """What saving these values would make of the invoice; nothing is stored."""

    def work() -> Response:
        checking = services.value_check(viewer=person.viewer)
        try:
            return unless_stale(
                request,
                services,
                person,
                document_id,
                lambda: checked(checking.check(document_id, as_typed(typed.values)), reader_of(request)),
            )
        except FaultyValuesError as error:
            return faulty(request, error)

    return await asking_chorus(work)


@router.post(PREFIX + "/{document_id}/presence")
def presence(
    document_id: int,
    person: CurrentPerson,
    services: CurrentServices,
    here: Annotated[Here | None, Body()] = None,
) -> Response:
    """Says that this person has the document open; who else has."""
    detail_of(services, person, document_id)
    now, presences = services.clock.now(), services.store.presences
    if here is not None and here.leaving:
        presences.left(document_id, person.name)
    else:
        presences.here(document_id, person.name, now=now, gone_after=GONE_AFTER)
    others = presences.others(document_id, person.name, now=now, gone_after=GONE_AFTER)
    return JsonAnswer({"others": [vars(one) for one in others]})


def checked(found: Checked, language: Language) -> Json:
    """The answer to a check."""
    return {
        "state": found.state,
        "reasons": reasons(found.reasons, language),
        "warnings": reasons(found.warnings, language),
        "recipient": None if found.entry is None or not found.entry.structure_id else recipient(found.entry),
        "obligations": {**demanded(found.obligations), "services": services_of(found.services)},
        "totals": _totals(found.totals, language),
        "shown": _shown(found, language),
    }


def _shown(found: Checked, language: Language) -> Json:
    """The same as the page says it: what is to be settled, whom the invoice goes to, what that body demands."""
    entry = found.entry
    known = entry is not None and bool(entry.structure_id)
    headline = translate("document.ready", language)
    if found.reasons:
        headline = translate("document.to_settle", language, count=len(found.reasons))
    return {
        "headline": headline,
        "recipient": _named(entry, language) if entry is not None and known else "",
        "obligations": _obliged(found.obligations, language) if entry is not None and known and entry.active else "",
    }


def _named(entry: DirectoryEntry, language: Language) -> str:
    active = translate("document.body_active" if entry.active else "document.body_closed", language)
    told = translate("document.directory_of", language, at=moment(entry.fetched_at, language))
    return " · ".join(filter(None, (entry.name, entry.town, active, told)))


def _obliged(found: Obligations, language: Language) -> str:
    if found.either:
        return translate("document.obliged_either", language)
    if found.service_code and found.engagement_number:
        return translate("document.obliged_both", language)
    if found.service_code:
        return translate("document.obliged_service", language)
    if found.engagement_number:
        return translate("document.obliged_engagement", language)
    return translate("document.obliged_none", language)


def recipient(entry: DirectoryEntry) -> Json:
    """A body as a list shows it, and when the directory told so."""
    return {
        "siret": entry.siret,
        "name": entry.name,
        "town": entry.town,
        "active": entry.active,
        "fetched_at": entry.fetched_at,
    }


def demanded(found: Obligations) -> Json:
    """What a body demands."""
    return dict(vars(found))


def services_of(found: Iterable[OfferedService]) -> list[Json]:
    """The services that may be chosen."""
    return [
        {
            "code": one.service.code,
            "name": one.service.name,
            "engagement_required": one.service.engagement_required,
            "on_page": one.on_page,
        }
        for one in found
    ]


def _totals(found: Totals, language: Language) -> Json:
    shown = {name: None if amount is None else str(amount) for name, amount in found.amounts.items()}
    discount = shown.pop("discount")
    if found.reason is not None:
        message = found.reason.message(language)
    elif not found.agree:
        message = translate("document.sum_missing", language)
    else:
        excl, tax, incl = (found.amounts[name] for name in TOTALS)
        if found.amounts["discount"]:
            message = translate("document.sum_discount", language, excl=excl, tax=tax, discount=discount, incl=incl)
        else:
            message = translate("document.sum", language, excl=excl, tax=tax, incl=incl)
    return {**shown, "agree": found.agree, "message": message}
