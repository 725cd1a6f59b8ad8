"""Until when the client certificate of a provider holds, as its file says, and whether that is soon."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from include.application.ports.chorus import Chorus
from include.application.providers.credential_health import PARIS, days_left
from include.domain.configuration import Provider
from include.domain.errors import ConnectorError

RENEW_DAYS = 30
"""Days before the end from which on it is warned of: an authority takes weeks to issue another one."""


@dataclass(frozen=True, kw_only=True)
class CertificateEnd:
    """The last day (of Paris) and the days until then, negative when it is past; or why nobody can tell."""

    day: dt.date | None = None
    days: int | None = None
    error: ConnectorError | None = None

    @property
    def soon(self) -> bool:
        """Whether another one has to be asked for by now."""
        return self.days is not None and self.days <= RENEW_DAYS


def certificate_end(provider: Provider, chorus: Chorus, now: dt.datetime) -> CertificateEnd | None:
    """None where the provider uses no certificate."""
    if provider.authentication != "certificate":
        return None
    try:
        expires_at = chorus.certificate_expires_at(provider)
    except ConnectorError as error:
        return CertificateEnd(error=error)
    day = None if expires_at is None else expires_at.astimezone(PARIS).date()
    return CertificateEnd(day=day, days=days_left(expires_at, now))
