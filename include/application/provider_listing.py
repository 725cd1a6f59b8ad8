"""Providers for people and programs: what each is set to, whether it may call, and how long its login holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from include.application.credential_health import PARIS, days_left
from include.application.listing import viewer_of
from include.application.storage_ports import ProviderHealth, Providers
from include.application.unconfigured import NO_PROVIDER
from include.domain.configuration import Configuration, Provider


def list_providers(
    providers: Providers, configuration: Configuration, *, now: dt.datetime, user: str | None = None
) -> list[dict[str, Any]]:
    """Rows of `chorus providers list`, in the order of the configuration; one unconfigured where there is none."""
    viewer = viewer_of(configuration, user)
    rows = [
        _row(provider, providers.health(provider.key), now, retired=provider in configuration.retired_providers)
        for provider in (*configuration.providers, *configuration.retired_providers)
        if viewer.everything or provider.key in viewer.provider_keys
    ]
    if rows or configuration.providers:
        return rows
    return [{**dict.fromkeys(_COLUMNS), "configured": False, "message": NO_PROVIDER}]


def _row(provider: Provider, health: ProviderHealth, now: dt.datetime, *, retired: bool) -> dict[str, Any]:
    return {
        "name": provider.name,
        "siret": provider.siret,
        "environment": str(provider.environment),
        "authentication": provider.authentication,
        "automatic_submission": provider.automatic_submission,
        "retired": retired,
        "stopped_since": health.open_since,
        "stopped_half": health.half,
        "stopped_reason": health.reason,
        "next_probe_at": health.next_probe_at,
        "last_success_at": health.last_success_at,
        "password_expires_on": _day(health.password_expires_at),
        "password_expires_in_days": days_left(health.password_expires_at, now),
        "certificate_expires_on": _day(health.certificate_expires_at),
        "certificate_expires_in_days": days_left(health.certificate_expires_at, now),
        "configured": True,
        "message": None,
    }


_COLUMNS = (
    "name",
    "siret",
    "environment",
    "authentication",
    "automatic_submission",
    "retired",
    "stopped_since",
    "stopped_half",
    "stopped_reason",
    "next_probe_at",
    "last_success_at",
    "password_expires_on",
    "password_expires_in_days",
    "certificate_expires_on",
    "certificate_expires_in_days",
)


def _day(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.astimezone(PARIS).date()
