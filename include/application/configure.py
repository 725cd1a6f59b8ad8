"""Use cases of the configuration: what a file would change, applying it, and checking the logins it names.

Each takes the wanted sections as a `Configuration` whose `model_fields_set` tells which sections the file holds; a
section that is left out is left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from include.application.configuration_changes import as_diff, changes_between, completed, with_retired
from include.application.configuration_port import Change, ConfigurationStore
from include.application.configuration_text import example, export, json_schema
from include.application.ports import Chorus, Clock, ConnectionSecrets, Secrets
from include.application.storage_ports import Providers
from include.application.unconfigured import not_configured
from include.domain import configuration_rules as rules
from include.domain.configuration import Configuration, Provider
from include.domain.configuration_rules import Around, Fault
from include.domain.errors import (
    ConfigurationError,
    ConfigurationFileError,
    ConnectorError,
    LoginRefusedError,
    SecretMissingError,
    StaleError,
)

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

PROBE_AFTER = dt.timedelta(hours=1)
"""How long a refused login rests before it is tried again (exactly-once 6)."""

_TRIES = 3
_LOGINS_AT_ONCE = 8

LookAround = Callable[[Configuration], Around | None]
Refuse = Callable[[Sequence[Fault]], ConnectorError]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What applying would change. `touches`: invoices not sent yet, which are judged again after any change."""

    revision: int
    configuration: Configuration
    changes: tuple[Change, ...]
    touches: int
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The plan as a diff."""
        if not self.changes:
            return f"Nothing would change (revision {self.revision})."
        closing = f"{len(self.changes)} changes; {self.touches} invoices that are not sent yet will be judged again."
        return "\n".join([*as_diff(self.changes), closing])


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What was stored; without changes the revision is the old one."""

    revision: int
    configuration: Configuration
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]


def faults_of_file(wanted: Configuration) -> list[Fault]:
    """What is wrong with a file taken alone: names that a left-out section may define are not judged."""
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
    refuse: Refuse | None = None,
) -> Applied:
    """Stores the wanted sections as a new revision, or nothing when nothing effective changes.

    ConfigurationFileError (or what `refuse` makes of the faults) when the result would be faulty: nothing is stored.
    When somebody else's revision came first, the sections are laid over that one.
    """
    return change(
        store, lambda _current: wanted, clock, actor=actor, source=source, look_around=look_around, refuse=refuse
    )


def change(
    store: ConfigurationStore,
    edit: Callable[[Configuration], Configuration],
    clock: Clock,
    *,
    actor: str,
    source: str,
    look_around: LookAround,
    refuse: Refuse | None = None,
) -> Applied:
    """`apply` for sections that are made from those stored now.

    `edit` is asked again when somebody else's revision came first, so that neither change is lost.
    """
    for tries_left in reversed(range(_TRIES)):
        wanted = edit(store.current()[1])
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
    return ConfigurationFileError([f"{'.'.join(str(step) for step in fault.path)}: {fault.text}" for fault in found])


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
) -> list[str]:
    """Tries the login of each provider; a warning for each that fails, which is stopped (exactly-once 6).

    Side by side: a refused client costs five tries with pauses, a dead address its time-out.
    """
    warnings = []
    with ThreadPoolExecutor(max_workers=_LOGINS_AT_ONCE) as executor:
        tried = [(provider, executor.submit(check_login, provider)) for provider in providers]
    for provider, login in tried:
        try:
            login.result()
        except LoginRefusedError as error:
            circuits.open_circuit(
                provider.key, half=error.half, reason=error.what, probe_after=PROBE_AFTER, now=clock.now()
            )
            warnings.append(
                f"{_stored(provider)} It is stopped until a login works; others go on. {_cure(provider, error)}"
            )
        except SecretMissingError as error:
            warnings.append(f"{_stored(provider)} Its login could not be tried: {error}")
        except ConnectorError as error:
            warnings.append(
                f"{_stored(provider)} Its login could not be tried now: {error} The next pass tries again by itself; "
                "`chorus doctor` does it at once."
            )
        else:
            circuits.close_circuit(provider.key, now=clock.now())
    return warnings


def _stored(provider: Provider) -> str:
    return f"{provider.title} is stored."


def _cure(provider: Provider, error: LoginRefusedError) -> str:
    """Which half was refused, and what to do about it (connector functions 1.2: the advice on port 5443)."""
    where = f"the connection {provider.connection}"
    if error.half == "piste":
        return (
            f"Refused: the PISTE client. {error.what} Compare piste_client_id and piste_client_secret in the extra of "
            f"{where} with the application on PISTE; a sandbox application reaches qualification only, and production "
            "needs its own with every API named Chorus Pro selected."
        )
    if error.half == "certificate":
        return f"Refused: the client certificate. {error.what} {error.why} Look at the certificate named in {where}."
    cure = f"Compare login and password in {where}; if they are right, reset the technical password in Chorus Pro"
    if provider.authentication == "certificate":
        cure = f"With port 5443 open, reset the technical password in Chorus Pro, then write it into {where}"
    return f"Refused: the technical account. {error.what} {cure} (it ends by itself after 424 days)."
