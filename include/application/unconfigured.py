"""The one unconfigured provider that exists from the start (connector-functions 1.2), as a sentence.

It is a view and no row: a provider is known by its SIRET and environment, and a made-up SIRET could be taken for a real
establishment by a key, a claim or an address. So the configuration is empty until somebody writes one, and everything
that shows or uses providers says so.
"""

from __future__ import annotations

from include.domain.configuration import Configuration

NO_PROVIDER = (
    "No provider is configured yet, so nothing can be sent: write one into a configuration file "
    "(`chorus config example` prints a model) and store it with `chorus config apply FILE`."
)


def not_configured(configuration: Configuration) -> str | None:
    """The sentence, while there is no provider."""
    return None if configuration.providers else NO_PROVIDER
