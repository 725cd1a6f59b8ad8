"""Settings that are accepted and stored, and that nothing reads yet: each is named once as a warning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.domain.configuration import Configuration


@dataclass(frozen=True, kw_only=True)
class _Idle:
    """A setting that is accepted and stored, and that nothing reads yet; `used` names where it is set."""

    setting: str
    becomes: str
    used: Callable[[Configuration], Sequence[str]]


def _all_remote(configuration: Configuration) -> bool:
    return bool(configuration.providers) and all(p.loading == "remote" for p in configuration.providers)


def _is_set(section: str) -> Callable[[Configuration], Sequence[str]]:
    default = Configuration.model_fields[section].default
    return lambda configuration: [] if getattr(configuration, section) == default else [section]


IDLE: tuple[_Idle, ...] = (
    _Idle(
        setting="label_rights without a provider in local mode",
        becomes="they narrow nothing in remote mode",
        used=lambda c: ["label_rights"] if c.label_rights and _all_remote(c) else [],
    ),
    _Idle(setting="retention", becomes="nothing is deleted", used=_is_set("retention")),
)
"""What has no effect yet. Whoever makes a setting work takes its line out."""


def warnings(configuration: Configuration) -> list[str]:
    """Settings that are stored and have no effect yet, each named once."""
    found = []
    for idle in IDLE:
        if idle.used(configuration):
            found.append(f"{idle.setting} is stored and has no effect yet: {idle.becomes}.")
    return found
