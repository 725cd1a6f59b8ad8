"""Providers for people and programs: what each is set to, whether it may call, and how long its login holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from include.application.ports.providers import ProviderHealth, Providers
from include.application.providers.credential_health import PARIS, days_left
from include.application.providers.setup_hints import NO_PROVIDER
from include.application.views.filters import viewer_of
from include.domain.configuration import Configuration, Provider
from include.texts import Language, said_stored


@dataclass(frozen=True, kw_only=True)
class ProviderRow:
    """One provider: its settings, since when and why it is stopped, and until when its login holds (days of Paris).

    Not `configured`: there is no provider yet, and `message` says what to do.
    """

    name: str | None = None
    siret: str | None = None
    environment: str | None = None
    authentication: str | None = None
    automatic_submission: bool | None = None
    retired: bool | None = None
    stopped_since: dt.datetime | None = None
    stopped_half: str | None = None
    stopped_reason: str | None = None
    next_probe_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    password_expires_on: dt.date | None = None
    password_expires_in_days: int | None = None
    certificate_expires_on: dt.date | None = None
    certificate_expires_in_days: int | None = None
    configured: bool
    message: str | None = None


def list_providers(
    providers: Providers,
    configuration: Configuration,
    *,
    now: dt.datetime,
    language: Language = "en",
    user: str | None = None,
) -> list[ProviderRow]:
    """Rows of `chorus providers list`, in the order of the configuration; one unconfigured where there is none."""
    viewer = viewer_of(configuration, user)
    rows = [
        _row(
            provider, providers.health(provider.key), now, language, retired=provider in configuration.retired_providers
        )
        for provider in (*configuration.providers, *configuration.retired_providers)
        if viewer.everything or provider.key in viewer.provider_keys
    ]
    if rows or configuration.providers:
        return rows
    return [ProviderRow(configured=False, message=NO_PROVIDER.said(language))]


def _row(
    provider: Provider, health: ProviderHealth, now: dt.datetime, language: Language, *, retired: bool
) -> ProviderRow:
    return ProviderRow(
        name=provider.name,
        siret=provider.siret,
        environment=str(provider.environment),
        authentication=provider.authentication,
        automatic_submission=provider.automatic_submission,
        retired=retired,
        stopped_since=health.open_since,
        stopped_half=health.half,
        stopped_reason=health.reason and said_stored(health.reason, language),
        next_probe_at=health.next_probe_at,
        last_success_at=health.last_success_at,
        password_expires_on=_day(health.password_expires_at),
        password_expires_in_days=days_left(health.password_expires_at, now),
        certificate_expires_on=_day(health.certificate_expires_at),
        certificate_expires_in_days=days_left(health.certificate_expires_at, now),
        configured=True,
    )


def _day(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.astimezone(PARIS).date()
