"""Our database by noun."""

from __future__ import annotations

from include.adapters.storage.configuration import SqlConfiguration
from include.adapters.storage.corrections import SqlCorrections
from include.adapters.storage.database import Database
from include.adapters.storage.documents import SqlDocuments
from include.adapters.storage.evidence import SqlEvidence
from include.adapters.storage.figures import SqlFigures
from include.adapters.storage.findings import SqlFindings
from include.adapters.storage.judgements import SqlJudgements
from include.adapters.storage.layouts import SqlLayoutLessons
from include.adapters.storage.ledger import SqlLedger
from include.adapters.storage.links import SqlLinks
from include.adapters.storage.listings import SqlListings
from include.adapters.storage.outbox import SqlOutbox
from include.adapters.storage.portal_stock import SqlPortalStock
from include.adapters.storage.recipients import SqlLearnedRecipients
from include.adapters.storage.refusals import SqlRefusals
from include.adapters.storage.remote_facts import SqlDirectoryCache, SqlProviders
from include.adapters.storage.remote_readings import SqlRemoteReadings
from include.adapters.storage.resubmission import SqlResubmission
from include.adapters.storage.retention import SqlRetention
from include.adapters.storage.tracking import SqlTracking
from include.adapters.storage.watch import SqlWatch
from include.adapters.storage.write_backs import SqlWriteBacks


class Store:
    """Each part implements one protocol of the application; all share one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.documents = SqlDocuments(database)
        self.judgements = SqlJudgements(database)
        self.ledger = SqlLedger(database)
        self.corrections = SqlCorrections(database)
        self.figures = SqlFigures(database)
        self.findings = SqlFindings(database)
        self.providers = SqlProviders(database)
        self.directory = SqlDirectoryCache(database)
        self.remote_readings = SqlRemoteReadings(database)
        self.recipients = SqlLearnedRecipients(database)
        self.outbox = SqlOutbox(database)
        self.configuration = SqlConfiguration(database)
        self.listings = SqlListings(database)
        self.evidence = SqlEvidence(database)
        self.tracking = SqlTracking(database)
        self.refusals = SqlRefusals(database)
        self.retention = SqlRetention(database)
        self.resubmission = SqlResubmission(database)
        self.watch = SqlWatch(database)
        self.write_backs = SqlWriteBacks(database)
        self.portal_stock = SqlPortalStock(database)
        self.links = SqlLinks(database)
        self.layouts = SqlLayoutLessons(database)
