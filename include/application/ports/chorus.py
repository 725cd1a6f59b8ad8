"""Chorus Pro: sending, correcting, following invoices, and its directory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.configuration import Provider
from include.domain.correction import Correction, CorrectionKind
from include.domain.directory import DirectoryEntry, FoundBody, SupplierAccount
from include.domain.fields import Candidate
from include.domain.submission import RemoteInvoice, Submission, Taken
from include.domain.tracking import RemoteDetail, RemoteHistory


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Answer of the platform's own reading: the upload id and what it read."""

    upload_id: int
    fields: Mapping[str, Candidate] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RemotePage:
    """One page of the platform's search.

    `server_date` is the platform's own time when it answered (header `Date`), `total` how many rows it says there are.
    """

    rows: tuple[RemoteInvoice, ...]
    server_date: dt.datetime | None = None
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteQuery:
    """What a person looks for on the platform; what is None is not asked for. Days are those of Paris."""

    number: str | None = None
    status: str | None = None
    deposited_from: dt.date | None = None
    deposited_to: dt.date | None = None


class ChorusTracking(Protocol):
    """What became of invoices: safe calls that only read. Raised: as for ChorusGateway."""

    def search_since(self, status_since: dt.datetime | None, *, page_size: int) -> Iterator[RemotePage]:
        """Every invoice of the supplier whose present status is not older, oldest deposit first, page after page.

        There is no upper bound, so what changes meanwhile stays in sight; a row may come twice. None: all of them.
        Where there is nothing, one empty page says so.
        """

    def browse(self, query: RemoteQuery, *, page: int, page_size: int) -> RemotePage:
        """One page of what fits, newest deposit first; pages count from 1."""

    def history(self, chorus_id: int) -> RemoteHistory:
        """Statuses with comments and agents, actions and events; RemoteRefusedError for one it does not show."""

    def consult(self, chorus_id: int) -> RemoteDetail:
        """One invoice in full, known at once whatever the search shows; RemoteRefusedError for one it has not."""


class ChorusCorrections(Protocol):
    """The corrective operations of the platform: each call is made once, with a deadline, and never repeated."""

    def encode_correction(self, correction: Correction) -> str:
        """The exact body that `correct` will send, so that it can be stored before the call."""

    def correct(self, kind: CorrectionKind, body: str, *, deadline_seconds: float) -> str:
        """Sends a correction of this kind; the raw answer of a success. Raised: as for `submit`."""


class ChorusGateway(ChorusTracking, ChorusCorrections, Protocol):
    """Chorus Pro for one provider. Safe calls are repeated inside; `submit` and `correct` never are.

    Raised: LoginRefusedError, RateLimitedError, NeverLeftError, RemoteUnavailableError, RemoteRefusedError; for
    `submit` also OutcomeUnknownError (docs/reference/exactly-once.md 3).
    """

    def check(self) -> None:
        """One cheap safe call: token and health-check."""

    def supplier(self) -> SupplierAccount:
        """The supplier's own structure with its valid bank details; RemoteRefusedError if the account has none."""

    def attachment_types(self) -> Sequence[tuple[str, str]]:
        """Type codes for invoices with their labels, in the platform's order."""

    def supplier_services(self) -> Mapping[str, int]:
        """The supplier's own services on the platform: their ids by code."""

    def password_expires_at(self) -> dt.datetime | None:
        """When the password of the technical account ends; None where the platform does not tell."""

    def upload(self, name: str, content: bytes, mime_type: str) -> int:
        """Hands a file over; the upload id."""

    def analyse(self, name: str, content: bytes, *, signed: bool) -> Analysis:
        """Hands a PDF over; the upload id and the platform's own reading."""

    def encode(self, submission: Submission) -> str:
        """The exact body that `submit` will send, so that it can be stored before the call."""

    def submit(self, body: str, *, deadline_seconds: float) -> Taken:
        """Sends the body, once, on a fresh connection, cut off at the deadline by closing the socket."""

    def search(self, number: str) -> Sequence[RemoteInvoice]:
        """The supplier's invoices of this number, all pages: rows whose folded number equals the folded one given."""


class Directory(Protocol):
    """The platform's directory, seen with one provider's login. Safe calls; raised: as for ChorusGateway."""

    def search(self, text: str, *, limit: int) -> Sequence[FoundBody]:
        """Active public bodies by a part of their name, their town or their postcode, or by the head of their SIRET."""

    def find(self, siret: str) -> DirectoryEntry | None:
        """The body with its services and demands; None when the platform does not know it."""


class Chorus(Protocol):
    """Makes gateways and directories: the only place that turns a provider into a remote connection."""

    def gateway(self, provider: Provider) -> ChorusGateway:
        """A gateway for the provider; SecretMissingError, ProductionForbiddenError before any connection."""

    def directory(self, provider: Provider) -> Directory:
        """The directory as this provider sees it."""

    def effective_environment(self, provider: Provider) -> str:
        """The environment its addresses belong to: a production address counts as production.

        Source: docs/reference/exactly-once.md 1.
        """

    def certificate_expires_at(self, provider: Provider) -> dt.datetime | None:
        """When its client certificate ends, from the file; None where none is used. ConfigurationError as `gateway`."""
