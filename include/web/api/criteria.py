"""Criteria for programs: what each takes, and what one that is not saved would take."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.criterion_trial import TriedDocument, count_criteria
from include.application.administration.item_editing import FaultyItemError
from include.texts import Language, translate
from include.web.api.answers import JsonAnswer, reader_of
from include.web.api.refusals import faulty_item
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.settings.criteria import CRITERIA, trial_of

router = guarded(Right.SETTINGS)
PREFIX = "/api/v1/criteria"


class Wanted(BaseModel):
    """A criterion as in the file; one of the same name is replaced."""

    model_config = ConfigDict(extra="forbid")
    criterion: dict[str, Any]


@router.get(PREFIX)
def criteria(person: CurrentPerson, services: CurrentServices) -> Response:
    """What each takes of the portal as last seen."""
    counts, found = count_criteria(services.store.portal_stock, person.configuration)
    items = [{**one.criterion.model_dump(mode="json"), "taken": one.taken, "too_old": one.too_old} for one in counts]
    return JsonAnswer({"items": items, "documents": found.documents})


@router.post(PREFIX + "/try")
def try_it(
    request: Request, given: Annotated[Wanted, Body()], person: CurrentPerson, services: CurrentServices
) -> Response:
    """How many documents it would take, how many more than today; nothing is stored."""
    try:
        criterion = CRITERIA.made(given.criterion)
    except FaultyItemError as error:
        return faulty_item(request, error)
    trial, language = trial_of(services, person, criterion, criterion.name), reader_of(request)
    return JsonAnswer(
        {
            "documents": trial.documents,
            "tried": trial.tried,
            "taken": trial.taken,
            "more_than_today": trial.more,
            "fewer_than_today": trial.fewer,
            "too_old": trial.too_old,
            "sample": [_row(one, language) for one in trial.sample],
        }
    )


def _row(one: TriedDocument, language: Language) -> dict[str, Any]:
    why = " ".join(reason.message(language) for reason in one.reasons)
    document = one.stored.document
    return {
        "document": one.stored.document_id,
        "name": document.name,
        "folder": document.folder,
        "arrived_at": document.arrived_at,
        "outcome": one.outcome,
        "message": why or translate(f"criteria.outcome.{one.outcome}", language),
    }
