"""Settings that are accepted and stored, and that nothing reads yet: each is named once as a warning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.domain.configuration import Configuration
from include.texts import Text


@dataclass(frozen=True, kw_only=True)
class _Idle:
    """A setting that is accepted and stored, and that nothing reads yet; `used` names where it is set."""

    setting: Text
    becomes: Text
    used: Callable[[Configuration], Sequence[str]]


def _all_remote(configuration: Configuration) -> bool:
    return bool(configuration.providers) and all(p.loading == "remote" for p in configuration.providers)


IDLE: tuple[_Idle, ...] = (
    _Idle(
        setting=Text("warning.idle.label_rights"),
        becomes=Text("warning.idle.label_rights.becomes"),
        used=lambda c: ["label_rights"] if c.label_rights and _all_remote(c) else [],
    ),
)
"""What has no effect yet. Whoever makes a setting work takes its line out."""


def warnings(configuration: Configuration) -> list[Text]:
    """Settings that are stored and have no effect yet, each named once."""
    found = []
    for idle in IDLE:
        if idle.used(configuration):
            found.append(Text("warning.idle", {"setting": idle.setting, "becomes": idle.becomes}))
    return found
