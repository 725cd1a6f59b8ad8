"""What the use cases ask of the outside world. Adapters implement these; tests have a fake for each.

The store's protocols are in `storage_ports.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from include.domain.configuration import Provider, ReadingLimits
from include.domain.correction import Correction, CorrectionKind
from include.domain.directory import DirectoryEntry, SupplierAccount
from include.domain.document import PortalListing
from include.domain.extraction.memory.example import Memory
from include.domain.fields import Candidate, Reading
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, Submission, Taken
from include.domain.tracking import RemoteDetail, RemoteHistory


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> dt.datetime:
        """The time in UTC, aware."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ConnectionSecrets:
    """One connection as the secrets backend holds it; never printed."""

    connection_id: str
    host: str | None = None
    login: str | None = None
    password: str | None = None
    port: int | None = None
    schema: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The id only."""
        return f"ConnectionSecrets({self.connection_id!r})"


class Secrets(Protocol):
    """Where connections are read: environment, Airflow in a task, Airflow in the web server."""

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError when it is not defined here."""


class DocumentPortal(Protocol):
    """A document portal. Shaped so that a folder tree, the Portal's web services and others fit."""

    def scan(self, known: Mapping[str, str]) -> PortalListing:
        """One look at everything; `known` maps portal ids to the signatures of the last look.

        Only documents whose signature differs are read in full. PortalUnavailableError when the root is missing.
        """

    def read(self, portal_id: str) -> bytes:
        """The bytes of a document; PortalUnavailableError when it cannot be read now."""

    def write_back(self, portal_id: str, values: Mapping[str, str]) -> None:
        """Sets these metadata of a document and no others; an empty text means no value. Repeating changes nothing.

        The names are ours: what stands under them is never listed, so writing is no change of the document.
        DocumentError where this document does not take them, PortalUnavailableError where the portal does not answer.
        """


class Files(Protocol):
    """The content store, keyed by SHA-256 (hexadecimal)."""

    def put(self, content: bytes) -> str:
        """Stores the bytes once and returns their digest."""

    def get(self, sha256: str) -> bytes:
        """The bytes, verified against the digest; ContentMissingError otherwise."""


@dataclass(frozen=True, kw_only=True)
class ReadingHints:
    """What is known before reading: SIRETs of configured suppliers, and of recipients with their service codes.

    `layouts` are the layouts that a document may have, by the key under which it is handed in.
    """

    supplier_sirets: frozenset[str] = frozenset()
    recipient_sirets: frozenset[str] = frozenset()
    service_codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    layouts: Mapping[int, Memory] = field(default_factory=dict)


class DocumentReader(Protocol):
    """Reads PDFs, each in a child process that can be killed: one bad file never costs the batch."""

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        """For each (key, bytes) the reading, or the one reason of the closed list why there is none; any order."""


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
        """`recycler`, `completer` or `traiterRejet`; the raw answer of a success. Raised: as for `submit`."""


class ChorusGateway(ChorusTracking, ChorusCorrections, Protocol):
    """Chorus Pro for one provider. Safe calls are repeated inside; `submit` and `correct` never are.

    Raised: LoginRefusedError, RateLimitedError, NeverLeftError, RemoteUnavailableError, RemoteRefusedError; for
    `submit` also OutcomeUnknownError (exactly-once 3).
    """

    def check(self) -> None:
        """One cheap safe call: token and health-check."""

    def supplier(self) -> SupplierAccount:
        """The supplier's own structure with its valid bank details; RemoteRefusedError if the account has none."""

    def attachment_types(self) -> Sequence[tuple[str, str]]:
        """Type codes for invoices (typespj, typeObjet FACTURE) with their labels, in the platform's order."""

    def supplier_services(self) -> Mapping[str, int]:
        """The supplier's own services on the platform: their ids by code."""

    def password_expires_at(self) -> dt.datetime | None:
        """When the password of the technical account ends; None where the platform does not tell."""

    def upload(self, name: str, content: bytes, mime_type: str) -> int:
        """`ajouter/fichier`: the upload id."""

    def analyse(self, name: str, content: bytes, *, signed: bool) -> Analysis:
        """`deposer/pdf`: the upload id and the platform's own reading."""

    def encode(self, submission: Submission) -> str:
        """The exact body that `submit` will send, so that it can be stored before the call."""

    def submit(self, body: str, *, deadline_seconds: float) -> Taken:
        """`soumettre`, once, on a fresh connection, cut off at the deadline by closing the socket."""

    def search(self, number: str) -> Sequence[RemoteInvoice]:
        """`rechercher/fournisseur` by number, all pages: rows whose folded number equals the folded one given."""


class Directory(Protocol):
    """The platform's directory, seen with one provider's login."""

    def find(self, siret: str) -> DirectoryEntry | None:
        """The body with its services and demands; None when the platform does not know it."""


class Chorus(Protocol):
    """Makes gateways and directories: the only place that turns a provider into a remote connection."""

    def gateway(self, provider: Provider) -> ChorusGateway:
        """A gateway for the provider; SecretMissingError, ProductionForbiddenError before any connection."""

    def directory(self, provider: Provider) -> Directory:
        """The directory as this provider sees it."""

    def effective_environment(self, provider: Provider) -> str:
        """The environment its addresses belong to: a production address counts as production (exactly-once 1)."""

    def certificate_expires_at(self, provider: Provider) -> dt.datetime | None:
        """When its client certificate ends, from the file; None where none is used. ConfigurationError as `gateway`."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A rendered mail; `message_id` stays the same when it has to be sent again."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Sends one mail."""

    def send(self, message: Message) -> None:
        """Returns when the server accepted it; MailRefusedError for good, MailUnavailableError for now."""
