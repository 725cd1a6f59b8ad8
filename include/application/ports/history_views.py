"""Who changed the configuration, when, from where and what: for who administers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from include.application.ports.configuration import Revision
from include.application.ports.paging import Page, PageRequest
from include.domain.configuration import Configuration
from include.domain.rights import Viewer

SORTS = ("revision",)


@dataclass(frozen=True, kw_only=True)
class HistoryFilter:
    """Whose changes, and of which section with all below it; None: of everybody, of everything."""

    actor: str | None = None
    section: str | None = None


EVERYTHING = HistoryFilter()


@dataclass(frozen=True, kw_only=True)
class RevisionDetail:
    """One revision, and the whole configuration as it stood with it."""

    revision: Revision
    configuration: Configuration


class HistoryViews(Protocol):
    """The revisions of the configuration."""

    def page(self, viewer: Viewer, request: PageRequest, asked: HistoryFilter = EVERYTHING) -> Page[Revision]:
        """One page; empty for who does not administer. InputError for a torn cursor."""

    def one(self, viewer: Viewer, number: int) -> RevisionDetail:
        """One revision; NotThereError where there is none, and for who does not administer."""

    def actors(self, viewer: Viewer) -> tuple[str, ...]:
        """Everybody who ever changed something, by name; nobody for who does not administer."""
