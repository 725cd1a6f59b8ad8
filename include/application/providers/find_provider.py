"""The provider that somebody named."""

from __future__ import annotations

from include.domain.configuration import Configuration, Provider
from include.domain.errors import InputError


def find_provider(configuration: Configuration, name: str) -> Provider:
    """The configured provider of this name or SIRET; InputError when there is none."""
    provider = configuration.provider(name)
    if provider is None:
        names = ", ".join(one.name for one in configuration.providers) or "none"
        raise InputError("no_such_provider", name=name, configured=names)
    return provider


def find_provider_by_connection(configuration: Configuration, connection_id: str) -> Provider:
    """The provider that uses this connection; InputError when none does."""
    for provider in configuration.providers:
        if provider.connection == connection_id:
            return provider
    raise InputError("connection_of_nobody", connection=connection_id)


def find_provider_by_key(configuration: Configuration, key: str) -> Provider:
    """The provider with this key, retired ones too; InputError when there is none."""
    provider = configuration.provider_by_key(key)
    if provider is None:
        raise InputError("provider_not_configured", key=key)
    return provider
