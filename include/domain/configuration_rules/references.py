"""Names that one section uses and another defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from include.domain.configuration import Configuration, Provider
from include.domain.configuration.schema import Path
from include.domain.configuration_rules.fault import Fault, joined, nearest
from include.texts import Text


def unknown_people(path: Path, section: BaseModel, configuration: Configuration) -> Iterator[Fault]:
    """Names of users and groups, wherever a section lists them, that people does not define."""
    known = {
        "users": [user.name for user in configuration.people.users],
        "groups": [group.name for group in configuration.people.groups],
    }
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from unknown_people((*path, name), value, configuration)
        elif name == "user" and value not in known["users"]:
            yield _nobody((*path, name), value, "user", known["users"])
        elif isinstance(value, tuple):
            yield from _unknown_people_in_list((*path, name), value, configuration, known.get(name, []))


def _unknown_people_in_list(
    path: Path, values: Sequence[object], configuration: Configuration, known: Sequence[str]
) -> Iterator[Fault]:
    kind = str(path[-1])
    for position, value in enumerate(values):
        if isinstance(value, BaseModel):
            if path != ("retired_providers",):
                yield from unknown_people((*path, position), value, configuration)
        elif kind in ("users", "groups") and value not in known:
            yield _nobody((*path, position), str(value), kind[:-1], known)


def _nobody(path: Path, name: str, kind: str, known: Sequence[str]) -> Fault:
    return Fault(
        path=path,
        what=Text("fault.nobody", {"kind": kind, "name": name}),
        allowed=", ".join(known) or Text("fault.no_people", {"kind": kind}),
        todo=nearest(name, known) or Text("fault.add_to_people", {"kind": kind}),
        reference=("people", name),
    )


def naming_provider(configuration: Configuration, provider: Provider) -> list[str]:
    """The criteria that mean this provider, by its name or SIRET."""
    called = {provider.name, provider.siret}
    return [criterion.name for criterion in configuration.criteria if called & set(criterion.providers)]


def unknown_providers(configuration: Configuration) -> Iterator[Fault]:
    """Providers that criteria name and that do not exist, or a SIRET that two of them have."""
    names = [provider.name for provider in configuration.providers]
    for position, criterion in enumerate(configuration.criteria):
        for place, name in enumerate(criterion.providers):
            if configuration.provider(name) is not None:
                continue
            several = [p.name for p in configuration.providers if p.siret == name]
            yield Fault(
                path=("criteria", position, "providers", place),
                what=Text("fault.siret_of_several", {"siret": name, "names": joined(several)})
                if several
                else Text("fault.no_provider", {"name": name}),
                allowed=", ".join(several or names) or Text("fault.no_providers"),
                todo=Text("fault.write_the_name")
                if several
                else nearest(name, names) or Text("fault.write_name_or_siret"),
                reference=("providers", name),
            )
