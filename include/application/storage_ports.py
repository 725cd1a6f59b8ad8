"""What the use cases ask of our own store, one protocol per noun.

Every write carries the state and version that its caller read: the loser gets False (or StaleError) and drops it.
Work is chosen by state in the store, never by ids from a station before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from include.application.accounts_port import SupplierAccounts
from include.domain.directory import DirectoryEntry
from include.domain.document import PortalDocument, PortalListing
from include.domain.fields import Reading
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.notification import NewEvent
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.submission import AttemptState, RemoteInvoice, Submission, Taken


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What one look at the portal changed in our store."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    vanished: int = 0
    returned: int = 0


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """The right to write about one invoice: its id with the state and version that were read."""

    invoice_id: int
    state: State
    version: int


@dataclass(frozen=True, kw_only=True)
class MatchWork:
    """A document to hold against the criteria; `stored_sha256` is the content already copied, if any.

    `linked` are the documents that go along, by the portal's links and by link rules: at a match their bytes are copied
    too. `backfilled` names the criteria that took it by an explicit back-fill.
    """

    ticket: Ticket
    document_id: int
    document: PortalDocument
    stored_sha256: str | None
    linked: tuple[PortalDocument, ...] = ()
    backfilled: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadWork:
    """An invoice whose content is to be read; rule and provider names (empty: all) say whose layouts it may have."""

    ticket: Ticket
    document_id: int
    content_sha256: str
    classification_rule: str | None = None
    provider_scope: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A value typed by a person."""

    value: Any
    actor: str
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class JudgeWork:
    """Everything that mapping and completeness need of one invoice.

    `reading` is a Reason where the PDF was unreadable and a person types the fields. `provider_scope` are the provider
    names that its criteria allow (empty: all). `frozen_number` and `frozen_supplier` are set while an attempt of it is
    unresolved: they may not change without a new search (exactly-once 4). `linked` are the documents that the portal or
    a rule links to it, `linked_by` the rules by portal id, `missing_links` what the portal links and does not have.
    `sent_values` is the digest of what was refused, for invoices in `refused`.
    """

    ticket: Ticket
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
    linked_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    missing_links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What mapping and completeness found: no reasons means ready.

    `environment` is the effective one of the provider; `attachments` are the portal ids of the documents to send along,
    `attachment_types` the type codes of those that have one; `announce` says that a ready invoice waits for a person,
    because its provider does not send by itself; `again` that it is judged once more in the next pass.
    """

    draft: Draft
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...] = ()
    provider_key: str | None = None
    environment: str | None = None
    attachments: tuple[str, ...] = ()
    attachment_types: Mapping[str, str] = field(default_factory=dict)
    announce: bool = False
    again: bool = False


class Documents(Protocol):
    """Portal documents, from detection to reading."""

    def known_signatures(self) -> dict[str, str]:
        """Portal id -> signature of the last look, for every document that has not vanished for good."""

    def record_scan(self, listing: PortalListing, *, now: dt.datetime) -> ScanResult:
        """Stores one look: new ones as `detected`, changes, moves, vanished and returned ones.

        PortalUnavailableError, and nothing is marked, when everything is gone at once.
        """

    def to_match(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[MatchWork]:
        """Documents never matched, changed since, or matched under an older revision."""

    def record_match(
        self,
        work: MatchWork,
        *,
        matched: bool,
        stored_sha256: str | None,
        criteria: Sequence[str],
        provider_scope: Sequence[str],
        reasons: Sequence[Reason],
        backfilled: Sequence[str] = (),
        revision: int,
        now: dt.datetime,
    ) -> State | None:
        """Stores the verdict and makes the move; the new state, or None when it did not move or was not ours."""

    def to_read(self, *, limit: int, document_ids: Sequence[int] = ()) -> list[ReadWork]:
        """Invoices in `matched`."""

    def reading(self, content_sha256: str) -> Reading | Reason | None:
        """What an earlier reading of the same bytes found."""

    def record_reading(self, work: ReadWork, result: Reading | Reason, *, now: dt.datetime) -> bool:
        """Stores the reading under its content and moves to `read` or `unreadable`."""


class Judgements(Protocol):
    """Mapping and completeness, and what a person does on the form."""

    def to_judge(self, revision: int, *, limit: int, document_ids: Sequence[int] = ()) -> list[JudgeWork]:
        """Invoices read but never judged, changed since, or judged under an older revision."""

    def record_judgement(
        self, work: JudgeWork, judgement: Judgement, *, revision: int, now: dt.datetime
    ) -> State | None:
        """Stores the draft with its reasons and moves; the state after, or None when the row changed meanwhile."""

    def edit(self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime) -> None:
        """Stores typed values (None takes one back) and has the invoice judged again; MoveForbiddenError if frozen."""

    def shelve(self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime) -> None:
        """`held` or `discarded`, with a reason."""

    def unshelve(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> State:
        """Back to the state before; everything about it is judged again."""

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        """A person opens a refused one: `to_complete`, to be judged again and sent again even with the same values."""

    def reread(self, invoice_id: int, *, actor: str, reason: str, now: dt.datetime) -> None:
        """Forgets the reading of its content and moves to `matched`."""


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
    """An invoice that may be sent or has to be searched."""

    ticket: Ticket
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
    empty_searches: int = 0
    search_after: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """An attachment's bytes as stored when it was linked."""

    portal_id: str
    name: str
    sha256: str


class Ledger(Protocol):
    """Attempts, claims and keys: exactly-once lives here (exactly-once page)."""

    def expire_leases(self, *, search_after_seconds: int, now: dt.datetime) -> int:
        """`submitting` whose lease ran out, by the database's clock, becomes `unknown`; how many.

        So does `correcting` become `correction_unknown`.
        """

    def providers_with_work(self, revision: int, *, automatic: Iterable[str], now: dt.datetime) -> list[str]:
        """Provider keys with something ready (automatic ones), to search, to verify or lapsed."""

    def ready(
        self, provider_key: str, revision: int, *, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[SendWork]:
        """Invoices in `ready` judged under the current revision."""

    def unknown(
        self, provider_key: str, *, now: dt.datetime, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[SendWork]:
        """Invoices in `unknown` never searched or whose delay ran out; with ids: those, due or not."""

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

        StaleError when state, version or revision changed; AlreadySentError when another invoice holds a key.
        """

    def taken(self, attempt: AttemptRecord, answer: Taken, *, now: dt.datetime) -> bool:
        """The platform took it, perhaps known late: False only when the invoice is not free to move to `submitted`."""

    def not_sent(self, attempt: AttemptRecord, why: str, *, now: dt.datetime) -> bool:
        """Surely not taken: attempt closed, `ready` again if the row is still owned."""

    def unresolved(self, attempt: AttemptRecord, why: str, *, search_after_seconds: int, now: dt.datetime) -> bool:
        """Nobody knows: `unknown` if the row is still owned."""

    def refusal(self, attempt: AttemptRecord, number: int, label: str, raw: str, *, now: dt.datetime) -> bool:
        """Stores a business refusal on the attempt, before anything else; whether the row is still owned."""

    def settle_refusal(
        self,
        attempt: AttemptRecord,
        found: Sequence[RemoteInvoice] | None,
        *,
        search_after_seconds: int,
        now: dt.datetime,
    ) -> State | None:
        """After the search that follows a refusal (None: the search failed): `submitted`, `refused` or `unknown`."""

    def settle_search(
        self, work: SendWork, found: Sequence[RemoteInvoice], *, search_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """After a search for an `unknown` or before a resend of a `ready` one; the state after, None when stale."""

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


@dataclass(frozen=True, kw_only=True)
class ProviderHealth:
    """The circuit of one provider, its last good call, and how long its login holds.

    `password_ask_at` is when the platform is asked again for the end of the password.
    """

    provider_key: str
    open_since: dt.datetime | None = None
    half: str | None = None
    reason: str | None = None
    next_probe_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    password_expires_at: dt.datetime | None = None
    password_ask_at: dt.datetime | None = None
    certificate_expires_at: dt.datetime | None = None


class Providers(SupplierAccounts, Protocol):
    """Circuits and accounts: rows, not process memory (exactly-once 6)."""

    def health(self, provider_key: str) -> ProviderHealth:
        """The circuit as stored."""

    def open_circuit(
        self, provider_key: str, *, half: str, reason: str, probe_after: dt.timedelta, now: dt.datetime
    ) -> bool:
        """Opens it or pushes the next probe; True when it was closed before (then told once)."""

    def close_circuit(self, provider_key: str, *, now: dt.datetime) -> None:
        """A login worked."""

    def keep_credentials(self, health: ProviderHealth, alerts: Sequence[NewEvent]) -> None:
        """Stores how long the login holds, never the circuit, with the alerts that follow from it."""


class DirectoryCache(Protocol):
    """The platform's directory as last asked, per environment."""

    def get(self, environment: str, siret: str) -> DirectoryEntry | None:
        """The entry with its age (`fetched_at`), also of a body the platform does not know (`active` False, id 0)."""

    def put(self, environment: str, entry: DirectoryEntry, *, now: dt.datetime) -> bool:
        """Stores it; when it changed, the unsent invoices that use it are judged again. Whether it changed."""

    def services(self) -> Mapping[str, frozenset[str]]:
        """The active bodies of all environments by SIRET, each with the codes of its active services."""


class Listings(Protocol):
    """What people see; the viewer's rights are applied here and nowhere else."""

    def documents(
        self, viewer: Viewer, *, state: str | None = None, provider_key: str | None = None, ids: Sequence[int] = ()
    ) -> list[dict[str, Any]]:
        """Rows of `chorus documents list`."""

    def document(self, viewer: Viewer, document_id: int) -> dict[str, Any] | None:
        """The row of one document with every field's evidence, its moves and attempts."""

    def invoices(
        self,
        viewer: Viewer,
        *,
        status: str | None = None,
        provider_key: str | None = None,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        ids: Sequence[int] = (),
        after: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Rows of `chorus invoices list`: everything ever attempted, and foreign ones; days are those of Paris.

        At most `limit` of them, in the order of our ids, with ids above `after`.
        """

    def invoice_details(self, viewer: Viewer, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What exports add to the rows of these invoices, by our id."""

    def invoice(self, viewer: Viewer, reference: str) -> dict[str, Any] | None:
        """One invoice with its attempts; `reference` is our id or `cpro:<number>`."""

    def invoice_ids(self, references: Sequence[str]) -> list[int]:
        """Our ids of these references; unknown ones are left out."""

    def counts(self, viewer: Viewer) -> dict[str, int]:
        """Invoices by state, of those that this person sees."""
