"""Looks at the portal; where there is nothing to do anywhere, the rest of the run is skipped in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import DownstreamTasksSkipped

from chorus_airflow.lineage import OURS, Data, Lineage, portal_data
from chorus_airflow.metrics import tell_figures
from chorus_airflow.named import check_named
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class CollectDocumentsOperator(StationOperator):
    """Stores what is new, changed, moved, gone or back in the portal."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """One look; DownstreamTasksSkipped when neither it nor anything before it left work."""
        from include.application.watchdog import SUBMISSION

        river = services.begin_pass()
        scan = river.collect().scan
        fresh = Data(namespace=OURS, name="documents", count=scan.new + scan.changed)
        self.lineage = Lineage(inputs=(portal_data(services, scan.seen),), outputs=(fresh,))
        tell_figures(services)
        check_named(services, asked)
        if not asked.narrowed and river.nothing_to_do():
            services.store.watch.record_pass(SUBMISSION, now=services.clock.now())
            self.log.info("Nothing to do: the rest of this run is skipped")
            followers = sorted(self.get_flat_relative_ids(upstream=False))
            raise DownstreamTasksSkipped(tasks=followers)  # type: ignore[no-untyped-call]
        return {"seen": scan.seen, "new": scan.new, "changed": scan.changed, "vanished": scan.vanished}
