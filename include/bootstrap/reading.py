"""From the portal to what was read: the portal, the document reader, and the layout memory."""

from __future__ import annotations

import functools
from collections.abc import Collection

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.text.page_images import CagedPageImages
from include.adapters.text.pdf_check import CagedPdfCheck
from include.adapters.text.reader import PdfReader
from include.application.intake.add_document import AddDocument
from include.application.notification.write_back import written_names
from include.application.ports.page_images import PageImages
from include.application.ports.pdf_check import PdfCheck
from include.application.ports.portal import DocumentPortal
from include.application.reading.learn_layouts import LayoutLearner
from include.bootstrap.storage import StorageServices
from include.domain.configuration import Configuration
from include.domain.errors import ConfigurationError
from include.domain.rights import Viewer


class ReadingServices(StorageServices):
    """What is asked of the portal and of documents."""

    def portal(self, configuration: Configuration) -> DocumentPortal:
        """The portal that the configuration names; ConfigurationError when it names none."""
        portal = configuration.portal
        if portal is not None and portal.kind == "http" and portal.connection is not None:
            return self._http_portal(portal.connection, own_metadata=written_names(portal))
        if portal is None or portal.url is None:
            raise ConfigurationError("no_portal")
        return FolderPortal(
            portal.url,
            settle_seconds=portal.settle_seconds,
            clock=self.clock,
            own_metadata=written_names(portal),
        )

    def _http_portal(self, connection_id: str, *, own_metadata: Collection[str] = ()) -> HttpPortal:
        return HttpPortal(
            settings_of(self.secrets.get(connection_id)),
            clock=self.clock,
            own_metadata=own_metadata,
            mask_secret=self.mask_secret,
        )

    def try_portal(self, connection_id: str) -> int:
        """Logs in to the portal of this connection; how many documents it lists."""
        return self._http_portal(connection_id).count()

    @functools.cached_property
    def reader(self) -> PdfReader:
        """The document reader; its workers start with the first document."""
        return PdfReader(keep=self.files.put)

    @functools.cached_property
    def page_images(self) -> PageImages:
        """Pages of stored documents as pictures."""
        limits = self.store.configuration.current()[1].reading
        store = FsspecFiles(self.settings.files_url)
        return CagedPageImages(self.reader, self.files, store, limits)

    @functools.cached_property
    def pdf_check(self) -> PdfCheck:
        """A first look at what somebody hands over."""
        return CagedPdfCheck(self.reader)

    def add_document(self, *, viewer: Viewer, actor: str) -> AddDocument:
        """Adding a document to the portal, for this person."""
        _, configuration = self.store.configuration.current()
        return AddDocument(
            open_portal=functools.partial(self.portal, configuration),
            pdf_check=self.pdf_check,
            configuration=configuration,
            actor=actor,
            viewer=viewer,
        )

    def layout_learner(self) -> LayoutLearner:
        """What teaches the layout memory."""
        _, configuration = self.store.configuration.current()
        return LayoutLearner(examples=self.store.layouts, configuration=configuration, clock=self.clock)
