"""The one unconfigured provider that exists from the start (docs/reference/connector-functions.md 1.2), as a sentence.

It is a view and no row: a provider is known by its SIRET and environment, and a made-up SIRET could be taken for a real
establishment by a key, a claim or an address. So the configuration is empty until somebody writes one, and everything
that shows or uses providers says so.
"""

from __future__ import annotations

from include.domain.configuration import Configuration
from include.texts import Text

NO_PROVIDER = Text("cli.no_provider")
NO_CRITERION = Text("cli.no_criterion")


def untouched(configuration: Configuration) -> bool:
    """Whether neither a provider nor a portal was ever configured."""
    return not configuration.providers and configuration.portal is None


def not_configured(configuration: Configuration) -> Text | None:
    """What is missing before anything can go out: a provider, then a criterion for the portal; None once both stand."""
    if not configuration.providers:
        return NO_PROVIDER
    return NO_CRITERION if configuration.portal is not None and not configuration.criteria else None
