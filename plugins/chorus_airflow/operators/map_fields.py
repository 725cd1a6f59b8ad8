"""Maps readings and metadata to invoices and assesses whether each is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, StageOperator, requester

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class MapFieldsOperator(StageOperator):
    """Assesses what was read, what changed, and what was assessed under an older revision of the configuration."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """With `retry` in the form, refused ones among the named documents are opened again first."""
        from include.domain.rights import OWNER

        if request.retry and not request.dry_run:
            refused_before = context["dag_run"].run_after
            again = services.send_again(viewer=OWNER, actor=requester(context))
            again.open_refused(request.document_ids, refused_before=refused_before)
        mapped = services.pipeline().map(request.document_ids, dry_run=request.dry_run)
        counts = {"ready": mapped.ready, "to_complete": mapped.to_complete, "postponed": mapped.postponed}
        raise_failures(mapped.failures)
        return counts
