"""Returned invoices for programs: the list, and the three answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError

from include.application.tracking.correction_case import CorrectionReport
from include.application.views import json_rows
from include.application.views.filters import returned_filter
from include.domain.configuration.base import PARIS
from include.domain.errors import InputError
from include.web.api.answers import JsonAnswer, listed, reader_of
from include.web.guards.body import FILES
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.invoices.corrections import CorrectionAction, Wanted, correct, files_of
from include.web.problems import error_of, worded
from include.web.rendering.query import PLACES, Query

router = guarded(Right.INVOICES, limit=FILES)


class Recycling(BaseModel):
    """What changes; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    recipient_siret: str | None = None
    service_code: str | None = None
    engagement_number: str | None = None
    comment: str | None = None
    dry_run: bool = False


class Completion(BaseModel):
    """What answers a suspension, beside files."""

    model_config = ConfigDict(extra="forbid")
    comment: str | None = None
    dry_run: bool = False


class Handling(BaseModel):
    """By which document the rejected invoice was replaced, if by one."""

    model_config = ConfigDict(extra="forbid")
    successor_document: int | None = None
    dry_run: bool = False


@router.get("/api/v1/returned")
def returned(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of what recipients gave back."""
    asked = Query(request, keys=("tab", "sort", "limit", *PLACES), sort="deadline")
    views, wanted, language = services.store.invoice_views, returned_filter(asked.one("tab")), reader_of(request)
    today = services.clock.now().astimezone(PARIS).date()
    return listed(
        views.page(person.viewer, wanted, asked.page()),
        views.totals(person.viewer, wanted),
        lambda row: json_rows.returned(row, person.configuration, language, today=today),
    )


@router.post("/api/v1/invoices/{reference}/recycle")
async def recycle(
    request: Request,
    reference: str,
    body: Annotated[Recycling, Body()],
    person: CurrentPerson,
    services: CurrentServices,
) -> Response:
    """Sends it on to another body, service or engagement."""
    wanted = Wanted(**body.model_dump())
    return _told(request, await correct(services, person, reference, CorrectionAction.RECYCLE, wanted))


@router.post("/api/v1/invoices/{reference}/complete")
async def complete(request: Request, reference: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Adds files and a comment (multipart); without files the same as JSON."""
    wanted = await _completion(request)
    return _told(request, await correct(services, person, reference, CorrectionAction.COMPLETE, wanted))


async def _completion(request: Request) -> Wanted:
    """InputError for anything that is neither a form nor an object with these keys: nothing is sent on a guess."""
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        try:
            body = Completion.model_validate_json(await request.body())
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return Wanted(**body.model_dump())
    async with request.form() as form:
        unknown = sorted(set(form) - {"comment", "dry_run", "attachments", "attachment_types", "csrf_token"})
        if unknown or not form:
            raise InputError("no_such_keys", keys=", ".join(unknown) or "-")
        try:
            body = Completion.model_validate({key: form[key] for key in ("comment", "dry_run") if key in form})
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        types = [str(one) for one in form.getlist("attachment_types")]
        files = await files_of(form.getlist("attachments"), types)
        return Wanted(comment=body.comment or None, files=files, dry_run=body.dry_run)


@router.post("/api/v1/invoices/{reference}/reject-handled")
async def reject_handled(
    request: Request,
    reference: str,
    body: Annotated[Handling, Body()],
    person: CurrentPerson,
    services: CurrentServices,
) -> Response:
    """Says that a rejection was dealt with."""
    wanted = Wanted(**body.model_dump())
    return _told(request, await correct(services, person, reference, CorrectionAction.REJECT_HANDLED, wanted))


def _told(request: Request, report: CorrectionReport) -> Response:
    """The report; 409 with the reasons where it was not allowed."""
    shown = report.shown(reader_of(request))
    if report.complete or not report.reasons:
        return JsonAnswer(shown)
    return JsonAnswer({"error": error_of(worded(request, "correction_not_allowed")), **shown}, 409)
