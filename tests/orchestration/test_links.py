"""From a task of Airflow to the invoices that it touched."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chorus_airflow.links import InvoicesLink
from tests.orchestration.world import AIRFLOW

pytestmark = AIRFLOW

ASKED = {"dag_id": "chorus_auto_submission", "run_id": "manual__2026-11-20T08:00:00+00:00"}


@pytest.mark.parametrize(("index", "end"), [(-1, ""), (3, "&map_index=3")])
def test_the_link_of_a_task_keeps_the_plus_sign_of_a_run(index: int, end: str) -> None:
    key: Any = SimpleNamespace(**ASKED, task_id="submit_invoices", map_index=index)
    link = InvoicesLink().get_link(None, ti_key=key)  # type: ignore[arg-type]
    assert link == (
        "/plugin/chorus/chorus/runs?dag_id=chorus_auto_submission"
        f"&run_id=manual__2026-11-20T08%3A00%3A00%2B00%3A00&task_id=submit_invoices{end}"
    )
