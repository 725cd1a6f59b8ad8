"""What may stand in a configuration only once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from include.domain.configuration import Configuration, Provider
from include.domain.configuration.base import Item
from include.domain.configuration.schema import Path
from include.domain.configuration_rules.fault import Fault, joined
from include.domain.values import fold, label_key
from include.texts import Text


def faults(configuration: Configuration) -> Iterator[Fault]:
    """Two things under one identity, name, SIRET that sends automatically, or wording."""
    yield from _twice((), configuration)
    yield from _provider_names_twice(configuration.providers)
    yield from _two_automatic(configuration.providers)
    yield from _wordings(configuration)


def _twice(path: Path, section: BaseModel) -> Iterator[Fault]:
    """Two items of one list with the same identity, at any depth. Labels are compared as they are used: folded."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _twice((*path, name), value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Item):
            yield from _twice_in_list((*path, name), value)


def _twice_in_list(path: Path, items: Sequence[Item]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        keys = item.identified_by
        identity = label_key(item.identity) if "label" in keys else item.identity
        first = seen.setdefault(identity, position)
        if first != position:
            yield Fault(
                path=(*path, position, keys[0]),
                what=Text("fault.twice", {"name": item.identity, "first": first + 1, "second": position + 1}),
                todo=Text("fault.keep_one", {"keys": joined(keys)}),
            )
        yield from _twice((*path, position), item)


def _provider_names_twice(providers: Sequence[Provider]) -> Iterator[Fault]:
    seen: dict[str, Provider] = {}
    for position, provider in enumerate(providers):
        first = seen.setdefault(provider.name, provider)
        if first is not provider and first.key != provider.key:
            yield Fault(
                path=("providers", position, "name"),
                what=Text("fault.provider_name_twice", {"name": provider.name}),
                todo=Text("fault.own_names"),
            )


def _two_automatic(providers: Sequence[Provider]) -> Iterator[Fault]:
    automatic: dict[str, Provider] = {}
    for position, provider in enumerate(providers):
        if not provider.automatic_submission:
            continue
        first = automatic.setdefault(provider.siret, provider)
        if first is not provider and first.key != provider.key:
            yield Fault(
                path=("providers", position, "automatic_submission"),
                what=Text("fault.two_automatic", {"name": first.name, "siret": provider.siret}),
                allowed=Text("fault.one_automatic"),
                todo=Text("fault.switch_one_off"),
            )


def _wordings(configuration: Configuration) -> Iterator[Fault]:
    """A wording that means two bodies, or two services of one body, would be a guess."""
    bodies = [
        (("recipients", position), recipient.siret, recipient.wordings)
        for position, recipient in enumerate(configuration.recipients)
    ]
    yield from _two_meanings(bodies)
    for path, _, _ in bodies:
        recipient = configuration.recipients[path[1]]
        services = [
            ((*path, "services", position), service.code, service.wordings)
            for position, service in enumerate(recipient.services)
        ]
        yield from _two_meanings(services)


def _two_meanings(meanings: Sequence[tuple[Path, str, Sequence[str]]]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path, meaning, wordings in meanings:
        for position, wording in enumerate(wordings):
            first = seen.setdefault(fold(wording), meaning)
            if first != meaning:
                yield Fault(
                    path=(*path, "wordings", position),
                    what=Text("fault.wording_of_two", {"wording": wording, "meaning": first}),
                    todo=Text("fault.longer_wording"),
                )
