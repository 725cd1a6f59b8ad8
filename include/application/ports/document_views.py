"""Documents as people see them; the viewer's rights are in every question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.application.ports.paging import Page, PageRequest, Totals
from include.application.ports.runs import RunRef
from include.domain.attachments import AttachmentEdits
from include.domain.causes import Cause
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.reading import DocumentKind
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.transitions.mapping import Edit

TABS: Mapping[str, tuple[State, ...]] = {
    "todo": (State.TO_COMPLETE, State.REFUSED, State.UNREADABLE),
    "ready": (State.READY,),
    "moving": (State.DETECTED, State.MATCHED, State.READ, State.SUBMITTING, State.UNKNOWN),
    "held": (State.HELD,),
    "discarded": (State.DISCARDED,),
}
"""What is to be submitted, by what is to be done about it; `all` is these together."""

IGNORED_TAB = "ignored"

SORTS = ("arrived", "changed", "number", "recipient", "total", "due_date")


@dataclass(frozen=True, kw_only=True)
class DocumentFilter:
    """All documents of a filter: shared by list, bulk action and export.

    `states`: empty, any; `ids`: None, any. `text`: part of number, file name, recipient's name or SIRET, or Chorus id.
    `provider_key` counts unless `without_provider`, which takes those whose provider is not known. `reasons`: with any
    of these codes. Days of arrival are those of Paris, both included. `recipient`: SIRET or part of the name.
    """

    states: tuple[State, ...] = ()
    text: str | None = None
    provider_key: str | None = None
    without_provider: bool = False
    reasons: tuple[str, ...] = ()
    recipient: str | None = None
    arrived_from: dt.date | None = None
    arrived_to: dt.date | None = None
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """One document of the portal, and where its invoice stands.

    `version` rises with every change of the invoice, `content_version` with each new content under the same name.
    `attachments`: how many go along. `kind`: how it was read. `held_reason`: why a person (free text), or the
    connector itself, put it aside.
    """

    id: int
    invoice_id: int
    version: int
    portal_id: str
    name: str
    folder: str
    content_version: int
    arrived_at: dt.datetime
    changed_at: dt.datetime
    state: State
    provider_key: str | None
    invoice_number: str | None
    recipient_siret: str | None
    recipient_name: str | None
    total_incl_tax: Decimal | None
    chorus_id: int | None
    status: str | None
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    flag: str | None
    held_reason: Cause | None
    kind: DocumentKind | None
    attachments: int


@dataclass(frozen=True, kw_only=True)
class MoveRow:
    """One move of an invoice between its states; `run` made it, None outside Airflow."""

    at: dt.datetime
    before: State | None
    after: State
    cause: Cause
    actor: str
    run: RunRef | None


@dataclass(frozen=True, kw_only=True)
class AttemptRow:
    """One sending, or one correction, and what was answered; `run` made it, None outside Airflow.

    `body`: the request as it was sent, `answer` as it came.
    """

    id: int
    kind: str
    state: str
    claimed_at: dt.datetime
    closed_at: dt.datetime | None
    owner: str
    refusal_number: int | None
    refusal_label: str | None
    chorus_id: int | None
    note: Cause | None
    body: str
    answer: str | None
    run: RunRef | None


@dataclass(frozen=True, kw_only=True)
class AttachmentRow:
    """One document that goes along, the `n`th of them.

    `type`: the platform's code; None: decided when it is sent. `bytes`: its size, None while the portal does not have
    it. `rule`: id of the link rule that brought it (`domain.links.rule_id`), None where the portal names it itself
    or a person, `added_by`, added it. `sha256`: of its bytes, None while the portal does not have it.
    """

    n: int
    portal_id: str
    name: str
    type: str | None
    bytes: int | None
    rule: str | None
    added_by: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentDetail:
    """One document with everything that is known of it.

    `attached`: what goes along, `attachment_edits`: what a person made of it; `content_sha256`: digest of the copy of
    its bytes in the content store, None before a criterion took it; `searchable_copy`: digest of the copy with
    recognised words, if one is kept; `edits`: what people typed, by field.
    """

    row: DocumentRow
    draft: Draft
    edits: Mapping[str, Edit]
    criteria: tuple[str, ...]
    attached: tuple[AttachmentRow, ...]
    attachment_edits: AttachmentEdits
    searchable_copy: str | None
    content_sha256: str | None
    moves: tuple[MoveRow, ...]
    attempts: tuple[AttemptRow, ...]


class DocumentViews(Protocol):
    """Documents as people see them."""

    def page(self, viewer: Viewer, wanted: DocumentFilter, request: PageRequest) -> Page[DocumentRow]:
        """One page; sorts are SORTS. InputError for another sort or a torn cursor."""

    def totals(self, viewer: Viewer, wanted: DocumentFilter) -> Totals:
        """How many there are, and by tab whatever `states` says; keys of TABS, `all` and `ignored`."""

    def ids(self, viewer: Viewer, wanted: DocumentFilter, *, limit: int) -> Sequence[int]:
        """Ids of the documents of a filter in the order of their ids: what a bulk action takes."""

    def rows(self, viewer: Viewer, wanted: DocumentFilter) -> Sequence[DocumentRow]:
        """All of them, in the order of their ids."""

    def invoice_id(self, viewer: Viewer, document_id: int) -> int | None:
        """The invoice of a document; None when there is none, or this person does not see it."""

    def detail(self, viewer: Viewer, document_id: int) -> DocumentDetail | None:
        """One document; None when there is none, or this person does not see it."""
