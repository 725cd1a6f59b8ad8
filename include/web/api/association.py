"""An association for programs: what it would make of a document, before it is saved."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.association_trial import TriedField
from include.application.administration.item_editing import FaultyItemError
from include.domain.configuration_rules.parts import no_field
from include.domain.fields import as_text
from include.domain.fields.registry import FIELD_NAMES
from include.texts import Language
from include.web.api.answers import JsonAnswer, reader_of
from include.web.api.refusals import faulty_item
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.settings.association import ASSOCIATIONS, rules_of, stock_of, trial_of

router = guarded(Right.SETTINGS)


class Wanted(BaseModel):
    """The association of a rule, and the document to try it on; none: the newest."""

    model_config = ConfigDict(extra="forbid")
    rule: str
    fields: dict[str, str]
    document: int | None = None


@router.post("/api/v1/association/try")
def try_it(
    request: Request, given: Annotated[Wanted, Body()], person: CurrentPerson, services: CurrentServices
) -> Response:
    """Per field what the page, the metadata and the result say; nothing is stored."""
    unknown = {name: no_field(("fields", name), name) for name in given.fields if name not in FIELD_NAMES}
    if unknown:
        return faulty_item(request, FaultyItemError(unknown))
    try:
        wanted = ASSOCIATIONS.made({"classification_rule": given.rule, "fields": given.fields})
    except FaultyItemError as error:
        return faulty_item(request, error)
    stock = stock_of(services, rules_of(services, person.configuration), given.rule)
    trial, language = trial_of(services, person, stock, wanted, given.document), reader_of(request)
    return JsonAnswer(
        {
            "document": None if trial is None else trial.stored.document_id,
            "name": None if trial is None else trial.stored.document.name,
            "fields": {} if trial is None else {one.name: _row(one, language) for one in trial.fields},
            "compared": 0 if trial is None else trial.agreement.compared,
            "differing": [] if trial is None else [one.document_id for one in trial.agreement.differing],
            "metadata": list(stock.metadata),
        }
    )


def _row(one: TriedField, language: Language) -> dict[str, Any]:
    return {
        "page": None if one.page is None else as_text(one.page),
        "metadata": one.metadata,
        "result": None if one.result is None else as_text(one.result),
        "source": one.source,
        "message": None if one.problem is None else one.problem.message(language),
    }
