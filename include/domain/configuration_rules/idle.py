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


IDLE: tuple[_Idle, ...] = (
    _Idle(
        setting="label_rights without a provider in local mode",
        becomes="they narrow nothing in remote mode",
        used=lambda c: ["label_rights"] if c.label_rights and _all_remote(c) else [],
    ),
)
"""What has no effect yet. Whoever makes a setting work takes its line out."""


def warnings(configuration: Configuration) -> list[str]:
    """Settings that are stored and have no effect yet, each named once."""
    found = []
    for idle in IDLE:
        if idle.used(configuration):
            found.append(f"{idle.setting} is stored and has no effect yet: {idle.becomes}.")
    return found
