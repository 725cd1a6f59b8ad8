"""Passes of the ten-minute flow over a portal in memory, on the real store; only the reading is made up."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.tables import documents, invoices
from include.adapters.storage.store import Store
from include.application.ports.files import Files
from include.application.ports.portal import DocumentPortal
from include.domain.configuration import Configuration
from include.domain.lifecycle import State
from tests.factories import BODY
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.portal import FakePortal
from tests.sending_bench import SendingBench, complete_reading

INVOICE_RULE = "Facture client"
NOTE_RULE = "Bon de livraison"


class PortalBench(SendingBench):
    """The bench with a portal; the number of an invoice is its file name without extension."""

    fake_clock: FakeClock

    def __init__(self, store: Store, files: Files, clock: FakeClock) -> None:
        self.portal = FakePortal()
        self.platform = FakePlatform(clock)
        self.platform.add_body(BODY)
        super().__init__(store, files, FakeChorus(self.platform), clock)
        self.fake_clock = clock

    @classmethod
    def on(cls, store: Store, home: Any, clock: FakeClock) -> PortalBench:
        """On this store, with a content store of its own."""
        return cls(store, FsspecFiles((home / "files").as_uri()), clock)

    def open_portal(self, _configuration: Configuration) -> DocumentPortal:
        """The portal in memory."""
        return self.portal

    def invoice(self, number: str, *, path: str | None = None, **facts: Any) -> str:
        """Files an invoice in the portal."""
        facts = {"rule": INVOICE_RULE, **facts}
        return self.portal.put(path or f"Factures/{number}.pdf", b"%PDF-1.7 " + number.encode(), **facts).portal_id

    def note(self, name: str, content: bytes | None = None, **facts: Any) -> str:
        """Files a delivery note."""
        facts = {"rule": NOTE_RULE, **facts}
        return self.portal.put(f"Bons/{name}", content or b"%PDF-1.7 note " + name.encode(), **facts).portal_id

    def look(self) -> None:
        """Everything of a pass before sending."""
        pipeline = self.pipeline()
        pipeline.collect()
        pipeline.match()
        self.read()
        pipeline.map()

    def read(self) -> None:
        """Every matched document is read completely, its name being its number."""
        now = self.clock.now()
        for work in self.store.documents.to_read(limit=1_000_000):
            number = PurePath(self.path_of(work.document_id)).stem
            assert self.store.documents.record_reading(work, complete_reading(number, now.date()), now=now)

    def run(self) -> None:
        """A whole pass."""
        self.look()
        pipeline = self.pipeline()
        for key in pipeline.plan():
            pipeline.submit(key)

    # -- what became of it -----------------------------------------------------------------------------------------

    def path_of(self, document_id: int) -> str:
        """Its id in the portal."""
        with self.store.database.read() as connection:
            query = sa.select(documents.c.portal_id).where(documents.c.id == document_id)
            return str(connection.scalars(query).one())

    def at(self, portal_id: str) -> int:
        """The id of the invoice of the newest version of this document."""
        query = (
            sa.select(invoices.c.id)
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(documents.c.portal_id == portal_id, documents.c.latest)
        )
        with self.store.database.read() as connection:
            return int(connection.scalars(query).one())

    def state_at(self, portal_id: str) -> State:
        """Where it stands."""
        return self.state(self.at(portal_id))

    def sent_names(self) -> dict[str, list[str]]:
        """What the platform holds: number -> names of attachments."""
        return {held.sent.number: [a.name for a in held.sent.attachments] for held in self.platform.invoices}
