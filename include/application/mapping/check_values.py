"""What an invoice would be with the values that a person is typing: assessed as ever, and nothing stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from include.application.mapping.assess import Assessor
from include.application.mapping.edit_document import typed_values
from include.application.ports.assessments import Assessments
from include.application.ports.clock import Clock
from include.application.ports.document_views import DocumentViews
from include.domain.completeness.recipient import Obligations, OfferedService, obligations, offered_services
from include.domain.completeness.totals import amount_reasons
from include.domain.directory import DirectoryEntry
from include.domain.errors import MoveForbiddenError, NotThereError
from include.domain.fields.registry import TOTALS
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.transitions.mapping import Edit, assessed


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The amounts as they would be sent. `agree`: all there and equal to the cent, else `reason` may say why."""

    amounts: Mapping[str, Decimal | None]
    agree: bool
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What saving these values would make of the invoice: its state with reasons and warnings, and what is demanded."""

    state: State
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    draft: Draft
    entry: DirectoryEntry | None
    services: tuple[OfferedService, ...]
    obligations: Obligations
    totals: Totals


@dataclass(frozen=True, kw_only=True)
class ValueCheck:
    """Checks for one person; what `viewer` does not see is not there."""

    assessments: Assessments
    documents: DocumentViews
    assessor: Assessor
    revision: int
    clock: Clock
    viewer: Viewer

    def check(self, document_id: int, values: Mapping[str, str]) -> Checked:
        """The typed values laid over the stored ones; one that cannot be converted is a reason.

        InputError for a field that there is not, MoveForbiddenError where nobody types values now.
        """
        if (invoice_id := self.documents.invoice_id(self.viewer, document_id)) is None:
            raise NotThereError("no_such_document", documents=document_id)
        work = self.assessments.opened(document_id)
        if work is None:
            detail = self.documents.detail(self.viewer, document_id)
            state = State.DETECTED if detail is None else detail.row.state
            raise MoveForbiddenError("values_frozen", invoice_id=invoice_id, state=state)
        typed, faults = typed_values(values)
        now = self.clock.now()
        kept = {name: edit for name, edit in work.edits.items() if name not in typed}
        laid = {name: Edit(value=value, actor="", at=now) for name, value in typed.items() if value is not None}
        found = self.assessor.assess(dataclasses.replace(work, edits={**kept, **laid}), now_or_never=True)
        assert found is not None, "now or never"
        assessment = found.assessment
        others = tuple(reason for reason in assessment.reasons if reason.field not in faults)
        assessment = dataclasses.replace(assessment, reasons=(*faults.values(), *others))
        change = assessed(
            work.row_version,
            assessment,
            document=work.document.name,
            refused_values=work.refused_values,
            revision=self.revision,
            now=now,
        )
        return Checked(
            state=change.after,
            reasons=assessment.reasons,
            warnings=assessment.warnings,
            draft=assessment.draft,
            entry=found.entry,
            services=tuple(offered_services(found.entry, work.reading)),
            obligations=obligations(found.entry, assessment.draft.text("service_code")),
            totals=_totals(assessment.draft, faults),
        )


def _totals(draft: Draft, faults: Mapping[str, Reason]) -> Totals:
    amounts = {name: draft.amount(name) for name in (*TOTALS, "amount_due", "discount")}
    unread = [reason for name, reason in faults.items() if name in amounts or name == "vat"]
    reason = next(iter((*unread, *amount_reasons(draft))), None)
    complete = all(amounts[name] is not None for name in TOTALS)
    return Totals(amounts=amounts, agree=reason is None and complete, reason=reason)
