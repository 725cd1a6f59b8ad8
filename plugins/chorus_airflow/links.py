"""From a task to the invoices that it touched."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk.bases.operator import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class InvoicesLink(BaseOperatorLink):
    """On the page of a task of ours, and of what other teams build on our operators."""

    name = "Chorus invoices"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Into the frame of Airflow's pages. Encoded: a run's id holds a plus sign, which would arrive as a blank."""
        named = {"dag_id": ti_key.dag_id, "run_id": ti_key.run_id, "task_id": ti_key.task_id}
        index = {} if ti_key.map_index < 0 else {"map_index": ti_key.map_index}
        return f"/plugin/chorus/chorus/runs?{urlencode({**named, **index})}"
