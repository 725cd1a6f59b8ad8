"""What a run of Airflow did, for the page, the tabs of Airflow's own pages, and for programs."""

from __future__ import annotations

from fastapi import Request

from include.application.ports.paging import Page
from include.application.ports.run_views import RunFilter, RunRow
from include.web.guards.person import Person
from include.web.host import Services
from include.web.rendering.query import PLACES, Query


def asked_of(request: Request) -> Query:
    """The query of the list."""
    return Query(request, keys=("dag_id", "run_id", "task_id", "map_index", "sort", "limit", *PLACES), sort="id")


def page_of(services: Services, person: Person, asked: Query) -> Page[RunRow]:
    """What this person sees of the invoices that the run touched; nothing where no run is named.

    For a task that is not mapped Airflow's tab hands over the name of the place, `{MAP_INDEX}`: that is no number.
    """
    dag_id, run_id = asked.one("dag_id"), asked.one("run_id")
    if dag_id is None or run_id is None:
        return Page(items=())
    index = asked.one("map_index")
    wanted = RunFilter(
        dag_id=dag_id,
        run_id=run_id,
        task_id=asked.one("task_id"),
        map_index=int(index) if index and index.isascii() and index.isdecimal() and len(index) < 9 else None,
    )
    return services.store.run_views.page(person.viewer, wanted, asked.page())
