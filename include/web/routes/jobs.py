"""Actions on many documents from the list, and the page that tells what became of each."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import BackgroundTasks, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from include.application.ports.bulk_requests import SUBMIT
from include.application.ports.spreadsheets import Column
from include.application.resend.bulk_actions import NEED_REASON, BulkAction
from include.domain.errors import InputError
from include.texts import label, translate
from include.web.documents.jobs import AT_ONCE_SECONDS, DocumentId, bulk_actions, go_on_after, shown
from include.web.documents.listing import asked_again, wanted_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of, page

router = guarded(Right.DOCUMENTS)

MOST_SHOWN = 200
"""Lines of the page; the file has them all."""

COLUMNS = ("number", "file", "state", "message")
"""Of the file."""


@router.post("/documents/bulk")
def bulk(
    request: Request,
    person: CurrentPerson,
    services: CurrentServices,
    tasks: BackgroundTasks,
    action: Annotated[str, Form()] = "",
    ids: Annotated[list[DocumentId] | None, Form()] = None,
    everything: Annotated[str, Form(alias="all")] = "",
    reason: Annotated[list[str] | None, Form()] = None,
    query: Annotated[str, Form(alias="list")] = "",
) -> Response:
    """Begins it; back to the list where all went well at once, else to the page of the job."""
    if action not in set(BulkAction):
        raise InputError("no_such_action", action=action)
    doing, root, why = bulk_actions(request), address_of(request).root, next(filter(str.strip, reason or ()), None)
    asked = asked_again(f"{root}/documents", query)
    wanted = wanted_of(asked, person.configuration) if everything else None
    if action in NEED_REASON and why is None:
        count = services.store.document_views.totals(person.viewer, wanted).total if wanted else len(ids or ())
        return page(
            request, "bulk_reason.html", status=422, action=action, ids=ids or [], everything=everything,
            asked=asked, count=count,
        )  # fmt: skip
    made = doing.ask(BulkAction(action), ids=None if wanted else ids or [], wanted=wanted, reason=why)
    doing.go_on(made.id, seconds=AT_ONCE_SECONDS)
    job = shown(request, doing.request(made.id), language_of(request, person), most=0)
    if job.ended and not job.unwell:
        place = asked.link(job=str(made.id))
    else:
        place = f"{root}/jobs/{made.id}" + (f"?list={quote(asked.text, safe='')}" if asked.text else "")
    go_on_after(tasks, doing, job.request)
    return RedirectResponse(place, 303)


@router.get("/jobs/{job_id}")
def job(
    request: Request,
    job_id: int,
    person: CurrentPerson,
    tasks: BackgroundTasks,
    query: Annotated[str, Query(alias="list")] = "",
) -> Response:
    """How far it is; what needs somebody stands first."""
    doing = bulk_actions(request)
    found = shown(request, doing.request(job_id), language_of(request, person), most=MOST_SHOWN)
    go_on_after(tasks, doing, found.request)
    return page(
        request,
        "job.html",
        job=found,
        sending=found.request.action == SUBMIT,
        asked=asked_again(f"{address_of(request).root}/documents", query),
    )


@router.post("/jobs/{job_id}/stop")
def stop(request: Request, job_id: int, query: Annotated[str, Form(alias="list")] = "") -> Response:
    """Takes back what a sending has not begun."""
    bulk_actions(request).stop(job_id)
    place = f"?list={quote(query, safe='')}" if query else ""
    return RedirectResponse(f"{address_of(request).root}/jobs/{job_id}{place}", 303)


@router.get("/jobs/{job_id}/results.csv")
def results(request: Request, job_id: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """What became of each document, as a file for spreadsheet programs."""
    language = language_of(request, person)
    found = shown(request, bulk_actions(request).request(job_id), language)
    columns = [Column(name=name, heading=translate(f"job.column.{name}", language)) for name in COLUMNS]
    rows = [
        {
            "number": line.row and line.row.invoice_number,
            "file": line.row.name if line.row else str(line.id),
            "state": line.state and label("state", line.state, language),
            "message": line.message,
        }
        for line in found.lines
    ]
    headers = {"Content-Disposition": f'attachment; filename="chorus-{job_id}.csv"'}
    pieces = services.table_stream.csv(columns, [rows])
    return Response(b"".join(pieces), media_type="text/csv; charset=utf-8", headers=headers)
