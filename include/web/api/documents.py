"""Documents for programs: the list, one document, its values."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.mapping import edit_document as actions
from include.application.mapping.edit_document import EditConflictError, FaultyValuesError
from include.application.views import json_rows
from include.web.api.answers import JsonAnswer, listed, reader_of
from include.web.api.refusals import faulty
from include.web.documents.detail import editing_of, shown
from include.web.documents.listing import asked_of, page_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.problems import error_of, worded
from include.web.remote_calls import asking_chorus

router = guarded(Right.DOCUMENTS)
PREFIX = "/api/v1/documents"


class TypedValues(BaseModel):
    """The body of a change: values by field; null takes an edit back, an empty text says that there is none."""

    model_config = ConfigDict(extra="forbid")
    version: int
    values: dict[str, str | None]


def as_typed(values: dict[str, str | None]) -> dict[str, str]:
    """The values of a body as the use cases take them."""
    return {name: "" if text is None else text or actions.ABSENT for name, text in values.items()}


@router.get(PREFIX)
def documents(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of the documents of a tab, with the same query as the page."""
    language = reader_of(request)
    found = page_of(services, person, asked_of(request))
    return listed(found.page, found.totals, lambda row: json_rows.document(row, person.configuration, language))


@router.get(PREFIX + "/{document_id}")
def document(request: Request, document_id: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """One document with everything that is known of it."""
    return JsonAnswer(shown(request, services, person, document_id))


@router.patch(PREFIX + "/{document_id}/fields")
async def change(
    request: Request, document_id: int, typed: TypedValues, person: CurrentPerson, services: CurrentServices
) -> Response:
    """Stores typed values; the document, assessed again by them.

    `not_assessed` says why it could not be: the values are stored, and the next pass assesses it.
    """

    def work() -> Response:
        editing = editing_of(services, person)
        try:
            actions.set_fields(editing, document_id, as_typed(typed.values), expected=typed.version)
        except EditConflictError as error:
            conflicts = {name: vars(one) for name, one in error.conflicts.items()}
            told = {"error": error_of(worded(request, "changed")), "version": error.version, "conflicts": conflicts}
            return JsonAnswer(told, 409)
        except FaultyValuesError as error:
            return faulty(request, error)
        failures = services.pipeline().map([document_id]).failures
        waits = {"not_assessed": failures[0].message(reader_of(request))} if failures else {}
        return JsonAnswer({**shown(request, services, person, document_id), **waits})

    return await asking_chorus(work)
