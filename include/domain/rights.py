"""Who may see what: the one place that decides (docs/reference/connector-functions.md 1.2, 1.8)."""

from __future__ import annotations

from dataclasses import dataclass

from include.domain.configuration import Audience, Configuration
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """What one person sees: everything, or the invoices of some providers, and of those perhaps only some labels.

    `labels` are folded; None means no label filter. The filter holds for providers in Local mode only; those in Remote
    mode are named in `unfiltered`. `without_provider`: also documents whose provider is not known yet.
    `administers`: sees and changes the configuration.
    """

    everything: bool = False
    provider_keys: frozenset[str] = frozenset()
    labels: frozenset[str] | None = None
    unfiltered: frozenset[str] = frozenset()
    without_provider: bool = False
    administers: bool = False


OWNER = Viewer(everything=True, administers=True)
"""Whoever runs the command line owns the database and is administrator."""


def members(configuration: Configuration, audience: Audience) -> frozenset[str]:
    """The user names of an audience, its groups resolved."""
    groups = {group.name: group.users for group in configuration.people.groups}
    return frozenset(audience.users).union(*(groups.get(name, ()) for name in audience.groups))


def viewer(configuration: Configuration, user: str, *, administers_airflow: bool = False) -> Viewer:
    """What this user sees. Administering alone gives no use of a provider; a label narrows what use gives.

    Documents without a provider are for whoever administers, or uses any provider without a label right. While the
    configuration names nobody who administers, Airflow's own administrator does (`administers_airflow`).
    """
    manages = administers(configuration, user, administers_airflow=administers_airflow)
    providers = [p for p in configuration.providers if user in members(configuration, p.use)]
    labels = frozenset(fold(right.label) for right in configuration.label_rights if right.user == user)
    return Viewer(
        provider_keys=frozenset(p.key for p in providers),
        labels=labels or None,
        unfiltered=frozenset(p.key for p in providers if p.loading == "remote"),
        without_provider=manages or bool(providers and not labels),
        administers=manages,
    )


def administers(configuration: Configuration, user: str, *, administers_airflow: bool = False) -> bool:
    """Whether this user may see and change the configuration; using a provider alone gives nothing of it."""
    named = members(configuration, configuration.administer)
    return user in named if named else administers_airflow
