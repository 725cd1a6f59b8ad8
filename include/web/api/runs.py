"""Runs for programs."""

from __future__ import annotations

from fastapi import Request, Response

from include.application.views import json_rows
from include.web.api.answers import JsonAnswer, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.invoices.run_list import asked_of, page_of

router = guarded(Right.DOCUMENTS)


@router.get("/api/v1/runs")
def runs(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The invoices that a run touched, with what it did to each."""
    found, language = page_of(services, person, asked_of(request)), reader_of(request)
    rows = [json_rows.run_invoice(row, person.configuration, language) for row in found.items]
    return JsonAnswer({"items": rows, "after": found.after, "before": found.before})
