"""Our database by noun."""

from __future__ import annotations

from include.adapters.storage.archive.archive import SqlArchive
from include.adapters.storage.archive.archived_views import (
    DocumentsWithArchive,
    EvidenceWithArchive,
    InvoicesWithArchive,
)
from include.adapters.storage.archive.pack import NoArchive
from include.adapters.storage.archive.personal_data import RetentionWithArchive
from include.adapters.storage.core.configuration import SqlConfiguration
from include.adapters.storage.core.database import Database
from include.adapters.storage.intake.assessments import SqlAssessments
from include.adapters.storage.intake.documents import SqlDocuments
from include.adapters.storage.intake.links import SqlLinks
from include.adapters.storage.intake.portal_documents import SqlPortalStock
from include.adapters.storage.intake.write_backs import SqlWriteBacks
from include.adapters.storage.learning.layouts import SqlLayoutExamples
from include.adapters.storage.learning.recipients import SqlLearnedRecipients
from include.adapters.storage.operations.bulk_requests import SqlBulkRequests
from include.adapters.storage.operations.internal_errors import SqlInternalErrors
from include.adapters.storage.operations.watch import SqlWatch
from include.adapters.storage.outbox.outbox import SqlOutbox
from include.adapters.storage.platform.call_turns import SqlCallTurns
from include.adapters.storage.platform.directory import SqlDirectoryCache
from include.adapters.storage.platform.providers import SqlProviders
from include.adapters.storage.platform.refusals import SqlRefusals
from include.adapters.storage.platform.remote_readings import SqlRemoteReadings
from include.adapters.storage.submission.ledger import SqlLedger
from include.adapters.storage.submission.resubmission import SqlResubmission
from include.adapters.storage.tracking.corrections import SqlCorrections
from include.adapters.storage.tracking.findings import SqlFindings
from include.adapters.storage.tracking.tracking import SqlTracking
from include.adapters.storage.views.dashboard import SqlDashboardViews
from include.adapters.storage.views.figures import SqlFigures
from include.adapters.storage.views.history_log import SqlHistoryViews
from include.adapters.storage.views.labels import SqlLabelViews
from include.adapters.storage.views.notifications import SqlNotificationViews
from include.adapters.storage.views.people import SqlCallRates, SqlPresences
from include.adapters.storage.views.runs import SqlRunViews
from include.application.ports.call_rates import CallRates
from include.application.ports.files import Packs
from include.application.ports.history_views import HistoryViews
from include.application.ports.label_views import LabelViews
from include.application.ports.notification_views import NotificationViews
from include.application.ports.presences import Presences
from include.application.ports.run_views import RunViews


class Store:
    """Each part implements one protocol of the application; all share one database.

    `packs` is the part of the content store where archived invoices lie.
    """

    def __init__(self, database: Database, packs: Packs | None = None) -> None:
        self.database = database
        archive = packs or NoArchive()
        self.archive = SqlArchive(database, archive)
        self.documents = SqlDocuments(database)
        self.assessments = SqlAssessments(database)
        self.ledger = SqlLedger(database)
        self.corrections = SqlCorrections(database)
        self.figures = SqlFigures(database)
        self.findings = SqlFindings(database)
        self.providers = SqlProviders(database)
        self.call_turns = SqlCallTurns(database)
        self.directory = SqlDirectoryCache(database)
        self.remote_readings = SqlRemoteReadings(database)
        self.recipients = SqlLearnedRecipients(database)
        self.outbox = SqlOutbox(database)
        self.configuration = SqlConfiguration(database)
        self.document_views = DocumentsWithArchive(database, archive)
        self.invoice_views = InvoicesWithArchive(database, archive)
        self.evidence = EvidenceWithArchive(database, archive)
        self.history_views: HistoryViews = SqlHistoryViews(database)
        self.label_views: LabelViews = SqlLabelViews(database)
        self.notification_views: NotificationViews = SqlNotificationViews(database)
        self.run_views: RunViews = SqlRunViews(database)
        self.dashboard_views = SqlDashboardViews(database)
        self.tracking = SqlTracking(database)
        self.refusals = SqlRefusals(database)
        self.retention = RetentionWithArchive(database, archive)
        self.resubmission = SqlResubmission(database)
        self.bulk_requests = SqlBulkRequests(database)
        self.presences: Presences = SqlPresences(database)
        self.call_rates: CallRates = SqlCallRates(database)
        self.watch = SqlWatch(database)
        self.internal_errors = SqlInternalErrors(database)
        self.write_backs = SqlWriteBacks(database)
        self.portal_stock = SqlPortalStock(database)
        self.links = SqlLinks(database)
        self.layouts = SqlLayoutExamples(database)
