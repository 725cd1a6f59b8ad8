"""Rules between the parts of a configuration, which no single field can know (docs/reference/interfaces.md 4, "Rules").

`faults` finds what makes a configuration unusable, `warnings` what is accepted and has no effect. Both are pure: what
the surroundings say (addresses behind connections, whether production is allowed) is handed in.
"""

from __future__ import annotations

from collections.abc import Collection

from include.domain.configuration import Configuration
from include.domain.configuration_rules import environments, parts, references, unique
from include.domain.configuration_rules.environments import Around
from include.domain.configuration_rules.fault import Fault, LocatedFault, nearest
from include.domain.configuration_rules.idle import warnings

__all__ = ["ALL_NAMED", "Around", "Fault", "LocatedFault", "faults", "nearest", "warnings"]

ALL_NAMED = frozenset({"people", "providers"})
"""The sections whose items other sections name."""


def faults(
    configuration: Configuration, *, known: Collection[str] = ALL_NAMED, around: Around | None = None
) -> list[Fault]:
    """Everything that is wrong between the parts.

    `known` are the sections (`people`, `providers`) whose content is complete, so that a name that is not there does
    not exist. Without `around` only the text itself is assessed.
    """
    found = [*parts.faults(configuration), *unique.faults(configuration)]
    if "people" in known:
        found += references.unknown_people((), configuration, configuration)
    if "providers" in known:
        found += references.unknown_providers(configuration)
    if around is not None:
        found += environments.faults(configuration, around)
    return found
