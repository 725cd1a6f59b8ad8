"""What may be called from here, and that no address has two names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from include.domain.codes import Environment
from include.domain.configuration import Configuration, Provider
from include.domain.configuration_rules.fault import Fault
from include.texts import Text


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the surroundings say.

    `addresses`: by connection id the host, where it can be read. `environments`: by provider key the environment that
    its address really belongs to, where that is known (an address of production counts as production,
    docs/reference/exactly-once.md 1).
    """

    allow_production: bool
    addresses: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, str] = field(default_factory=dict)


def faults(configuration: Configuration, around: Around) -> Iterator[Fault]:
    """Production where it is not allowed, and addresses that two environments share."""
    yield from _production(configuration, around)
    yield from _shared_addresses(configuration, around)


def _production(configuration: Configuration, around: Around) -> Iterator[Fault]:
    if around.allow_production:
        return
    for position, provider in enumerate(configuration.providers):
        if Environment.PRODUCTION in (provider.environment, around.environments.get(provider.key)):
            declared = provider.environment == Environment.PRODUCTION
            what = Text("fault.production")
            if not declared:
                what = Text("fault.connection_to_production", {"connection": provider.connection, "production": what})
            yield Fault(
                path=("providers", position, "environment" if declared else "connection"),
                what=what,
                allowed="qualification | simulator",
                todo=Text("fault.allow_production"),
            )


def _shared_addresses(configuration: Configuration, around: Around) -> Iterator[Fault]:
    """What went to one address under two names of environments could be sent twice.

    Source: docs/reference/exactly-once.md 1.
    """
    by_address: dict[str, Provider] = {}
    for position, provider in enumerate(configuration.providers):
        host = around.addresses.get(provider.connection)
        if not host:
            continue
        first = by_address.setdefault(plain_address(host), provider)
        if first.environment != provider.environment:
            yield Fault(
                path=("providers", position, "connection"),
                what=Text(
                    "fault.shared_address",
                    {
                        "address": plain_address(host),
                        "environment": provider.environment,
                        "other": first.name,
                        "other_environment": first.environment,
                    },
                ),
                todo=Text("fault.mend_address"),
            )


def plain_address(host: str) -> str:
    """Host and port in one spelling, for comparing."""
    try:
        parts = urlsplit(host if "://" in host else f"//{host}")
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        return host.casefold()
    name = (parts.hostname or "").rstrip(".")
    return f"{'127.0.0.1' if name in ('localhost', '::1') else name}:{port}"
