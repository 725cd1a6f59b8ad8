"""Attempts, claims and keys in our store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.attachments import NOTHING_EDITED, AttachmentEdits
from include.domain.causes import Cause
from include.domain.internal_errors import Item
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.submission import AttemptState, RemoteInvoice, Submission, Taken


@dataclass(frozen=True, kw_only=True)
class AttemptRecord:
    """One attempt as stored."""

    id: int
    invoice_id: int
    state: AttemptState
    submission: Submission
    body: str
    owner: str
    claimed_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SendWork:
    """An invoice that may be sent or has to be searched.

    `attachment_edits` holds the files that a person added, for the keys among `attachments` that are no portal ids.
    """

    row_version: RowVersion
    document_id: int
    name: str
    content_sha256: str
    draft: Draft
    provider_key: str
    environment: str
    ever_unknown: bool
    attachments: tuple[str, ...]
    attempts: tuple[AttemptRecord, ...]
    attachment_types: Mapping[str, str] = field(default_factory=dict)
    attachment_edits: AttachmentEdits = NOTHING_EDITED
    empty_searches: int = 0
    search_after: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SameNumber:
    """Another unsent invoice with the number of one that is to be sent, and with another total (text, in euros)."""

    invoice_id: int
    document: str
    total: str


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """An attachment's bytes as stored when it was linked."""

    portal_id: str
    name: str
    sha256: str


class Ledger(Protocol):
    """Attempts, claims and keys: exactly-once lives here (docs/reference/exactly-once.md)."""

    def expire_leases(
        self, *, search_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        """`submitting` whose lease ran out, by the database's clock, becomes `unknown`; how many.

        So does `correcting` become `correction_unknown`. One that this fails for stays as it is and stands in `errors`.
        """

    def providers_with_work(self, revision: int, *, automatic: Iterable[str], now: dt.datetime) -> list[str]:
        """Provider keys with something ready (automatic ones), to search, to verify or lapsed."""

    def ready(
        self,
        provider_key: str,
        revision: int,
        *,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        """Invoices in `ready` assessed under the current revision; one that cannot be loaded stands in `errors`."""

    def count_ready(self, provider_key: str, revision: int, *, invoice_ids: Sequence[int] | None = None) -> int:
        """How many `ready` has in all."""

    def unknown(
        self,
        provider_key: str,
        *,
        now: dt.datetime,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        """Invoices in `unknown` never searched or whose delay ran out; with ids: those, due or not.

        One that cannot be loaded stands in `errors`.
        """

    def meet(self, work: SendWork, *, environment: str, supplier_siret: str, now: dt.datetime) -> State | None:
        """Looks right before the claim whether the platform's list, as we last retrieved it, has this number already.

        With equal values it is ours and `submitted`, with others it waits for a person; the state after. None: nothing
        is there. StaleError when somebody else was first. Source: docs/reference/exactly-once.md 4.1.
        """

    def rival(self, work: SendWork) -> SameNumber | None:
        """Another invoice of this supplier and number that may go too, with another total: a person has to choose.

        Source: docs/reference/exactly-once.md 1.1.
        """

    def claim(
        self,
        work: SendWork,
        submission: Submission,
        body: str,
        *,
        owner: str,
        lease_seconds: int,
        revision: int,
        now: dt.datetime,
    ) -> AttemptRecord:
        """`ready` -> `submitting` with its keys and the attempt in one transaction.

        StaleError when state, version or revision changed, or since we looked a retrieval met its number or another one
        of it came that may go too (`rival`);
        AlreadySentError when another invoice holds a key.
        """

    def taken(self, attempt: AttemptRecord, answer: Taken, *, now: dt.datetime) -> bool:
        """The platform took it, perhaps known late: False only when the invoice is not free to move to `submitted`."""

    def not_sent(self, attempt: AttemptRecord, why: Cause, *, now: dt.datetime) -> bool:
        """Surely not taken: attempt closed, `ready` again if the row is still owned."""

    def unresolved(self, attempt: AttemptRecord, why: Cause, *, search_after_seconds: int, now: dt.datetime) -> bool:
        """Nobody knows: `unknown` if the row is still owned."""

    def refusal(self, attempt: AttemptRecord, number: int, label: str, raw: str, *, now: dt.datetime) -> bool:
        """Stores a business refusal on the attempt, before anything else; whether the row is still owned."""

    def apply_refusal(
        self,
        attempt: AttemptRecord,
        found: Sequence[RemoteInvoice] | None,
        *,
        search_after_seconds: int,
        now: dt.datetime,
    ) -> State | None:
        """After the search that follows a refusal (None: the search failed): `submitted`, `refused` or `unknown`."""

    def apply_search(
        self, work: SendWork, found: Sequence[RemoteInvoice], *, search_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """After a search for an `unknown` or before a resend of a `ready` one; the state after, None when stale.

        `now` is when the search began.
        """

    def already_sent(self, work: SendWork, holder_id: int, *, now: dt.datetime) -> None:
        """Another invoice holds its number or content: `to_complete` with that reason."""

    def not_sendable(self, work: SendWork, reasons: Sequence[Reason], *, now: dt.datetime) -> bool:
        """Found impossible just before the claim: `to_complete` with these reasons."""

    def invoices_of(self, document_ids: Sequence[int]) -> list[int]:
        """Ids of the invoices of these documents."""

    def upload_id(self, provider_key: str, sha256: str) -> int | None:
        """The upload id of these bytes for this provider, if they were uploaded before."""

    def save_upload(self, provider_key: str, sha256: str, upload_id: int, *, now: dt.datetime) -> None:
        """Remembers an upload."""

    def forget_uploads(self, provider_key: str, sha256s: Sequence[str]) -> None:
        """Forgets uploads that the platform no longer knows."""

    def attachment(self, portal_id: str) -> StoredContent | None:
        """The stored copy of a linked document."""
