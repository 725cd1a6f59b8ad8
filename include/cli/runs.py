"""`chorus runs`: how each flow last ended, and what a run of Airflow did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.documents import As, Json
from include.cli.output import print_lines, print_table, reader_language
from include.texts import Text

if TYPE_CHECKING:
    from include.application.ports.runs import Result

app = typer.Typer(help="Runs of the flows, and what each did.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """The last run of each flow and how it ended; the run of Airflow, where it was one."""
    from include import bootstrap
    from include.application.views.json_rows import flow_run

    rows = bootstrap.services().store.run_views.last_runs()
    if as_json:
        print_lines(flow_run(row) for row in rows)
        return
    columns = ("flow", "ended_at", "result", "dag_id", "run_id")
    print_table(columns, ((row.flow, row.ended_at, _said(row.result), row.dag_id, row.run_id) for row in rows))


def _said(result: Result) -> Text:
    return Text(f"cell.result.{result}")


@app.command()
def show(
    dag_id: Annotated[str, typer.Argument(help="The DAG, as Airflow names it.")],
    run_id: Annotated[str, typer.Argument(help="Its run, as Airflow names it.")],
    task: Annotated[str | None, typer.Option(help="Only what this task did.")] = None,
    map_index: Annotated[int | None, typer.Option(min=0, help="Only this instance of a mapped task.")] = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """The invoices that a run of Airflow touched, with the moves and attempts that it made."""
    from include import bootstrap
    from include.application.ports.paging import every
    from include.application.ports.run_views import RunFilter
    from include.application.views import json_rows
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    viewer = viewer_of(configuration, user)
    wanted = RunFilter(dag_id=dag_id, run_id=run_id, task_id=task, map_index=map_index)
    rows = every(lambda request: services.store.run_views.page(viewer, wanted, request), sort="id")
    if as_json:
        print_lines(json_rows.run_invoice(row, configuration, reader_language(as_json=True)) for row in rows)
        return
    columns = ("id", "document", "number", "state", "status", "to", "run_task")
    print_table(
        columns,
        (
            (row.id, row.name, row.invoice_number, row.state, row.status, move.after, move.run and move.run.task_id)
            for row in rows
            for move in row.moves
        ),
    )
