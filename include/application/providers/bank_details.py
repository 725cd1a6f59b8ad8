"""Bank details as the platform lists them for a supplier: kept for a day, so that assessing can use them.

The list is refreshed whenever a pass of sending asks for the supplier anyway, by `chorus bank-details list`, and once
an hour while an invoice waits because its bank details are not in it: declared on the platform's portal, they are
found without a word from anybody.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.providers import Providers
from include.domain.configuration import Provider
from include.domain.directory import SupplierAccount
from include.domain.errors import ConfigurationError, RemoteError
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.submission_builder import bank_account

logger = logging.getLogger(__name__)

BELIEVED = dt.timedelta(days=1)
"""Age up to which a stored list decides; an older one counts as none."""

ASKED_AGAIN = dt.timedelta(hours=1)
"""Pause between two looks for bank details that an invoice waits for."""


class BankLists:
    """The lists of one pass."""

    def __init__(self, providers: Providers, chorus: Chorus, clock: Clock) -> None:
        self._providers = providers
        self._chorus = chorus
        self._clock = clock
        self._known: dict[str, SupplierAccount | None] = {}

    def refresh(self, provider: Provider) -> SupplierAccount:
        """Asks the platform and keeps the answer; the errors of the gateway."""
        account = self._chorus.gateway(provider).supplier()
        self._providers.keep_account(provider.key, account, now=self._clock.now())
        self._known[provider.key] = account
        return account

    def look_for_missing(self, providers: Iterable[Provider]) -> None:
        """Refreshes the lists that invoices wait for; a platform that does not answer is asked in the next pass."""
        waited_for = set(self._providers.bank_details_waited_for())
        for provider in providers:
            if provider.key not in waited_for or self._providers.health(provider.key).open_since is not None:
                continue
            known = self._providers.account(provider.key)
            if known is not None and self._clock.now() - known.fetched_at < ASKED_AGAIN:
                continue
            try:
                self.refresh(provider)
            except (RemoteError, ConfigurationError) as error:
                logger.warning("Provider %s: its bank details cannot be asked for now: %s", provider.key, error)

    def reason(self, draft: Draft, provider: Provider | None) -> Reason | None:
        """Why the bank details of the draft would not be taken, where the list is known."""
        account = None if provider is None else self._believed(provider)
        found = None if account is None else bank_account(draft, account)
        return found if isinstance(found, Reason) else None

    def _believed(self, provider: Provider) -> SupplierAccount | None:
        if provider.key not in self._known:
            known = self._providers.account(provider.key)
            fresh = known is not None and self._clock.now() - known.fetched_at < BELIEVED
            self._known[provider.key] = known.account if known is not None and fresh else None
        return self._known[provider.key]
