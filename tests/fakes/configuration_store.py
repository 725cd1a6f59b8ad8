"""The configuration in memory; held to the real store by tests/contracts/store/test_configuration_store.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace

from include.application.ports.configuration import ConfigurationChange, Revision
from include.application.ports.history_views import EVERYTHING, HistoryFilter, RevisionDetail
from include.application.ports.paging import Page, PageRequest, page_of
from include.domain.configuration import Configuration
from include.domain.errors import NotThereError, StaleError
from include.domain.rights import Viewer


class FakeConfigurationStore:
    """`submitted` holds the keys of providers that ever sent something, `unsent` the number of unsent invoices.

    `assessed`: whether any invoice was ever assessed.
    """

    def __init__(self) -> None:
        self.submitted: set[str] = set()
        self.unsent = 0
        self.assessed = False
        self._configuration = Configuration()
        self._revisions: list[Revision] = []
        self._standing: list[Configuration] = []

    def current(self) -> tuple[int, Configuration]:
        return len(self._revisions), self._configuration

    def save(
        self,
        configuration: Configuration,
        *,
        expected_revision: int,
        actor: str,
        source: str,
        at: dt.datetime,
        changes: Sequence[ConfigurationChange],
    ) -> int:
        if expected_revision != len(self._revisions):
            raise StaleError("The configuration was changed by somebody else meanwhile.")
        number = expected_revision + 1
        # stored as text, as the real one does: what a text cannot hold is lost here too
        self._configuration = Configuration.model_validate_json(configuration.model_dump_json())
        self._standing.append(self._configuration)
        told = Revision(number=number, at=at, actor=actor, source=source, changes=tuple(changes), touched=self.unsent)
        self._revisions.append(told)
        return number

    def provider_has_submissions(self, key: str) -> bool:
        return key in self.submitted

    def anything_assessed(self) -> bool:
        return self.assessed

    def unsent_invoices(self) -> int:
        return self.unsent

    def log(self) -> Sequence[Revision]:
        """All revisions, the newest first; for the tests."""
        return list(reversed(self._revisions))

    def at(self, number: int) -> Configuration:
        """As it stood with this revision; for the tests."""
        return self._standing[number - 1]


class FakeHistoryViews:
    """The port HistoryViews over a configuration in memory."""

    def __init__(self, store: FakeConfigurationStore) -> None:
        self._store = store

    def page(self, viewer: Viewer, request: PageRequest, asked: HistoryFilter = EVERYTHING) -> Page[Revision]:
        known = {one.number: one for one in self._store.log() if viewer.administers and _asked_for(one, asked)}
        page = page_of([SimpleNamespace(revision=number) for number in sorted(known)], request, {"revision": int})
        return Page(items=tuple(known[row.revision] for row in page.items), after=page.after, before=page.before)

    def one(self, viewer: Viewer, number: int) -> RevisionDetail:
        found = next((one for one in self._store.log() if viewer.administers and one.number == number), None)
        if found is None:
            raise NotThereError("no_such_revision", revision=number)
        return RevisionDetail(revision=found, configuration=self._store.at(number))

    def actors(self, viewer: Viewer) -> tuple[str, ...]:
        return tuple(sorted({one.actor for one in self._store.log() if viewer.administers}))


def _asked_for(revision: Revision, asked: HistoryFilter) -> bool:
    sections = [change.section for change in revision.changes]
    of_section = asked.section is None or any(section.startswith(asked.section) for section in sections)
    return of_section and asked.actor in (None, revision.actor)


class ConfigurationStoreChangedMeanwhile(FakeConfigurationStore):
    """Just before the next `times` saves, somebody else saves `other` first."""

    def __init__(self, other: Configuration, *, times: int = 1) -> None:
        super().__init__()
        self._other = other
        self._times = times

    def save(
        self,
        configuration: Configuration,
        *,
        expected_revision: int,
        actor: str,
        source: str,
        at: dt.datetime,
        changes: Sequence[ConfigurationChange],
    ) -> int:
        if self._times:
            self._times -= 1
            super().save(
                self._other, expected_revision=expected_revision, actor="other", source="screen", at=at, changes=()
            )
        return super().save(
            configuration, expected_revision=expected_revision, actor=actor, source=source, at=at, changes=changes
        )
