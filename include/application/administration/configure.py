"""Use cases of the configuration: what a file would change, applying it, and checking the logins it names.

Each takes the wanted sections as a `Configuration` whose `model_fields_set` tells which sections the file holds; a
section that is left out is left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from include.application.administration.configuration_changes import (
    as_diff,
    changes_between,
    completed,
    with_retired,
    would_stop,
)
from include.application.administration.configuration_text import example, export, json_schema
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationChange, ConfigurationStore
from include.application.ports.providers import Providers
from include.application.ports.secrets import ConnectionSecrets, Secrets
from include.application.providers.setup_hints import not_configured
from include.application.providers.try_logins import try_logins
from include.application.views.filters import check_administers
from include.domain import configuration_rules as rules
from include.domain.configuration import Configuration, Provider
from include.domain.configuration_rules import Around, Fault
from include.domain.errors import (
    ConfigurationError,
    ConfigurationFileError,
    ConnectorError,
    StaleError,
)
from include.domain.rights import Viewer
from include.texts import Language, Text, translate

__all__ = [
    "Applied",
    "Plan",
    "apply",
    "change",
    "check_logins",
    "example",
    "export",
    "faults_against",
    "faults_of_file",
    "json_schema",
    "look_around",
    "plan",
]

_TRIES = 3

LookAround = Callable[[Configuration], Around | None]
Refuse = Callable[[Sequence[Fault]], ConnectorError]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What applying would change.

    `touches`: invoices not sent yet, which are assessed again after any change; `stops`: names of providers that send
    now, by themselves or at all, and would not any more.
    """

    revision: int
    configuration: Configuration
    changes: tuple[ConfigurationChange, ...]
    touches: int
    stops: tuple[str, ...]
    warnings: tuple[Text, ...]

    def said(self, language: Language) -> str:
        """The plan as a diff, in the reader's language."""
        if not self.changes:
            return translate("plan.unchanged", language, revision=self.revision)
        closing = translate("plan.closing", language, changes=len(self.changes), invoices=self.touches)
        return "\n".join([*as_diff(self.changes, language), closing])


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What was stored; without changes the revision is the old one."""

    revision: int
    configuration: Configuration
    changes: tuple[ConfigurationChange, ...]
    warnings: tuple[Text, ...]


def faults_of_file(wanted: Configuration) -> list[Fault]:
    """What is wrong with a file taken alone: names that a left-out section may define are not assessed."""
    given = wanted.model_fields_set
    known = {"providers"} & given
    if "people" in given and wanted.people.model_fields_set >= {"users", "groups"}:
        known.add("people")
    return rules.faults(wanted, known=known)


def faults_against(
    store: ConfigurationStore, wanted: Configuration, clock: Clock, look_around: LookAround
) -> list[Fault]:
    """What is wrong with the configuration that would result from applying the file."""
    result = completed(store.current()[1], wanted, clock.now())
    return rules.faults(result, around=look_around(result))


def plan(store: ConfigurationStore, wanted: Configuration, clock: Clock) -> Plan:
    """What applying the file would change now."""
    revision, current = store.current()
    result = with_retired(current, completed(current, wanted, clock.now()), store.provider_has_submissions)
    changes = tuple(changes_between(current, result))
    return Plan(
        revision=revision,
        configuration=result,
        changes=changes,
        touches=store.unsent_invoices() if changes else 0,
        stops=would_stop(current, result),
        warnings=(*filter(None, [not_configured(result)]), *rules.warnings(result)),
    )


def apply(
    store: ConfigurationStore,
    wanted: Configuration,
    clock: Clock,
    *,
    actor: str,
    source: str,
    look_around: LookAround,
    viewer: Viewer,
    refuse: Refuse | None = None,
    expected: int | None = None,
) -> Applied:
    """Stores the wanted sections as a new revision, or nothing when nothing effective changes.

    ConfigurationFileError (or what `refuse` makes of the faults) when the result would be faulty: nothing is stored.
    When somebody else's revision came first, the sections are laid over that one, unless `expected` names the revision
    that the person saw: then StaleError. NotThereError for who does not administer.
    """
    return change(
        store,
        lambda _current: wanted,
        clock,
        actor=actor,
        source=source,
        look_around=look_around,
        refuse=refuse,
        viewer=viewer,
        expected=expected,
    )


def change(
    store: ConfigurationStore,
    edit: Callable[[Configuration], Configuration],
    clock: Clock,
    *,
    actor: str,
    source: str,
    look_around: LookAround,
    viewer: Viewer,
    refuse: Refuse | None = None,
    expected: int | None = None,
) -> Applied:
    """`apply` for sections that are made from those stored now.

    `edit` is asked again when somebody else's revision came first, so that neither change is lost; not where `expected`
    names the revision that a form was opened with.
    """
    check_administers(viewer)
    for tries_left in reversed(range(_TRIES)):
        revision, current = store.current()
        if expected not in (None, revision):
            raise StaleError("configuration_changed_meanwhile")
        wanted = edit(current)
        found = faults_against(store, wanted, clock, look_around)
        if found:
            raise (refuse or _without_lines)(found)
        planned = plan(store, wanted, clock)
        try:
            revision = _save(store, planned, actor=actor, source=source, at=clock.now())
        except StaleError:
            if not tries_left:
                raise
            continue
        return Applied(
            revision=revision,
            configuration=planned.configuration,
            changes=planned.changes,
            warnings=planned.warnings,
        )
    raise AssertionError("the loop returns or raises")


def _save(store: ConfigurationStore, planned: Plan, *, actor: str, source: str, at: dt.datetime) -> int:
    if not planned.changes:
        return planned.revision
    return store.save(
        planned.configuration,
        expected_revision=planned.revision,
        actor=actor,
        source=source,
        at=at,
        changes=planned.changes,
    )


def _without_lines(found: Sequence[Fault]) -> ConnectorError:
    return ConfigurationFileError(
        [Text("fault.part", {"part": ".".join(map(str, fault.path)), "fault": fault}) for fault in found]
    )


def look_around(configuration: Configuration, *, secrets: Secrets, chorus: Chorus, allow_production: bool) -> Around:
    """Addresses and effective environments of the providers, as far as their connections can be read here."""
    addresses: dict[str, str] = {}
    environments: dict[str, str] = {}
    for provider in configuration.providers:
        try:
            connection = secrets.get(provider.connection)
            addresses[provider.connection] = _address(connection)
            environments[provider.key] = chorus.effective_environment(provider)
        except ConfigurationError:
            continue
    return Around(allow_production=allow_production, addresses=addresses, environments=environments)


def _address(connection: ConnectionSecrets) -> str:
    if not connection.host:
        return ""
    if "://" in connection.host:
        return connection.host
    schema = f"{connection.schema}://" if connection.schema in ("http", "https") else "//"
    return f"{schema}{connection.host}" + (f":{connection.port}" if connection.port else "")


def check_logins(
    providers: Iterable[Provider], check_login: Callable[[Provider], None], circuits: Providers, clock: Clock
) -> list[Text]:
    """Tries the login of each provider; a warning for each that fails."""
    tried = try_logins(providers, check_login, circuits, clock)
    return [one.warning for one in tried if one.warning is not None]
