"""What runs of Airflow did (port `RunViews`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.codec import Reasons, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.run_tables import flow_runs, task_runs
from include.adapters.storage.core.tables import attempts, documents, invoices, moves
from include.adapters.storage.core.visibility import visible_in_lists
from include.adapters.storage.views.history import attempts_made, moves_made
from include.adapters.storage.views.paging import SortColumns, id_page, rows_of
from include.application.ports.document_views import AttemptRow, MoveRow
from include.application.ports.paging import Page, PageRequest
from include.application.ports.run_views import RunFilter, RunRow
from include.application.ports.runs import FlowRun, Result
from include.domain.lifecycle import State
from include.domain.rights import Viewer
from include.domain.tracking import amount_from

_SORTS: SortColumns = {
    "id": listed.c.invoice_id,
    "number": listed.c.number,
    "recipient": listed.c.recipient,
    "total": listed.c.total_cents,
}
_ROW = (
    sa.select(
        invoices.c.id,
        invoices.c.document_id,
        documents.c.name,
        invoices.c.provider_key,
        invoices.c.invoice_number,
        invoices.c.recipient_siret,
        listed.c.recipient_name,
        invoices.c.total_incl_tax,
        invoices.c.state,
        listed.c.status,
        invoices.c.chorus_id,
        invoices.c.reasons,
    )
    .join(listed, listed.c.invoice_id == invoices.c.id)
    .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
)


class SqlRunViews:
    """`RunViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, viewer: Viewer, wanted: RunFilter, request: PageRequest) -> Page[RunRow]:
        """See `RunViews`."""
        with self._database.read() as connection:
            run_ids = connection.scalars(sa.select(task_runs.c.id).where(*_of(wanted))).all()
            moved = sa.select(moves.c.invoice_id).where(moves.c.task_run_id.in_(run_ids))
            sent = sa.select(attempts.c.invoice_id).where(attempts.c.task_run_id.in_(run_ids))
            touched = listed.c.invoice_id.in_(sa.union(moved, sent).scalar_subquery())
            page = id_page(connection, [visible_in_lists(viewer), touched], request, _SORTS)
            made = moves_made(connection, page.invoice_ids, moves.c.task_run_id.in_(run_ids))
            tried = attempts_made(connection, page.invoice_ids, attempts.c.task_run_id.in_(run_ids))
            return page.filled(rows_of(connection, _ROW, page.invoice_ids, lambda values: _row(values, made, tried)))

    def last_runs(self) -> Sequence[FlowRun]:
        """See `RunViews`."""
        with self._database.read() as connection:
            return [
                FlowRun(
                    flow=row.flow,
                    ended_at=row.ended_at,
                    result=Result(row.result),
                    dag_id=row.dag_id,
                    run_id=row.run_id,
                )
                for row in connection.execute(sa.select(flow_runs).order_by(flow_runs.c.flow))
            ]


def _of(wanted: RunFilter) -> list[sa.ColumnElement[bool]]:
    found = [task_runs.c.dag_id == wanted.dag_id, task_runs.c.run_id == wanted.run_id]
    if wanted.task_id is not None:
        found.append(task_runs.c.task_id == wanted.task_id)
    if wanted.map_index is not None:
        found.append(task_runs.c.map_index == wanted.map_index)
    return found


def _row(values: dict[str, Any], made: Mapping[int, list[MoveRow]], sent: Mapping[int, list[AttemptRow]]) -> RunRow:
    invoice_id = values["id"]
    values["state"] = State(values["state"])
    values["total_incl_tax"] = amount_from(values["total_incl_tax"])
    values["reasons"] = load(Reasons, values["reasons"] or ())
    return RunRow(**values, moves=tuple(made.get(invoice_id, ())), attempts=tuple(sent.get(invoice_id, ())))
