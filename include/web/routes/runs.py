"""The invoices that a run of Airflow touched: behind the tabs of its run and task pages, and the link of a task."""

from __future__ import annotations

from fastapi import Request, Response

from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.invoices.run_list import asked_of, page_of
from include.web.rendering.pages import page

router = guarded(Right.DOCUMENTS)


@router.get("/runs")
def runs(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of the list of runs, or of one run's invoices."""
    asked = asked_of(request)
    return page(request, "runs.html", asked=asked, found=page_of(services, person, asked))
