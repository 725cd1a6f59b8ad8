"""What gets another name stays the same one, and whatever means it by its name follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.domain.configuration.base import Audience
from include.domain.configuration.root import Configuration
from include.domain.configuration.routing import Criterion


def renamed_providers(before: Configuration, after: Configuration) -> dict[str, str]:
    """New names by old ones, of the providers that both have and that are called otherwise now."""
    names = {provider.key: provider.name for provider in after.providers}
    return {
        provider.name: names[provider.key]
        for provider in before.providers
        if names.get(provider.key, provider.name) != provider.name
    }


def with_new_names(criteria: Sequence[Criterion], renamed: Mapping[str, str]) -> tuple[Criterion, ...]:
    """Criteria that name the providers as they are called now."""
    return tuple(
        criterion.model_copy(update={"providers": tuple(renamed.get(name, name) for name in criterion.providers)})
        if renamed.keys() & set(criterion.providers)
        else criterion
        for criterion in criteria
    )


def with_group_renamed(configuration: Configuration, old: str, new: str) -> dict[str, Any]:
    """The sections that name groups, beside that of people, as they name this one once it is called otherwise."""

    def named(audience: Audience) -> Audience:
        groups = tuple(new if one == old else one for one in audience.groups)
        return audience.model_copy(update={"groups": groups})

    return {
        "administer": named(configuration.administer),
        "alerts": None if configuration.alerts is None else named(configuration.alerts),
        "providers": tuple(
            one.model_copy(update={"use": named(one.use), "notify": named(one.notify)})
            for one in configuration.providers
        ),
    }
