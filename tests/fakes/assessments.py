"""Mapping and completeness in memory (port `Assessments`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.ports.assessments import AssessmentWork
from include.domain.attachments import NOTHING_EDITED, AttachmentEdits
from include.domain.errors import StaleError
from include.domain.lifecycle import ASSESSABLE, EDITABLE, RowVersion, State
from include.domain.reasons import NUMBER_USED_TWICE
from include.domain.submission import AttemptState
from include.domain.transitions import mapping as rules
from include.domain.transitions.mapping import Assessment, Edit
from tests.fakes.store import MemoryInvoice, MemoryStore


@dataclass
class FakeAssessments:
    """The port Assessments. `recorded` holds the last assessment of each invoice.

    `somebody_is_first` names invoices whose row changes between reading and recording, that many times.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    recorded: dict[int, Assessment] = field(default_factory=dict)
    somebody_is_first: dict[int, int] = field(default_factory=dict)
    before_record: Callable[[AssessmentWork], None] | None = None
    _works: dict[int, AssessmentWork] = field(default_factory=dict)

    def add(self, work: AssessmentWork, *, assessed: int | None = None) -> AssessmentWork:
        """An invoice that was read; `assessed` is the revision of its last assessment."""
        invoice_id = work.row_version.invoice_id
        values = {"edits": work.edits, "refused_values": work.refused_values, "judged_revision": assessed}
        row = MemoryInvoice(work.row_version, work.document, work.content_sha256, values)
        self.store.invoices[invoice_id] = row
        self._works[invoice_id] = work
        return work

    def state(self, invoice_id: int) -> State:
        """Where the invoice stands."""
        return self.store.state(invoice_id)

    def values(self, invoice_id: int) -> Mapping[str, Any]:
        """What stands in its row."""
        return self.store.invoices[invoice_id].values

    def causes(self, invoice_id: int) -> list[str]:
        """Why it moved, in English."""
        return [move.cause.text("en") for move, _ in self.store.invoices[invoice_id].log]

    def to_assess(
        self,
        revision: int,
        *,
        limit: int,
        document_ids: Sequence[int] = (),
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[AssessmentWork]:
        due = [self._now(invoice_id) for invoice_id in sorted(self._works) if self._due(invoice_id, revision)]
        return [work for work in due if not document_ids or work.document_id in document_ids][:limit]

    def count_to_assess(self, revision: int, *, document_ids: Sequence[int] = ()) -> int:
        return len(self.to_assess(revision, limit=sys.maxsize, document_ids=document_ids))

    def record_assessment(
        self, work: AssessmentWork, assessment: Assessment, *, revision: int, now: dt.datetime
    ) -> State | None:
        if self.before_record is not None:
            self.before_record(work)
        invoice_id = work.row_version.invoice_id
        if self.somebody_is_first.get(invoice_id, 0):
            self.somebody_is_first[invoice_id] -= 1
            self.store.write(invoice_id)
        change = rules.assessed(
            work.row_version,
            assessment,
            document=work.document.name,
            refused_values=work.refused_values,
            revision=revision,
            now=now,
        )
        if not self.store.apply(change, now=now):
            return None
        self.recorded[invoice_id] = assessment
        return change.after

    def edit(
        self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        edits: dict[str, Edit] = self.values(invoice_id)["edits"]
        self.store.apply(rules.edited(self._held(invoice_id, expected), edits, values, actor=actor, now=now), now=now)

    def opened(self, document_id: int) -> AssessmentWork | None:
        works = [self._now(one) for one in sorted(self._works) if self._works[one].document_id == document_id]
        return next((work for work in works if work.row_version.state in EDITABLE), None)

    def edit_attachments(
        self, invoice_id: int, edits: AttachmentEdits, *, actor: str, now: dt.datetime, expected: int
    ) -> None:
        self.store.apply(rules.attachments_edited(self._held(invoice_id, expected), edits, actor=actor), now=now)

    def shelve(
        self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        self.store.apply(rules.shelved(self._held(invoice_id, expected), state, reason=reason, actor=actor), now=now)

    def unshelve(
        self, invoice_id: int, *, actor: str, reason: str | None, now: dt.datetime, expected: int | None = None
    ) -> State:
        shelved_from = self.values(invoice_id).get("shelved_from")
        change = rules.unshelved(self._held(invoice_id, expected), shelved_from, reason=reason, actor=actor)
        self.store.apply(change, now=now)
        return change.after

    def reread(
        self,
        invoice_id: int,
        *,
        actor: str,
        reason: str | None,
        now: dt.datetime,
        expected: int | None = None,
        copy_again: bool = False,
    ) -> None:
        held = self._held(invoice_id, expected)
        self.store.apply(rules.reread(held, reason=reason, actor=actor, copy_again=copy_again), now=now)

    def content_sha256(self, invoice_id: int) -> str | None:
        return self._works[invoice_id].content_sha256

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        self.store.apply(rules.reopened(self._held(invoice_id), actor=actor), now=now)

    def _held(self, invoice_id: int, expected: int | None = None) -> RowVersion:
        held = self.store.invoices[invoice_id].row_version
        if expected not in (None, held.version):
            raise StaleError("invoice_changed_meanwhile", invoice_id=invoice_id)
        return held

    def _due(self, invoice_id: int, revision: int) -> bool:
        row = self.store.invoices[invoice_id]
        assessed, state = row.values["judged_revision"], row.state
        assessable = state in ASSESSABLE or (
            state is State.UNREADABLE and (row.values["edits"] or row.get("attachment_edits"))
        )
        return bool(assessable) and (assessed is None or assessed < revision or self._rival_is_gone(row))

    def _rival_is_gone(self, row: MemoryInvoice) -> bool:
        waited = row.state is State.TO_COMPLETE and any(
            reason.code == NUMBER_USED_TWICE for reason in row.get("reasons") or ()
        )
        return waited and not self.store.rivals(row.id)

    def _now(self, invoice_id: int) -> AssessmentWork:
        row = self.store.invoices[invoice_id]
        changed = {name: row.get(name) for name in ("edits", "refused_values")}
        changed["attachment_edits"] = row.get("attachment_edits") or NOTHING_EDITED
        unresolved = [one.content for one in self.store.sendings(invoice_id) if one.state is AttemptState.UNRESOLVED]
        if unresolved:
            changed |= {"frozen_number": unresolved[-1].number, "frozen_supplier": unresolved[-1].supplier_siret}
        return dataclasses.replace(self._works[invoice_id], row_version=row.row_version, **changed)
