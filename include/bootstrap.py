"""Composition: settings in, services out. The only file that knows every adapter.

Nothing is opened here: the database, the reader's workers, the portal and the remote connect at their first use.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from include.adapters.chorus.answers import fingerprint_of
from include.adapters.chorus.chorus import RestChorus
from include.adapters.notification.mailers import check_mail, mailer_for
from include.adapters.notification.render import MailRenderer
from include.adapters.portal.folder import FolderPortal
from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.adapters.secrets.airflow_cli import AirflowCliSecrets
from include.adapters.secrets.chain import SecretsChain
from include.adapters.secrets.environment import EnvironmentSecrets
from include.adapters.storage.database import Database
from include.adapters.storage.files import FsspecFiles
from include.adapters.storage.store import Store
from include.adapters.tables.writer import FileTables
from include.adapters.text.probe import probe
from include.adapters.text.reader import PdfReader
from include.application.correct_invoice import CorrectionDesk
from include.application.credential_health import CredentialHealth
from include.application.doctor import Check, Surroundings, doctor, room_on_disk
from include.application.edit_document import EditDesk
from include.application.evidence import Evidence
from include.application.figures import Figure, Measure, figures
from include.application.learn_layouts import LayoutSchool
from include.application.live_invoices import LiveInvoices
from include.application.outbox_port import Renderer
from include.application.ports import Chorus, Clock, DocumentPortal, Files, Mailer, Secrets
from include.application.retrieve_invoices import Retrieving
from include.application.river import River
from include.application.table_port import TableWriter
from include.application.watchdog import Watchdog
from include.application.write_back import written_names
from include.domain.configuration import Configuration
from include.domain.errors import ConfigurationError
from include.settings import Settings, settings


class SystemClock:
    """The machine's clocks."""

    def now(self) -> dt.datetime:
        """The time in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds since some start; never jumps."""
        return time.monotonic()


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything an entrance needs."""

    settings: Settings
    clock: Clock
    secrets: Secrets
    mask_secret: Callable[[str], None]
    measure: Measure | None = None

    @functools.cached_property
    def store(self) -> Store:
        """Our database."""
        return Store(Database(self.settings.database_url))

    @functools.cached_property
    def files(self) -> Files:
        """The content store."""
        return FsspecFiles(self.settings.files_url)

    @functools.cached_property
    def chorus(self) -> Chorus:
        """Gateways and directories, one set of sessions and tokens for this process."""
        return RestChorus(
            secrets=self.secrets,
            clock=self.clock,
            allow_production=self.settings.allow_production,
            mask_secret=self.mask_secret,
            measure=self.measure,
            calls_per_second=lambda: self.store.configuration.current()[1].submission.calls_per_second,
        )

    @functools.cached_property
    def reader(self) -> PdfReader:
        """The document reader; its workers start with the first document."""
        return PdfReader(keep=self.files.put)

    def portal(self, configuration: Configuration) -> DocumentPortal:
        """The portal that the configuration names; ConfigurationError when it names none."""
        portal = configuration.portal
        if portal is not None and portal.kind == "http" and portal.connection is not None:
            return HttpPortal(
                settings_of(self.secrets.get(portal.connection)),
                clock=self.clock,
                own_metadata=written_names(portal),
                mask_secret=self.mask_secret,
            )
        if portal is None or portal.url is None:
            raise ConfigurationError(
                "No portal is configured.",
                why="Without one there are no documents to send.",
                todo="Add a `portal` section and apply it: `chorus config example` shows one.",
            )
        return FolderPortal(
            portal.url,
            settle_seconds=portal.settle_seconds,
            clock=self.clock,
            own_metadata=written_names(portal),
        )

    def mailer(self, configuration: Configuration) -> Mailer:
        """SMTP where the configuration has a mail section, else the local sink."""
        return mailer_for(configuration.mail, secrets=self.secrets, sink=self.settings.mail_folder, clock=self.clock)

    def renderer(self, configuration: Configuration) -> Renderer:
        """Mails as the configuration words them."""
        return MailRenderer(configuration)

    def begin_pass(self) -> River:
        """The river for a new pass: what earlier passes learned takes effect first, so that it counts in this one."""
        self.store.recipients.take_effect(now=self.clock.now())
        self.school().begin_pass()
        return self.river()

    def school(self) -> LayoutSchool:
        """What teaches the layout memory."""
        _, configuration = self.store.configuration.current()
        return LayoutSchool(lessons=self.store.layouts, configuration=configuration, clock=self.clock)

    def river(self) -> River:
        """All stations over the configuration as it stands now."""
        revision, configuration = self.store.configuration.current()
        store = self.store
        return River(
            documents=store.documents,
            links=store.links,
            judgements=store.judgements,
            ledger=store.ledger,
            corrections=store.corrections,
            providers=store.providers,
            directory=store.directory,
            recipients=store.recipients,
            remote_readings=store.remote_readings,
            layouts=store.layouts,
            outbox=store.outbox,
            write_backs=store.write_backs,
            files=self.files,
            chorus=self.chorus,
            reader=self.reader,
            clock=self.clock,
            configuration=configuration,
            revision=revision,
            owner=worker_name(),
            open_portal=lambda: self.portal(configuration),
            mailer=self.mailer(configuration),
            renderer=self.renderer(configuration),
        )

    def retrieving(self) -> Retrieving:
        """What became of invoices, over the configuration as it stands now."""
        _, configuration = self.store.configuration.current()
        return Retrieving(
            tracking=self.store.tracking,
            corrections=self.store.corrections,
            providers=self.store.providers,
            directory=self.store.directory,
            chorus=self.chorus,
            clock=self.clock,
            configuration=configuration,
        )

    def evidence(self) -> Evidence:
        """Packs of evidence."""
        return Evidence(
            listings=self.store.listings,
            store=self.store.evidence,
            files=self.files,
            configuration=self.store.configuration.current()[1],
            fingerprint=fingerprint_of,
        )

    def watchdog(self) -> Watchdog:
        """The look-out, over the configuration as it stands now."""
        _, configuration = self.store.configuration.current()
        return Watchdog(
            store=self.store.watch,
            tracking=self.store.tracking,
            credentials=CredentialHealth(
                chorus=self.chorus,
                providers=self.store.providers,
                clock=self.clock,
                first_warning_days=configuration.watchdog.password_days,
            ),
            configuration=configuration,
            clock=self.clock,
        )

    def figures(self) -> Iterator[Figure]:
        """How everything stands, in numbers."""
        return figures(self.store.figures, self.store.configuration.current()[1], self.clock)

    @functools.cached_property
    def live(self) -> LiveInvoices:
        """Invoices asked live; keeps answers for seconds."""
        return LiveInvoices(
            tracking=self.store.tracking,
            listings=self.store.listings,
            providers=self.store.providers,
            chorus=self.chorus,
            clock=self.clock,
        )

    def desk(self) -> EditDesk:
        """What a person does to one document."""
        revision, configuration = self.store.configuration.current()
        return EditDesk(
            judgements=self.store.judgements,
            ledger=self.store.ledger,
            chorus=self.chorus,
            configuration=configuration,
            revision=revision,
            clock=self.clock,
            actor=self.settings.actor,
            school=self.school(),
        )

    def correction_desk(self) -> CorrectionDesk:
        """What a person does about a returned invoice."""
        _, configuration = self.store.configuration.current()
        return CorrectionDesk(
            corrections=self.store.corrections,
            listings=self.store.listings,
            ledger=self.store.ledger,
            providers=self.store.providers,
            directory=self.store.directory,
            files=self.files,
            chorus=self.chorus,
            clock=self.clock,
            configuration=configuration,
            owner=worker_name(),
            actor=self.settings.actor,
        )

    def doctor(self) -> Iterator[Check]:
        """One look at everything this product stands on."""
        return doctor(
            Surroundings(
                current=self.store.configuration.current,
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
            )
        )

    def _programs(self) -> Iterator[Check]:
        yield room_on_disk(self.settings.home)
        yield from probe()

    def close(self) -> None:
        """Ends the reader's workers and gives connections back."""
        if "reader" in self.__dict__:
            self.reader.close()
        if "store" in self.__dict__:
            self.store.database.close()


def table_writer() -> TableWriter:
    """Tables as files."""
    return FileTables()


def worker_name() -> str:
    """A name for this worker that no other one has, for claims and leases."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def services(
    *,
    given: Settings | None = None,
    secrets: Secrets | None = None,
    mask_secret: Callable[[str], None] = lambda _secret: None,
    measure: Measure | None = None,
) -> Services:
    """The services of this process; Airflow's tasks and web server bring `secrets`, masker and `measure` of theirs."""
    found = given or settings()
    if secrets is None:
        secrets = EnvironmentSecrets(found.environment)
        if found.secrets == "airflow":
            secrets = SecretsChain(secrets, AirflowCliSecrets())
    return Services(settings=found, clock=SystemClock(), secrets=secrets, mask_secret=mask_secret, measure=measure)
