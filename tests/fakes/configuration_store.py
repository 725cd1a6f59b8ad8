"""The configuration in memory; held to the real store by tests/contracts/test_configuration_store.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from include.application.configuration_port import Change, Revision
from include.domain.configuration import Configuration
from include.domain.errors import StaleError


class FakeConfigurationStore:
    """`submitted` holds the keys of providers that ever sent something, `unsent` the number of unsent invoices."""

    def __init__(self) -> None:
        self.submitted: set[str] = set()
        self.unsent = 0
        self._configuration = Configuration()
        self._revisions: list[Revision] = []

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
        changes: Sequence[Change],
    ) -> int:
        if expected_revision != len(self._revisions):
            raise StaleError("The configuration was changed by somebody else meanwhile.")
        number = expected_revision + 1
        # stored as text, as the real one does: what a text cannot hold is lost here too
        self._configuration = Configuration.model_validate_json(configuration.model_dump_json())
        self._revisions.append(Revision(number=number, at=at, actor=actor, source=source, changes=tuple(changes)))
        return number

    def provider_has_submissions(self, key: str) -> bool:
        return key in self.submitted

    def unsent_invoices(self) -> int:
        return self.unsent

    def log(self) -> Sequence[Revision]:
        return list(reversed(self._revisions))


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
        changes: Sequence[Change],
    ) -> int:
        if self._times:
            self._times -= 1
            super().save(
                self._other, expected_revision=expected_revision, actor="other", source="screen", at=at, changes=()
            )
        return super().save(
            configuration, expected_revision=expected_revision, actor=actor, source=source, at=at, changes=changes
        )
