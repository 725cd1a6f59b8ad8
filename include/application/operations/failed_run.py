"""A failed run is told to who is in `alerts`: the first of a DAG at once, further ones in one mail an hour later."""

from __future__ import annotations

import datetime as dt

from include.application.ports.monitoring import WatchStore
from include.domain.notification import run_failed


def tell_failed_run(
    store: WatchStore, *, dag_id: str, run_id: str, began: str, flow: str | None, now: dt.datetime
) -> None:
    """Writes the alert into the outbox. With `flow`: the run was one of the whole flow, and stands as its last one."""
    if flow is not None:
        store.record_failure(flow, now=now, dag_id=dag_id, run_id=run_id)
    store.tell([run_failed(dag_id=dag_id, run_id=run_id, began=began, now=now)])
