"""Link rules for programs: those in force, and what one that is not saved would link."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.attachment_trial import TriedInvoice, TriedPartner
from include.application.administration.item_editing import FaultyItemError
from include.domain.errors import ConnectorError
from include.texts import Language
from include.web.api.answers import JsonAnswer, reader_of
from include.web.api.refusals import faulty_item
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.remote_calls import counted, within
from include.web.settings.attachments import FOR_ALL, LINKS, trial_of, type_words

router = guarded(Right.SETTINGS)
PREFIX = "/api/v1/link-rules"

TYPES_A_MINUTE = 20
PATIENCE_SECONDS = 10.0
"""The page works without the platform's list."""


class Wanted(BaseModel):
    """A link rule as in the file, and the document to try it on; without one, the newest that gets a file."""

    model_config = ConfigDict(extra="forbid")
    rule: dict[str, Any]
    document: int | None = None


@router.get(PREFIX)
def link_rules(person: CurrentPerson) -> Response:
    """The rules in force, and what holds for all attachments."""
    configuration = person.configuration
    items = [one.model_dump(mode="json") for one in LINKS.of(configuration)]
    return JsonAnswer({"items": items, **FOR_ALL.of(configuration)["attachments"]})


@router.get(PREFIX + "/types")
async def types(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The types of attachments that the platform lists, as the first provider that it answers sees them, with words."""
    counted(services, person, "attachment_types", TYPES_A_MINUTE)

    def listed() -> Sequence[tuple[str, str]]:
        for provider in person.configuration.providers:
            with contextlib.suppress(ConnectorError):
                return services.chorus.gateway(provider).attachment_types()
        return ()

    found = await within(PATIENCE_SECONDS, listed) or ()
    language = reader_of(request)
    return JsonAnswer({"items": [{"code": code, "label": type_words(code, language, told)} for code, told in found]})


@router.post(PREFIX + "/try")
def try_it(
    request: Request, given: Annotated[Wanted, Body()], person: CurrentPerson, services: CurrentServices
) -> Response:
    """How many of the newest invoices get an attachment, and which ones the sample gets; nothing is stored."""
    try:
        rule = LINKS.made(given.rule)
    except FaultyItemError as error:
        return faulty_item(request, error)
    trial = trial_of(services, person, rule, rule.identity, given.document)
    return JsonAnswer(
        {
            "invoices": trial.invoices,
            "attachments": trial.attachments,
            "attachments_tried": trial.looked_at,
            "without": [one.document_id for one in trial.without],
            "sample": None if trial.sample is None else _sample(trial.sample, reader_of(request)),
            "providers_without": trial.silent,
        }
    )


def _sample(tried: TriedInvoice, language: Language) -> dict[str, Any]:
    switch = tried.switch
    return {
        "document": tried.stored.document_id,
        "name": tried.stored.document.name,
        "offered": {one.pair.invoice: one.values for one in tried.offered},
        "switch": None if switch is None else {"metadata": switch.metadata, "values": switch.values, "on": switch.on},
        "attachments": [_partner(one, language) for one in tried.partners],
        "many": tried.many,
    }


def _partner(one: TriedPartner, language: Language) -> dict[str, Any]:
    return {
        "document": one.stored.document_id,
        "name": one.stored.document.name,
        "arrived_at": one.stored.document.arrived_at,
        "outcome": one.outcome,
        "shared": {f"{each.pair.invoice} = {each.pair.attachment}": each.values for each in one.shared},
        "refused": [reason.message(language) for reason in one.refused],
    }
