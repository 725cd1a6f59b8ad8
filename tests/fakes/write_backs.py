"""What goes back to the portal, in memory (port `WriteBacks`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from include.application.ports.write_backs import WriteBackWork
from include.domain.lifecycle import State
from tests.fakes.store import MemoryInvoice, MemoryStore


@dataclass
class FakeWriteBacks:
    """The port WriteBacks."""

    store: MemoryStore = field(default_factory=MemoryStore)

    def to_write_back(self, targets: str, states: Sequence[str], *, limit: int) -> list[WriteBackWork]:
        newest = sorted(self.store.invoices.items(), key=lambda item: (item[1].changed_at, item[0]), reverse=True)
        works = [(self._work(invoice_id, row, targets), row.get("written_back")) for invoice_id, row in newest]
        due = [work for work, before in works if work.state in states and work.told != before]
        never = {work.invoice_id for work, before in works if before is None and work.state == State.IGNORED}
        return [work for work in due if work.invoice_id not in never][:limit]

    def written_back(self, work: WriteBackWork) -> None:
        self.store.invoices[work.invoice_id].values["written_back"] = work.told

    def _work(self, invoice_id: int, row: MemoryInvoice, targets: str) -> WriteBackWork:
        assert row.document is not None, "only what has a document is written back"
        state, chorus_id = row.state, row.get("chorus_id")
        told = f"{state} {chorus_id or '-'} ({targets})"
        return WriteBackWork(
            invoice_id=invoice_id, portal_id=row.document.portal_id, state=state, chorus_id=chorus_id, told=told
        )
