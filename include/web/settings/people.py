"""People as their forms write them: users, groups, and who sees only invoices with a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from include.application.administration.item_editing import ItemList
from include.application.ports.label_views import SeenLabel
from include.domain.configuration import Configuration, LabelRight, Provider
from include.domain.configuration.renaming import with_group_renamed
from include.domain.configuration.surroundings import Group, User
from include.domain.rights import members
from include.domain.values import fold
from include.web.guards.person import Person
from include.web.host import Host, KnownUser, Services

USERS = ItemList(section="people.users", kind=User, screen="people")
GROUPS = ItemList(section="people.groups", kind=Group, screen="people", followed=with_group_renamed)
LABEL_RIGHTS = ItemList(section="label_rights", kind=LabelRight, screen="label_rights")


def user_values(form: FormData) -> dict[str, Any]:
    """A user as the form writes one."""
    words = {name: str(form.get(name) or "").strip() for name in ("name", "mail", "language")}
    return {"name": words["name"], "mail": words["mail"] or None, "language": words["language"] or None}


def group_values(form: FormData) -> dict[str, Any]:
    """A group as the form writes one."""
    return {"name": str(form.get("name") or "").strip(), "users": [str(one) for one in form.getlist("users")]}


def label_values(form: FormData) -> dict[str, Any]:
    """A label right as the form writes one."""
    return {name: str(form.get(name) or "").strip() for name in ("user", "label")}


def unmapped(services: Services, person: Person) -> list[SeenLabel]:
    """Labels that invoices carry and that nobody has: only who sees everything sees these."""
    mapped = {fold(right.label) for right in person.configuration.label_rights}
    return [one for one in services.store.label_views.user_labels(person.viewer) if fold(one.label) not in mapped]


def strangers(host: Host, person: Person) -> list[KnownUser]:
    """Whom Airflow knows and the configuration does not."""
    named = {user.name for user in person.configuration.people.users}
    return [one for one in host.known_users() if one.name not in named]


def providers_of(configuration: Configuration) -> Mapping[str, list[Provider]]:
    """The providers that each user may use, through groups too."""
    return {
        user.name: [one for one in configuration.providers if user.name in members(configuration, one.use)]
        for user in configuration.people.users
    }
