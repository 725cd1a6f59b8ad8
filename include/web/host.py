"""What the web server, in which the screens are mounted, hands in: who is signed in, and the product's services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from include.application.administration.recipients import RecipientEditing
from include.application.administration.settings_editing import SettingsEditing
from include.application.evidence.evidence import Evidence
from include.application.intake.add_document import AddDocument
from include.application.mapping.check_values import ValueCheck
from include.application.mapping.edit_document import DocumentEditing
from include.application.mapping.search_directory import DirectorySearch
from include.application.pipeline import Pipeline
from include.application.ports.call_rates import CallRates
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationStore
from include.application.ports.dag_runs import DagRuns
from include.application.ports.dashboard_views import DashboardViews
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.document_views import DocumentViews
from include.application.ports.documents import Documents
from include.application.ports.files import Files
from include.application.ports.history_views import HistoryViews
from include.application.ports.invoice_views import InvoiceViews
from include.application.ports.label_views import LabelViews
from include.application.ports.links import Links
from include.application.ports.mail import Mailer, Renderer
from include.application.ports.notification_views import NotificationViews
from include.application.ports.outbox import Outbox
from include.application.ports.page_images import PageImages
from include.application.ports.portal import DocumentPortal
from include.application.ports.portal_documents import PortalStock
from include.application.ports.presences import Presences
from include.application.ports.providers import Providers
from include.application.ports.recipients import DirectoryBook, LearnedRecipients
from include.application.ports.retention import RetentionStore
from include.application.ports.run_views import RunViews
from include.application.ports.secrets import Connections, ConnectionSecrets, Secrets
from include.application.ports.sending_flow import SendingFlow
from include.application.ports.spreadsheets import TableStream
from include.application.ports.tracking import Tracking
from include.application.resend.bulk_actions import BulkActions
from include.application.resend.send_again import SendAgain
from include.application.tracking.correct_invoice import CorrectionService
from include.application.tracking.live_invoices import LiveInvoices
from include.domain.configuration import Configuration
from include.domain.rights import Viewer
from include.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Somebody whom the web server knows.

    `name`: the user name by which the configuration names people; `greeting`: how a page addresses the person;
    `administers_airflow`: the web server's own administrator; `by_token`: a program with a bearer token, which a page
    of another site cannot make use of, unlike a cookie.
    """

    name: str
    greeting: str
    administers_airflow: bool = False
    by_token: bool = False


@dataclass(frozen=True, kw_only=True)
class KnownUser:
    """Somebody who may sign in, by the name that Airflow knows, and their mail address where Airflow has one."""

    name: str
    mail: str | None = None


class HeldDirectory(DirectoryCache, DirectoryBook, Protocol):
    """Both sides of what we hold of the directory."""


class Stored(Protocol):
    """Our database, as the screens use it."""

    @property
    def configuration(self) -> ConfigurationStore:
        """The configuration and its revisions."""

    @property
    def directory(self) -> HeldDirectory:
        """The platform's directory as last asked, and who needs it."""

    @property
    def presences(self) -> Presences:
        """Who has which document open."""

    @property
    def call_rates(self) -> CallRates:
        """How often people ask for something costly."""

    @property
    def document_views(self) -> DocumentViews:
        """Documents as people see them."""

    @property
    def documents(self) -> Documents:
        """Documents, and what was read of them."""

    @property
    def invoice_views(self) -> InvoiceViews:
        """Invoices as people see them."""

    @property
    def dashboard_views(self) -> DashboardViews:
        """Counts."""

    @property
    def notification_views(self) -> NotificationViews:
        """What people were told."""

    @property
    def tracking(self) -> Tracking:
        """What the platform said, and when it was last asked."""

    @property
    def outbox(self) -> Outbox:
        """Events, and who has read them."""

    @property
    def history_views(self) -> HistoryViews:
        """Who changed the configuration, and what."""

    @property
    def label_views(self) -> LabelViews:
        """Labels as documents carry them."""

    @property
    def run_views(self) -> RunViews:
        """What runs did."""

    @property
    def recipients(self) -> LearnedRecipients:
        """Lines learned from submissions, and wordings that wait for one."""

    @property
    def portal_stock(self) -> PortalStock:
        """The documents of the portal."""

    @property
    def links(self) -> Links:
        """Links between documents by rules."""

    @property
    def retention(self) -> RetentionStore:
        """What is too old to be kept."""

    @property
    def providers(self) -> Providers:
        """Whether providers may call, and how long their logins hold."""


class Services(Protocol):
    """The product's services, as the screens use them."""

    @property
    def clock(self) -> Clock:
        """Time."""

    @property
    def settings(self) -> Settings:
        """The environment."""

    @property
    def files(self) -> Files:
        """The content store."""

    @property
    def page_images(self) -> PageImages:
        """Pages as pictures."""

    @property
    def live(self) -> LiveInvoices:
        """Invoices asked live."""

    @property
    def table_stream(self) -> TableStream:
        """Tables to be sent on."""

    @property
    def store(self) -> Stored:
        """Our database."""

    @property
    def secrets(self) -> Secrets:
        """Connections, wherever they are kept."""

    def check_certificate(self, connection: ConnectionSecrets) -> dt.datetime:
        """Until when the certificate of a connection holds; an error of ours where it cannot be used."""

    @property
    def chorus(self) -> Chorus:
        """Chorus Pro."""

    def value_check(self, *, viewer: Viewer) -> ValueCheck:
        """What typed values would make of an invoice."""

    def directory_search(self, *, viewer: Viewer) -> DirectorySearch:
        """The directory, as this person may ask it."""

    def document_editing(self, *, actor: str, viewer: Viewer) -> DocumentEditing:
        """What this person does to documents."""

    def send_again(self, *, viewer: Viewer, actor: str) -> SendAgain:
        """Sending what this person chose."""

    def bulk_actions(self, *, viewer: Viewer, actor: str, flow: SendingFlow) -> BulkActions:
        """What this person does to many documents at once."""

    def add_document(self, *, viewer: Viewer, actor: str) -> AddDocument:
        """Adding a document to the portal, for this person."""

    def pipeline(self) -> Pipeline:
        """The stages, over the configuration as it stands now."""

    def correction_service(self, *, viewer: Viewer, actor: str) -> CorrectionService:
        """What this person does about returned invoices."""

    def evidence(self) -> Evidence:
        """Packs of evidence."""

    def recipient_editing(self, *, viewer: Viewer, actor: str) -> RecipientEditing:
        """The list of recipients in the hands of this person."""

    def renderer(self, configuration: Configuration) -> Renderer:
        """Mails as this configuration words them."""

    def mailer(self, configuration: Configuration) -> Mailer:
        """What sends mails by this configuration: its server, or a folder of files."""

    def portal(self, configuration: Configuration) -> DocumentPortal:
        """The portal of this configuration; ConfigurationError when it names none."""

    def settings_editing(self, *, viewer: Viewer, actor: str) -> SettingsEditing:
        """The configuration in the hands of this person."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """The web server around the screens.

    `authenticate`: who sends a request, None when nobody is signed in; `login_address`: where one signs in, as an
    address of this server; `signing_key`: shared by all worker processes, signs the tokens of forms; `flow`: sends what
    people chose; `dag_runs`: has other flows run; `connections`: keeps the secrets that people write; `known_users`:
    who may sign in, nobody where the web server keeps no list.
    """

    services: Services
    authenticate: Callable[[Request], Awaitable[SignedIn | None]]
    login_address: Callable[[], str]
    signing_key: str
    flow: SendingFlow
    dag_runs: DagRuns
    connections: Connections
    known_users: Callable[[], Sequence[KnownUser]] = tuple
