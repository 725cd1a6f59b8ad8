"""What a pack of evidence adds to the listings, and the page that a person reads in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from include.application.ports.invoice_views import InvoiceDetail
from include.domain.causes import Cause, CauseCode
from include.domain.submission import RemoteInvoice
from include.domain.transitions.mapping import Edit
from include.texts import Language


@dataclass(frozen=True, kw_only=True)
class DocumentProof:
    """A document of the portal, as it was found; `content_sha256`: digest of its bytes."""

    portal_id: str
    name: str
    folder: str
    version: int
    arrived_at: dt.datetime
    first_seen_at: dt.datetime
    content_sha256: str
    metadata: Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class AttemptProof:
    """One sending, or one correction, and what was answered.

    `submission`: the values that it sent, as they were stored before it went out, in the shape of its kind. `body`: the
    request as it was sent, `answer` as it came.
    """

    id: int
    invoice_id: int
    kind: str
    state: str
    environment: str
    provider_key: str
    owner: str
    submission: Mapping[str, Any]
    body: str
    claimed_at: dt.datetime
    closed_at: dt.datetime | None
    answer: str | None
    refusal_number: int | None
    refusal_label: str | None
    note: Cause | None
    chorus_id: int | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of a search."""

    supplier_siret: str
    number: str


@dataclass(frozen=True, kw_only=True)
class SearchProof:
    """What the platform answered to a search, so many `times` from `first_at` to `last_at`, and what that decided."""

    id: int
    invoice_id: int
    first_at: dt.datetime
    last_at: dt.datetime
    times: int
    asked: tuple[Asked, ...]
    found: tuple[RemoteInvoice, ...]
    decided: CauseCode


@dataclass(frozen=True, kw_only=True)
class EvidenceFacts:
    """What the listings do not show: document, edits by field, what was sent, what was found."""

    document: DocumentProof | None
    edits: Mapping[str, Edit]
    attempts: tuple[AttemptProof, ...]
    searches: tuple[SearchProof, ...]


class EvidenceStore(Protocol):
    """What the pack asks of the store."""

    def facts(self, invoice_id: int) -> EvidenceFacts:
        """Everything of this invoice, attempts and searches oldest first."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file that was sent: its name in the pack, as it was sent, and its digest."""

    name: str
    shown_as: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One attempt, numbered as its folder in the pack."""

    number: int
    attempt: AttemptProof
    fingerprint: str | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the page shows: the invoice as the listing has it, its provider's name, and everything that was done."""

    invoice: InvoiceDetail
    provider: str | None
    facts: EvidenceFacts
    sendings: Sequence[Sending]
    contents: Sequence[Content]


class SummaryPage(Protocol):
    """Makes the page."""

    def __call__(self, summary: Summary, language: Language) -> str:
        """The page as HTML, which shows what stands in an invoice and never obeys it."""
