"""Tells people what happened: events become digests, digests become mails; and tells the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class NotifyOperator(StationOperator):
    """Mails and writes nothing in a dry run; what it could not mail or write is due again later."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """One digest per run, kind of event and person; then the documents' states into the portal."""
        if asked.dry_run:
            return {}
        river = services.river()
        report, told = river.notify(), river.write_back()
        counts = {
            "events": report.events,
            "mailed": report.mailed,
            "refused for good": report.failed,
            "postponed": report.postponed,
            "written back": told.written,
            "not written back": told.failed,
        }
        raise_troubles([trouble for trouble in (report.trouble, told.trouble) if trouble])
        return counts
