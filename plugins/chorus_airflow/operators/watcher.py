"""Makes a run with a failed task a failed run: a run's state is that of its last tasks, and those may succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk import Context


class WatcherOperator(BaseOperator):
    """Runs only when a task before it failed; a good run skips it at no cost."""

    ui_color = "#f7e8e8"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trigger_rule=TriggerRule.ONE_FAILED, retries=0, **kwargs)

    def execute(self, context: Context) -> None:
        """Fails, with where to look."""
        run = context["run_id"]
        raise AirflowFailException(
            f"A task of run {run} failed: open the red one, its log says what happened and what to do. "
            "What could be done without it was done."
        )
