"""Mapping and completeness in our store, and what a person does on the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from include.domain.attachments import NOTHING_EDITED, AttachmentEdits
from include.domain.document import PortalDocument
from include.domain.lifecycle import RowVersion, State
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.transitions.mapping import Assessment, Edit


@dataclass(frozen=True, kw_only=True)
class AssessmentWork:
    """Everything that mapping and completeness need of one invoice.

    `reading` is a Reason where the PDF was unreadable and a person types the fields. `provider_scope` are the provider
    names that its criteria allow (empty: all). `frozen_number` and `frozen_supplier` are set while an attempt of it is
    unresolved: they may not change without a new search (docs/reference/exactly-once.md 4). `linked` are the documents
    that the portal or a rule links to it, `linked_by` the rules by portal id, `missing_links` what the portal links and
    does not have; `attachment_edits` is what a person did to what goes along. `sent_values` is the digest of what was
    refused, for invoices in `refused`.
    """

    row_version: RowVersion
    document_id: int
    document: PortalDocument
    reading: Reading | Reason
    edits: Mapping[str, Edit]
    provider_scope: tuple[str, ...]
    content_sha256: str
    frozen_number: str | None = None
    frozen_supplier: str | None = None
    refused_values: str | None = None
    linked: tuple[PortalDocument, ...] = ()
    attachment_edits: AttachmentEdits = NOTHING_EDITED
    linked_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    missing_links: tuple[str, ...] = ()


class Assessments(Protocol):
    """Mapping and completeness, and what a person does on the form.

    `expected` is the version that the person saw; StaleError, and nothing is changed, when it is another one now.
    """

    def to_assess(
        self,
        revision: int,
        *,
        limit: int,
        document_ids: Sequence[int] = (),
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[AssessmentWork]:
        """Invoices read but never assessed, changed since, or assessed under an older revision.

        So are those that waited for a person to choose between two of one number, once the other one is out of the way.
        One whose stored values cannot be loaded stands in `errors`.
        """

    def count_to_assess(self, revision: int, *, document_ids: Sequence[int] = ()) -> int:
        """How many `to_assess` has in all."""

    def record_assessment(
        self, work: AssessmentWork, assessment: Assessment, *, revision: int, now: dt.datetime
    ) -> State | None:
        """Stores the draft with its reasons and moves; the state after, or None when the row changed meanwhile."""

    def edit(
        self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        """Stores typed values (None takes one back), to be assessed again; MoveForbiddenError if frozen."""

    def opened(self, document_id: int) -> AssessmentWork | None:
        """The invoice of a document with all that assessing it takes, due or not; None where nobody types its values.

        Nobody does before it was held against the criteria and read, and once it is on its way.
        """

    def edit_attachments(
        self, invoice_id: int, edits: AttachmentEdits, *, actor: str, now: dt.datetime, expected: int
    ) -> None:
        """Stores what a person did to what goes along, to be assessed again; MoveForbiddenError once it is frozen."""

    def shelve(
        self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        """`held` or `discarded`, with a reason."""

    def unshelve(
        self, invoice_id: int, *, actor: str, reason: str | None, now: dt.datetime, expected: int | None = None
    ) -> State:
        """Back to the state before; everything about it is assessed again."""

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        """A person opens a refused one: `to_complete`, assessed again and sent again even with the same values."""

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
        """Forgets the reading of its content and moves to `matched`.

        `copy_again`: our copy of the content is lost, and is taken from the portal by the next match.
        """

    def content_sha256(self, invoice_id: int) -> str | None:
        """Digest of the content that was copied for it."""
