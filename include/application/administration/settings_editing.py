"""What a person who administers does to the configuration, on whatever screen: planned first, applied to what was seen.

Every change names the revision that the person had before them: whoever comes second is told what changed meanwhile,
and nothing is overwritten in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.application.administration.configure import (
    Applied,
    LookAround,
    Plan,
    Refuse,
    apply,
    change,
    faults_against,
    plan,
)
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationChange, ConfigurationStore, Revision
from include.application.ports.configuration_file import LoadedFile, LoadText
from include.application.ports.history_views import HistoryViews
from include.application.ports.paging import MOST_ROWS, PageRequest
from include.application.views.filters import check_administers
from include.domain.configuration import NOT_IN_THE_FILE, Configuration
from include.domain.configuration_rules import Fault
from include.domain.errors import StaleError
from include.domain.rights import Viewer

SCREENS = "screens/"
"""How the history calls changes that were made on a screen; the screen's name follows."""


@dataclass(frozen=True, kw_only=True)
class SettingsEditing:
    """The configuration in the hands of one person.

    `template_faults`: what is wrong with the wordings of mails, found by rendering them; `load_text`: reads a file.
    """

    store: ConfigurationStore
    history: HistoryViews
    clock: Clock
    look_around: LookAround
    template_faults: Callable[[Configuration], Sequence[Fault]]
    load_text: LoadText
    viewer: Viewer
    actor: str

    def plan_file(self, content: bytes, name: str) -> Plan:
        """What a file would change; ConfigurationFileError with every fault in its place."""
        check_administers(self.viewer)
        return plan(self.store, self._loaded(content, name).configuration, self.clock)

    def apply_file(self, content: bytes, name: str, *, expected: int) -> Applied:
        """Stores a file; StaleError when the configuration is no longer the one it was compared with."""
        check_administers(self.viewer)
        loaded = self._loaded(content, name)
        return self.apply_sections(loaded.configuration, "file", expected, refuse=loaded.faults)

    def plan_back(self, number: int) -> Plan:
        """What going back to the configuration of this revision would change now."""
        return plan(self.store, self._then(number), self.clock)

    def go_back(self, number: int, *, expected: int) -> Applied:
        """Makes the configuration of this revision the one in force, as a new revision."""
        return self.apply_sections(self._then(number), "history", expected)

    def changed_since(self, number: int) -> Sequence[Revision]:
        """Revisions after this one, the newest first, as many as a page holds."""
        newest = self.history.page(self.viewer, PageRequest(sort="-revision", limit=MOST_ROWS))
        return [revision for revision in newest.items if revision.number > number]

    def _loaded(self, content: bytes, name: str) -> LoadedFile:
        return self.load_text(
            content,
            name,
            lambda wanted: [
                *faults_against(self.store, wanted, self.clock, self.look_around),
                *self.template_faults(wanted),
            ],
        )

    def _then(self, number: int) -> Configuration:
        """All sections of a file as they stood, so that none is left alone."""
        stood = self.history.one(self.viewer, number).configuration
        return Configuration(
            **{name: getattr(stood, name) for name in Configuration.model_fields.keys() - NOT_IN_THE_FILE}
        )

    def change(self, edit: Callable[[Configuration], Configuration], screen: str, refuse: Refuse) -> Applied:
        """Stores sections that are made of those in force; `edit` looks by itself whether they are as they were seen.

        It is asked again when somebody else's revision came first.
        """
        return change(
            self.store,
            edit,
            self.clock,
            actor=self.actor,
            viewer=self.viewer,
            source=SCREENS + screen,
            look_around=self.look_around,
            refuse=refuse,
        )

    def record(self, change: ConfigurationChange, screen: str) -> None:
        """A change of something that the configuration only names, such as a secret: a revision that tells of it."""
        check_administers(self.viewer)
        while True:
            revision, configuration = self.store.current()
            try:
                self.store.save(
                    configuration,
                    expected_revision=revision,
                    actor=self.actor,
                    source=SCREENS + screen,
                    at=self.clock.now(),
                    changes=[change],
                )
            except StaleError:
                continue
            return

    def apply_sections(
        self, wanted: Configuration, screen: str, expected: int, refuse: Refuse | None = None
    ) -> Applied:
        """Stores whole sections over the revision that was seen; StaleError when there is a newer one."""
        return apply(
            self.store,
            wanted,
            self.clock,
            actor=self.actor,
            viewer=self.viewer,
            source=SCREENS + screen,
            look_around=self.look_around,
            refuse=refuse,
            expected=expected,
        )
