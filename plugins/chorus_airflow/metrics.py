"""Our numbers, sent where Airflow's own settings send Airflow's: StatsD, DogStatsD or OpenTelemetry.

Names begin with `chorus.`, behind Airflow's prefix. Plain StatsD has no tags: there their values follow in the name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.application.ports.figures import Measure, MeasuredCall
    from include.bootstrap import Services

logger = logging.getLogger(__name__)

_SWITCHES = ("statsd_on", "statsd_datadog_enabled", "otel_on")


def measure() -> Measure | None:
    """The function that is called with every call to Chorus Pro; None while metrics are off."""
    return _tell_call if _on() else None


def tell_figures(services: Services) -> None:
    """How everything stands now; asks the store nothing while metrics are off."""
    if not _on():
        return
    with _harmless():
        from airflow.sdk.observability import stats

        for figure in services.figures():
            name, tags = _named(figure.name, figure.tags)
            stats.gauge(name, figure.value, tags=tags)


def count_outcomes(provider_key: str, counts: Mapping[str, int]) -> None:
    """What one task sent, by outcome."""
    if not _on():
        return
    with _harmless():
        from airflow.sdk.observability import stats

        for outcome, count in counts.items():
            if count:
                name, tags = _named("submissions", {"provider": provider_key, "outcome": outcome})
                stats.incr(name, count, tags=tags)


def _tell_call(call: MeasuredCall) -> None:
    from airflow.sdk.observability import stats

    tags_of_call = {"provider": call.provider, "operation": call.operation, "outcome": call.outcome}
    name, tags = _named("api.calls", tags_of_call)
    stats.incr(name, tags=tags)
    name, tags = _named("api.duration", tags_of_call)
    stats.timing(name, dt.timedelta(seconds=call.seconds), tags=tags)


@contextlib.contextmanager
def _harmless() -> Iterator[None]:
    """No stage fails for a number that cannot be sent."""
    try:
        yield
    except Exception as error:  # see above
        logger.warning("Metrics were not sent: %s", error)


def _named(name: str, tags: Mapping[str, str]) -> tuple[str, dict[str, str] | None]:
    """The name with its tags, or with their values in it; a colon in a value would end a StatsD name."""
    from airflow.sdk.observability.stats import normalize_name_for_stats

    safe = {tag: normalize_name_for_stats(value, log_warning=False) for tag, value in tags.items()}
    if _tagged():
        return f"chorus.{name}", safe
    return ".".join(("chorus", name, *safe.values())), None


def _on() -> bool:
    return any(_set(switch) for switch in _SWITCHES)


def _tagged() -> bool:
    # the order in which Airflow chooses among them
    if _set("statsd_datadog_enabled"):
        return True
    return _set("statsd_influxdb_enabled") if _set("statsd_on") else True


def _set(option: str) -> bool:
    from airflow.sdk.configuration import conf

    return bool(conf.getboolean("metrics", option, fallback=False))
