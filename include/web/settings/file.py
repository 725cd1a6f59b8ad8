"""The configuration file as it comes from a person or a program, and what is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.application.administration.settings_editing import SettingsEditing
from include.application.providers.provider_listing import ProviderRow, list_providers
from include.application.providers.try_logins import LoginTried, try_logins
from include.domain.configuration import Provider
from include.domain.configuration_rules import LocatedFault
from include.domain.errors import ConfigurationFileError, TooLargeError
from include.texts import Language, said
from include.web.guards.body import BodyLimit
from include.web.guards.person import Person
from include.web.host import Services

LARGEST = 1_000_000
"""Bytes of a file."""

BODY = BodyLimit(lambda _person: 8 * LARGEST)
"""Of a request: a form writes a file with three signs for a blank line, and may bring it twice."""

NAME = "chorus.yaml"
"""What faults call the file, and what it is called when it is exported."""


def editing_of(services: Services, person: Person) -> SettingsEditing:
    """The configuration in the hands of this person."""
    return services.settings_editing(viewer=person.viewer, actor=person.name)


def content_of(text: str) -> bytes:
    """The bytes of a file; TooLargeError for one that is no configuration any more."""
    content = text.encode()
    if len(content) > LARGEST:
        raise TooLargeError("upload_too_large", megabytes=LARGEST // 1_000_000)
    return content


def faults_of(error: ConfigurationFileError, language: Language) -> list[dict[str, Any]]:
    """Every fault with its place in the file."""
    return [_fault(fault, language) for fault in error.listed]


def _fault(fault: object, language: Language) -> dict[str, Any]:
    if isinstance(fault, LocatedFault):
        words = said(fault.text, language)
        return {"line": fault.line, "column": fault.column, "path": fault.path, "message": words}
    return {"line": None, "column": None, "path": "", "message": said(fault, language)}


def log_in(services: Services, providers: Sequence[Provider]) -> list[LoginTried]:
    """Tries the login of each: both halves, and whether the account may invoice for the SIRET."""

    def check(provider: Provider) -> None:
        gateway = services.chorus.gateway(provider)
        gateway.check()
        gateway.supplier()

    return try_logins(providers, check, services.store.providers, services.clock)


def stopped_providers(services: Services, person: Person) -> list[ProviderRow]:
    """Providers whose login was refused."""
    rows = list_providers(services.store.providers, person.configuration, now=services.clock.now())
    return [row for row in rows if row.stopped_since is not None]
