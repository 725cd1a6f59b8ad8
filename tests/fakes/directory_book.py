"""All that we hold of the directory, and who needs it, in memory (port `DirectoryBook`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.application.ports.recipients import DirectoryUse, StoredEntry
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.rights import Viewer
from tests.fakes.store import MemoryInvoice, MemoryStore

_UNSENT = (State.READ, State.TO_COMPLETE, State.READY, State.REFUSED)


@dataclass
class FakeDirectoryBook:
    """The port DirectoryBook over the cache and the invoices of one store."""

    store: MemoryStore = field(default_factory=MemoryStore)

    def entries(self) -> list[StoredEntry]:
        known = sorted(self.store.directory.entries.items())
        return [StoredEntry(environment=environment, entry=entry) for (environment, _), entry in known]

    def uses(self, viewer: Viewer) -> list[DirectoryUse]:
        return [
            DirectoryUse(
                environment=row.values["environment"],
                siret=row.values["recipient_siret"],
                service_code=(row.get("draft") or Draft()).text("service_code"),
                invoice_id=row.id,
                document_id=row.id,
            )
            for row in self.store.rows(*_UNSENT)
            if row.get("environment") and row.get("recipient_siret") and _sees(viewer, row)
        ]


def _sees(viewer: Viewer, row: MemoryInvoice) -> bool:
    key, labels = row.get("provider_key"), set((row.get("labels") or "").strip("|").split("|"))
    if viewer.everything:
        return True
    if key is None:
        return viewer.without_provider
    labelled = viewer.labels is None or key in viewer.unfiltered or bool(viewer.labels & labels)
    return key in viewer.provider_keys and labelled
