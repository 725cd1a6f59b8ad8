"""Maps readings and metadata to invoices and judges whether each is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.named import reopen
from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class MapFieldsOperator(StationOperator):
    """Judges what was read, what changed, and what was judged under an older revision of the configuration."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """With `retry` in the form, refused ones among the named documents are opened again first."""
        if asked.retry and not asked.dry_run:
            run = context["dag_run"]
            reopen(services, asked, refused_before=run.run_after, actor=f"airflow:{run.dag_id}.{run.run_id}")
        mapped = services.river().map(asked.document_ids, dry_run=asked.dry_run)
        counts = {"ready": mapped.ready, "to_complete": mapped.to_complete, "postponed": mapped.postponed}
        raise_troubles(mapped.troubles)
        return counts
