"""The port InternalErrors in memory."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from include.domain.transitions.internal_error import InternalFault, internal_error, internal_error_told
from tests.fakes.store import MemoryStore


@dataclass
class FakeInternalErrors:
    """Keeps what it was told; with a `store` it also writes the reason and the alert there."""

    store: MemoryStore | None = None
    faults: list[InternalFault] = field(default_factory=list)

    def record(self, fault: InternalFault, *, now: dt.datetime) -> None:
        self.faults.append(fault)
        held = fault.row_version
        if self.store is None:
            return
        if held is not None and self.store.invoices[held.invoice_id].row_version == held:
            before = self.store.invoices[held.invoice_id].values.get("reasons") or ()
            change = internal_error(fault, held, before)
            if change is not None:
                self.store.apply(change, now=now)
        self.store.outbox.add(internal_error_told(fault, now))
