"""The person behind a request, and what that person may do, by the configuration as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from include.domain.configuration import Configuration
from include.domain.rights import Viewer, viewer
from include.web.host import Host, SignedIn


class Right(StrEnum):
    """What a route asks of the person; each is checked again, for the single item, by use cases and views."""

    SIGNED_IN = "signed_in"
    DOCUMENTS = "documents"
    """Uses a provider, or administers."""
    INVOICES = "invoices"
    """Uses a provider."""
    SETTINGS = "settings"
    """Administers."""


class NotSignedInError(Exception):
    """Nobody is signed in, or the session ended."""


class NotAllowedError(Exception):
    """Somebody known, who lacks the right."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks, and the configuration that says what that person sees."""

    signed_in: SignedIn
    viewer: Viewer
    configuration: Configuration
    revision: int

    @property
    def name(self) -> str:
        """The user name, as audit and configuration name the person."""
        return self.signed_in.name

    def has(self, right: Right) -> bool:
        """Whether this person has that right."""
        uses = bool(self.viewer.provider_keys)
        return {
            Right.SIGNED_IN: True,
            Right.DOCUMENTS: uses or self.viewer.administers,
            Right.INVOICES: uses,
            Right.SETTINGS: self.viewer.administers,
        }[right]


async def person_of(host: Host, request: Request) -> Person:
    """Who sends this request; NotSignedInError when it is nobody."""
    known = await host.authenticate(request)
    if known is None:
        raise NotSignedInError
    revision, configuration = await run_in_threadpool(host.services.store.configuration.current)
    seen = viewer(configuration, known.name, administers_airflow=known.administers_airflow)
    return Person(signed_in=known, viewer=seen, configuration=configuration, revision=revision)
