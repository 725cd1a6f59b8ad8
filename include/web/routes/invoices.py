"""The tracking: the list of what was sent and its file, one invoice with its whole life, its pack of evidence."""

from __future__ import annotations

import datetime as dt

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from include.application.ports.invoice_views import SORTS
from include.application.ports.paging import check_sort
from include.application.views.export_invoices import columns, export_invoices
from include.application.views.payment import clock_of
from include.domain.codes import REMOTE_STATUSES
from include.domain.correction import ANSWERS, acknowledge_by
from include.domain.errors import NotThereError
from include.domain.payment_terms import days_late
from include.domain.tracking import RETURNED
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.invoices.listing import FILTERS, asked_of, found_of, today_of, wanted_of
from include.web.rendering.language import language_of
from include.web.rendering.pages import page

router = guarded(Right.INVOICES)

VIEWS = ("overdue", "returned")
"""Filters that everybody wants, by their names in the catalogues."""


@router.get("/invoices")
async def invoices(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of the tracking."""
    asked = asked_of(request)
    found = await found_of(services, person, asked, language_of(request, person))
    counted = found.totals.counts
    chosen = asked.all("status")

    def shown() -> Response:
        return page(
            request,
            "invoices.html",
            asked=asked,
            found=found.page,
            sources=found.sources,
            totals=found.totals,
            late={row.id: days_late(row.pay_by, row.status, found.today) for row in found.page.items},
            statuses=[
                (one, counted.get(one, 0)) for one in sorted(REMOTE_STATUSES) if counted.get(one) or one in chosen
            ],
            providers=[one.name for one in person.configuration.providers if one.key in person.viewer.provider_keys],
            filtered={key: asked.all(key) for key in FILTERS if asked.all(key)},
            provider_names={one.key: one.name for one in person.configuration.providers},
            views=_views(found.today),
        )

    return await run_in_threadpool(shown)


def _views(today: dt.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Queries that everybody wants."""
    this_month = ("status_from", today.replace(day=1).isoformat())
    overdue = [("overdue", "1"), ("sort", "pay_by")]
    returned = [*(("status", code) for code in sorted(RETURNED)), this_month]
    return list(zip(VIEWS, (overdue, returned), strict=True))


@router.get("/invoices.csv")
def csv(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """All rows of the filter, in the order of the list, as a file for a French spreadsheet."""
    asked, today, language = asked_of(request), today_of(services), language_of(request, person)
    check_sort(asked.sort, SORTS)
    batches = export_invoices(
        services.store.invoice_views,
        person.configuration,
        person.viewer,
        wanted_of(asked, person.configuration, today),
        language,
        today=today,
        sort=asked.sort,
    )
    headers = {"Content-Disposition": f'attachment; filename="suivi-{today.isoformat()}.csv"'}
    pieces = services.table_stream.csv(columns(language), batches)
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/invoices/{reference}")
def invoice(request: Request, reference: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """One invoice by our id or `cpro:<number>`."""
    detail = services.store.invoice_views.detail(person.viewer, reference)
    if detail is None:
        raise NotThereError("no_such_invoices", references=reference)
    row = detail.row
    document = None if row.document_id is None else services.store.document_views.detail(person.viewer, row.document_id)
    today = today_of(services)
    actions = {code: kind.value.replace("_", "-") for kind, code in ANSWERS.items()}
    return page(
        request,
        "invoice.html",
        detail=detail,
        document=document,
        clock=clock_of(detail, person.configuration, today),
        today=today,
        action=actions.get(row.status or "") if row.state == "to_process" else None,
        deadline=acknowledge_by(row.status, row.status_at) if row.state == "to_process" else None,
    )


@router.get("/invoices/{reference}/evidence.zip")
def evidence(reference: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """The pack of evidence as a file."""
    found = services.evidence().pack(reference, viewer=person.viewer)
    if found is None:
        raise NotThereError("no_such_invoices", references=reference)
    invoice_id, pack = found
    headers = {"Content-Disposition": f'attachment; filename="preuve-{invoice_id}.zip"'}
    return Response(pack.content, media_type="application/zip", headers=headers)
