"""What became of invoices: retrieval, live views, corrections, evidence."""

from __future__ import annotations

import functools

from include.adapters.chorus.answers import fingerprint_of
from include.adapters.evidence.page import render_summary
from include.adapters.spreadsheets.writer import CsvStream
from include.application.evidence.evidence import Evidence
from include.application.ports.spreadsheets import TableStream
from include.application.tracking.correct_invoice import CorrectionService
from include.application.tracking.live_invoices import LiveInvoices
from include.application.tracking.restore import Restoring
from include.application.tracking.retrieve_invoices import Retrieving
from include.bootstrap.platform import PlatformServices
from include.bootstrap.process import worker_name
from include.domain.rights import Viewer


class TrackingServices(PlatformServices):
    """Everything after the submission of an invoice."""

    def retrieving(self) -> Retrieving:
        """What became of invoices, over the configuration as it stands now."""
        _, configuration = self.store.configuration.current()
        return Retrieving(
            tracking=self.store.tracking,
            corrections=self.store.corrections,
            providers=self.store.providers,
            directory=self.store.directory,
            chorus=self.chorus,
            internal_errors=self.store.internal_errors,
            clock=self.clock,
            configuration=configuration,
        )

    def restoring(self, *, viewer: Viewer) -> Restoring:
        """What to do after our database was set back."""
        return Restoring(
            retrieving=self.retrieving(),
            views=self.store.document_views,
            actor=self.settings.actor,
            viewer=viewer,
        )

    @functools.cached_property
    def live(self) -> LiveInvoices:
        """Invoices asked live; keeps answers for seconds."""
        return LiveInvoices(
            tracking=self.store.tracking,
            views=self.store.invoice_views,
            providers=self.store.providers,
            chorus=self.chorus,
            clock=self.clock,
        )

    @property
    def table_stream(self) -> TableStream:
        """Tables to be sent on."""
        return CsvStream()

    def correction_service(self, *, viewer: Viewer, actor: str | None = None) -> CorrectionService:
        """What a person does about a returned invoice; left out, the person is whoever runs this process."""
        _, configuration = self.store.configuration.current()
        return CorrectionService(
            corrections=self.store.corrections,
            views=self.store.invoice_views,
            documents=self.store.document_views,
            viewer=viewer,
            ledger=self.store.ledger,
            providers=self.store.providers,
            directory=self.store.directory,
            files=self.files,
            chorus=self.chorus,
            internal_errors=self.store.internal_errors,
            clock=self.clock,
            configuration=configuration,
            owner=worker_name(),
            actor=actor or self.settings.actor,
            sending=self.settings.sending,
        )

    def evidence(self) -> Evidence:
        """Packs of evidence."""
        return Evidence(
            views=self.store.invoice_views,
            store=self.store.evidence,
            files=self.files,
            configuration=self.store.configuration.current()[1],
            page=render_summary,
            fingerprint=fingerprint_of,
        )
