"""Looks at the portal; where there is nothing to do anywhere, the rest of the run is skipped in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.lineage import OURS, Data, Lineage, portal_data
from chorus_airflow.metrics import tell_figures
from chorus_airflow.outcomes import postpone_failures, raise_failures
from chorus_airflow.stage import RunRequest, SkippingOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class CollectDocumentsOperator(SkippingOperator):
    """Stores what is new, changed, moved, gone or back in the portal."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """One look; everything after it is skipped when neither it nor anything before it left work."""
        from include.application.operations.watchdog import SUBMISSION
        from include.domain.rights import OWNER

        pipeline = services.begin_pass()
        collected = pipeline.collect()
        scan = collected.scan
        postpone_failures(context, collected.failures)
        fresh = Data(namespace=OURS, name="documents", count=scan.new + scan.changed)
        self.lineage = Lineage(inputs=(portal_data(services, scan.seen),), outputs=(fresh,))
        tell_figures(services)
        if request.retry:
            services.send_again(viewer=OWNER).check(request.document_ids)
        pipeline.submit.check_documents(request.document_ids)
        if not request.narrowed and pipeline.nothing_to_do():
            raise_failures(collected.failures)
            services.store.watch.record_pass(SUBMISSION, now=services.clock.now())
            self.log.info("Nothing to do: the rest of this run is skipped")
            self.skip_the_rest(context)
        return {"seen": scan.seen, "new": scan.new, "changed": scan.changed, "vanished": scan.vanished}
