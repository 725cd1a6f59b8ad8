"""Settings that are accepted and stored, and that nothing reads yet: each is named once as a warning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.domain.configuration import Configuration, Provider


@dataclass(frozen=True, kw_only=True)
class _Idle:
    """A setting that is accepted and stored, and that nothing reads yet; `used` names where it is set."""

    setting: str
    becomes: str
    used: Callable[[Configuration], Sequence[str]]


def _providers_where(test: Callable[[Provider], bool]) -> Callable[[Configuration], Sequence[str]]:
    return lambda configuration: [provider.name for provider in configuration.providers if test(provider)]


def _all_remote(configuration: Configuration) -> bool:
    return bool(configuration.providers) and all(p.loading == "remote" for p in configuration.providers)


def _is_set(section: str) -> Callable[[Configuration], Sequence[str]]:
    default = Configuration.model_fields[section].default
    return lambda configuration: [] if getattr(configuration, section) == default else [section]


IDLE: tuple[_Idle, ...] = (
    _Idle(
        setting="providers.loading: local",
        becomes="there is no nightly retrieval, so lists show what this connector did; only label_rights look at it",
        used=_providers_where(lambda p: p.loading == "local"),
    ),
    _Idle(
        setting="providers.remote_reading",
        becomes="the platform's own reading is not asked for",
        used=_providers_where(lambda p: p.remote_reading != "never"),
    ),
    _Idle(
        setting="providers.trust_remote_reading",
        becomes="the platform's own reading is not asked for",
        used=_providers_where(lambda p: p.trust_remote_reading),
    ),
    _Idle(
        setting="label_rights without a provider in local mode",
        becomes="they narrow nothing in remote mode",
        used=lambda c: ["label_rights"] if c.label_rights and _all_remote(c) else [],
    ),
    _Idle(
        setting="providers.supplier_service",
        becomes="invoices go without a service of the supplier",
        used=_providers_where(lambda p: p.supplier_service is not None),
    ),
    _Idle(
        setting="reading.searchable_copy",
        becomes="no copy is kept",
        used=lambda c: ["reading"] if c.reading.searchable_copy != "never" else [],
    ),
    _Idle(setting="watchdog", becomes="there is no look-out", used=_is_set("watchdog")),
    _Idle(setting="retention", becomes="nothing is deleted", used=_is_set("retention")),
)
"""What has no effect yet. Whoever makes a setting work takes its line out."""


def warnings(configuration: Configuration) -> list[str]:
    """Settings that are stored and have no effect yet, each named once."""
    found = []
    for idle in IDLE:
        used = idle.used(configuration)
        if used:
            places = f" ({', '.join(used)})" if idle.setting.startswith("providers.") else ""
            found.append(f"{idle.setting}{places} is stored and has no effect yet: {idle.becomes}.")
    return found
