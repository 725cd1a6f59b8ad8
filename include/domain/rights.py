"""Who may see what: the one place that decides (connector-functions 1.2, 1.8)."""

from __future__ import annotations

from dataclasses import dataclass

from include.domain.configuration import Audience, Configuration
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """What one person sees: everything, or the invoices of some providers, and of those perhaps only some labels.

    `labels` are folded; None means no label filter. The filter holds for providers in Local mode only; those in Remote
    mode are named in `unfiltered`.
    """

    everything: bool = False
    provider_keys: frozenset[str] = frozenset()
    labels: frozenset[str] | None = None
    unfiltered: frozenset[str] = frozenset()


OWNER = Viewer(everything=True)
"""Whoever runs the command line owns the database and is administrator."""


def members(configuration: Configuration, audience: Audience) -> frozenset[str]:
    """The user names of an audience, its groups resolved."""
    groups = {group.name: group.users for group in configuration.people.groups}
    return frozenset(audience.users).union(*(groups.get(name, ()) for name in audience.groups))


def viewer(configuration: Configuration, user: str) -> Viewer:
    """What this user sees. Administering alone gives no use of a provider; a label narrows what use gives."""
    providers = [p for p in configuration.providers if user in members(configuration, p.use)]
    labels = frozenset(fold(right.label) for right in configuration.label_rights if right.user == user)
    return Viewer(
        provider_keys=frozenset(p.key for p in providers),
        labels=labels or None,
        unfiltered=frozenset(p.key for p in providers if p.loading == "remote"),
    )


def administers(configuration: Configuration, user: str) -> bool:
    """Whether this user may see and change the configuration; using a provider alone gives nothing of it."""
    return user in members(configuration, configuration.administer)
