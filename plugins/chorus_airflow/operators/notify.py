"""Tells people what happened: events become digests, digests become mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_troubles
from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class NotifyOperator(StationOperator):
    """Mails nothing in a dry run; what it could not mail is due again later."""

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """One digest per run, kind of event and person."""
        if asked.dry_run:
            return {}
        report = services.river().notify()
        counts = {
            "events": report.events,
            "mailed": report.mailed,
            "refused for good": report.failed,
            "postponed": report.postponed,
        }
        raise_troubles([report.trouble] if report.trouble else [])
        return counts
