"""Many documents at once, for programs: what is asked becomes a job, and the job tells what became of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Strict

from include.application.ports.bulk_requests import BulkRequest
from include.application.ports.document_views import DocumentFilter
from include.application.resend.bulk_actions import BulkAction, BulkActions
from include.domain.errors import InputError
from include.web.api.answers import JsonAnswer, field_refused, reader_of
from include.web.documents.jobs import AT_ONCE_SECONDS, DocumentId, as_json, bulk_actions, go_on_after
from include.web.documents.listing import asked_by, wanted_of
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, guarded

router = guarded(Right.DOCUMENTS)
PREFIX = "/api/v1"

_FIELDS = {"reason_missing": "reason", "nothing_chosen": "ids", "too_many_documents": "ids"}
"""Part of the body that a case is about; all others are about the filter."""


class BulkAsked(BaseModel):
    """The body: documents by id or by a query of the list, what to do, and why (hold and discard need it)."""

    model_config = ConfigDict(extra="forbid")
    action: BulkAction
    ids: list[Annotated[DocumentId, Strict()]] | None = None
    filter: dict[str, str | int | list[str]] | None = None
    reason: str | None = None


@router.post(PREFIX + "/documents/bulk")
def bulk(
    request: Request, asked: Annotated[BulkAsked, Body()], person: CurrentPerson, tasks: BackgroundTasks
) -> Response:
    """Freezes the choice and begins; 202 with the job."""
    doing = bulk_actions(request)
    try:
        wanted = _wanted(request, asked, person)
        made = doing.ask(asked.action, ids=asked.ids, wanted=wanted, reason=asked.reason)
    except InputError as error:
        return field_refused(request, error, _FIELDS.get(error.case, "filter"))
    doing.go_on(made.id, seconds=AT_ONCE_SECONDS)
    return _told(request, tasks, doing, doing.request(made.id), 202)


def _wanted(request: Request, asked: BulkAsked, person: Person) -> DocumentFilter | None:
    if asked.filter is None:
        return None
    given = {key: value if isinstance(value, list) else [str(value)] for key, value in asked.filter.items()}
    return wanted_of(asked_by(request.url.path, given), person.configuration)


@router.get(PREFIX + "/jobs/{job_id}")
def job(request: Request, job_id: int, tasks: BackgroundTasks) -> Response:
    """How far a job is; whoever looks at one that another process left makes it go on."""
    doing = bulk_actions(request)
    return _told(request, tasks, doing, doing.request(job_id), 200)


@router.post(PREFIX + "/jobs/{job_id}/stop")
def stop(request: Request, job_id: int, tasks: BackgroundTasks) -> Response:
    """Takes back what a sending has not begun; the job."""
    doing = bulk_actions(request)
    doing.stop(job_id)
    return _told(request, tasks, doing, doing.request(job_id), 200)


def _told(request: Request, tasks: BackgroundTasks, doing: BulkActions, found: BulkRequest, status: int) -> Response:
    go_on_after(tasks, doing, found)
    return JsonAnswer(as_json(request, found, reader_of(request)), status)
