"""Invoices for programs: the list, one invoice, its pack of evidence."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response

from include.application.ports.invoice_views import InvoiceRow, LiveRow
from include.application.views import json_rows
from include.domain.errors import NotThereError
from include.web.api.answers import JsonAnswer, listed, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.invoices.listing import asked_of, found_of, today_of
from include.web.invoices.live_list import Source
from include.web.routes.invoices import evidence

router = guarded(Right.INVOICES)
PREFIX = "/api/v1/invoices"


@router.get(PREFIX)
async def invoices(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of the tracking, with the same query as the page, and how fresh each provider's rows are."""
    language = reader_of(request)
    found = await found_of(services, person, asked_of(request), language)

    def row(one: InvoiceRow | LiveRow) -> json_rows.Json:
        return json_rows.invoice(one, person.configuration, language, today=found.today)

    return listed(found.page, found.totals, row, sources=[_source(one, row) for one in found.sources])


def _source(source: Source, row: Callable[[LiveRow], json_rows.Json]) -> json_rows.Json:
    """`items`: what the platform told and the list lacks; `seen_at`: when the rows were as they are shown."""
    live = source.live
    if live is None:
        return {"provider": source.provider.name, "loading": "local", "seen_at": source.retrieved_at}
    return {
        "provider": source.provider.name,
        "loading": "remote",
        "available": live.available,
        "seen_at": live.asked_at if live.available else live.last_seen,
        "more": live.more,
        "notes": list(live.notes),
        "items": [row(one) for one in source.beside],
    }


@router.get(PREFIX + "/{reference}")
def invoice(request: Request, reference: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """One invoice by our id or `cpro:<number>`, with everything that is known of it."""
    detail = services.store.invoice_views.detail(person.viewer, reference)
    if detail is None:
        raise NotThereError("no_such_invoices", references=reference)
    shown = json_rows.invoice_detail(detail, person.configuration, reader_of(request), today=today_of(services))
    return JsonAnswer(shown)


router.get(PREFIX + "/{reference}/evidence.zip")(evidence)
