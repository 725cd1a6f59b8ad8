"""Running and configuring the product: settings, doctor, watchdog, figures, and tables as files."""

from __future__ import annotations

from collections.abc import Iterator

from include.adapters.configuration.yaml_file import load_text
from include.adapters.notification.mailers import check_mail
from include.adapters.notification.render import MailRenderer
from include.adapters.scheduler.pools import check_pools
from include.adapters.spreadsheets.writer import FileTables
from include.adapters.text.probe import probe
from include.application.administration.configure import look_around
from include.application.administration.mail_templates import template_faults
from include.application.administration.recipients import RecipientEditing
from include.application.administration.settings_editing import SettingsEditing
from include.application.operations.doctor import Surroundings, doctor, room_on_disk
from include.application.operations.figures import Figure, figures
from include.application.operations.watchdog import Watchdog
from include.application.ports.checks import Check
from include.application.ports.spreadsheets import TableWriter
from include.bootstrap.platform import PlatformServices, credential_health
from include.bootstrap.reading import ReadingServices
from include.domain.rights import Viewer


class AdministrationServices(PlatformServices, ReadingServices):
    """For whoever operates it."""

    def doctor(self) -> Iterator[Check]:
        """One look at everything this product stands on."""
        return doctor(
            Surroundings(
                store=self.store.configuration,
                known_signatures=self.store.documents.known_signatures,
                programs=self._programs,
                files=self.files,
                open_portal=self.portal,
                check_mail=lambda configuration: check_mail(
                    configuration.mail, secrets=self.secrets, sink=self.settings.mail_folder, clock=self.clock
                ),
                chorus=self.chorus,
                providers=self.store.providers,
                clock=self.clock,
                sending=self.settings.sending,
            )
        )

    def _programs(self) -> Iterator[Check]:
        yield room_on_disk(self.settings.home)
        yield from probe()
        if self.settings.secrets == "airflow":
            yield check_pools(reading_slots=self.settings.reading_batches.slots)

    def settings_editing(self, *, viewer: Viewer, actor: str) -> SettingsEditing:
        """The configuration in the hands of this person."""
        return SettingsEditing(
            store=self.store.configuration,
            history=self.store.history_views,
            clock=self.clock,
            look_around=lambda configuration: look_around(
                configuration,
                secrets=self.secrets,
                chorus=self.chorus,
                allow_production=self.settings.allow_production,
            ),
            template_faults=lambda wanted: list(template_faults(wanted, MailRenderer(wanted).faults)),
            load_text=load_text,
            viewer=viewer,
            actor=actor,
        )

    def recipient_editing(self, *, viewer: Viewer, actor: str) -> RecipientEditing:
        """The list of recipients in the hands of this person."""
        return RecipientEditing(
            configuration=self.store.configuration,
            learned=self.store.recipients,
            clock=self.clock,
            actor=actor,
            viewer=viewer,
        )

    def watchdog(self) -> Watchdog:
        """The monitoring, over the configuration as it stands now."""
        _, configuration = self.store.configuration.current()
        return Watchdog(
            store=self.store.watch,
            tracking=self.store.tracking,
            credentials=credential_health(self.store, self.chorus, self.clock, configuration),
            configuration=configuration,
            clock=self.clock,
        )

    def figures(self) -> Iterator[Figure]:
        """How everything stands, in numbers."""
        return figures(self.store.figures, self.store.configuration.current()[1], self.clock)


def table_writer() -> TableWriter:
    """Tables as files."""
    return FileTables()
