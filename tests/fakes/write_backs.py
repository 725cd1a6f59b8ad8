"""What was written into the portal, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from include.application.write_back import WriteBackWork


class FakeWriteBacks:
    """Implements `WriteBacks` for invoices whose state a test sets."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[str, int | None]] = {}
        self.remembered: dict[str, str] = {}

    def to_write_back(self, targets: str, states: Sequence[str], *, limit: int) -> list[WriteBackWork]:
        due = [
            WriteBackWork(
                invoice_id=number,
                portal_id=portal_id,
                state=state,
                chorus_id=chorus_id,
                told=f"{state} {chorus_id} {targets}",
            )
            for number, (portal_id, (state, chorus_id)) in enumerate(self.states.items())
            if state in states
        ]
        return [work for work in due if self.remembered.get(work.portal_id) != work.told][:limit]

    def written_back(self, work: WriteBackWork) -> None:
        self.remembered[work.portal_id] = work.told
