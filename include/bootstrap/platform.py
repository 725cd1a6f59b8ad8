"""Chorus Pro: its gateways and directories, and the logins that lead there."""

from __future__ import annotations

import datetime as dt
import functools

from include.adapters.chorus.certificate import CertificateFile, open_certificate
from include.adapters.chorus.chorus import RestChorus
from include.adapters.storage.store import Store
from include.application.operations.try_connection import TryConnection
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.secrets import ConnectionSecrets
from include.application.providers.credential_health import CredentialHealth
from include.bootstrap.storage import StorageServices
from include.domain.configuration import Configuration
from include.domain.errors import StoreError


class PlatformServices(StorageServices):
    """What is asked of the platform."""

    @functools.cached_property
    def chorus(self) -> Chorus:
        """Gateways and directories, one set of sessions and tokens for this process."""
        return RestChorus(
            secrets=self.secrets,
            clock=self.clock,
            allow_production=self.settings.allow_production,
            sending=self.settings.sending,
            mask_secret=self.mask_secret,
            measure=self.measure,
            calls_per_second=lambda: self.store.configuration.current()[1].submission.calls_per_second,
            call_turns=self.store.call_turns,
        )

    def check_certificate(self, connection: ConnectionSecrets) -> dt.datetime:
        """Until when the certificate of this connection holds, which need not be saved.

        A ConnectorError where it cannot be read, its password or key does not fit, or its time is over.
        """
        opened = open_certificate(CertificateFile.from_secrets(connection))
        opened.require_valid(self.clock.now())
        return opened.expires_at

    def try_connection(self) -> TryConnection:
        """Logs in to Chorus Pro with a connection that need not be saved; before our database is there too."""
        try:
            providers = self.store.configuration.current()[1].providers
        except StoreError:
            providers = ()
        return TryConnection(
            secrets=self.secrets,
            chorus=RestChorus(
                secrets=self.secrets,
                clock=self.clock,
                allow_production=self.settings.allow_production,
                mask_secret=self.mask_secret,
            ),
            clock=self.clock,
            providers=providers,
        )


def credential_health(store: Store, chorus: Chorus, clock: Clock, configuration: Configuration) -> CredentialHealth:
    """How long logins hold."""
    return CredentialHealth(
        chorus=chorus,
        providers=store.providers,
        clock=clock,
        first_warning_days=configuration.watchdog.password_days,
    )
