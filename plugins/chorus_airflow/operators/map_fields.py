"""Maps readings and metadata to invoices and judges whether each is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.river import River


class MapFieldsOperator(StationOperator):
    """Judges what was read, what changed, and what was judged under an older revision of the configuration."""

    def work(self, river: River, asked: Asked, context: Context) -> Any:
        """With `retry` in the form, refused ones among the named documents are opened again first."""
        if asked.retry:
            task = context["ti"]
            river.reopen(asked.document_ids, actor=f"airflow:{task.dag_id}.{task.run_id}")
        mapped = river.map(asked.document_ids)
        counts = {"ready": mapped.ready, "to_complete": mapped.to_complete, "postponed": mapped.postponed}
        raise_troubles(mapped.troubles)
        return counts
