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


NO_CRITERION = (
    "No criterion is configured yet, so no document of the portal is taken: add `criteria` to the configuration file, "
    "then apply it; `chorus criteria test` shows what each would take."
)

NEVER_LOOKED = (
    "The portal was not looked at yet, or there is nothing in it: `chorus run submission --dry-run` looks, and sends "
    "nothing."
)


def not_configured(configuration: Configuration) -> str | None:
    """What is missing before anything can go out: a provider, then a criterion for the portal; None once both stand."""
    if not configuration.providers:
        return NO_PROVIDER
    return NO_CRITERION if configuration.portal is not None and not configuration.criteria else None
