"""The error tree, grouped by what to do next.

ConnectorError
├── ConfigurationError          fix the configuration; repeating changes nothing
│   ├── ConfigurationFileError      the YAML file has faults, each with its line
│   ├── SecretMissingError          a connection is not defined, or lacks a part
│   └── ProductionForbiddenError    a production address without CHORUS_ALLOW_PRODUCTION
├── DocumentError               this document needs a person; the run goes on
│   └── UnreadableDocumentError     one reason of the closed list in reasons.py
├── InputError                  the call or its input is wrong; nothing was changed
│   └── NotThereError               an item asked for by name does not exist
├── PortalUnavailableError      the portal does not answer: retry later
├── DiskFullError               a file that was asked for has no room
├── ReaderUnavailableError      the reading processes cannot start: a fault of this machine
├── MailRefusedError            the mail server refused this mail for good
├── MailUnavailableError        the mail server does not answer: retry later
├── RemoteError                 Chorus Pro or PISTE
│   ├── NeverLeftError              surely not taken: no connection was made
│   ├── TurnedAwayError             surely not taken: stopped at the gate (401, 403, 429, token)
│   │   ├── LoginRefusedError           the token or the technical account was refused
│   │   └── RateLimitedError            too fast; may carry the wait the platform asks for
│   ├── RemoteRefusedError          a definitive business answer: number and label
│   │   └── SupplierForbiddenError      the account may not invoice for this supplier
│   ├── RemoteUnavailableError      a safe call failed: retry later
│   └── OutcomeUnknownError         the request left and nobody knows what became of it
└── StoreError                  our own database or content store
    ├── DatabaseMissingError        no schema, or an older one: `chorus db migrate`
    ├── StaleError                  somebody else changed the row first: drop our result
    ├── MoveForbiddenError          the table of moves does not allow it
    ├── AlreadySentError            another invoice holds the number or the content
    └── ContentMissingError         stored bytes are gone or differ from their digest
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self


class NextStep(StrEnum):
    """What the reader of an error has to do."""

    RETRY_LATER = "retry_later"
    FIX_CONFIGURATION = "fix_configuration"
    FIX_DOCUMENT = "fix_document"
    REFUSED = "refused"
    FIND_OUT = "find_out"


class ConnectorError(Exception):
    """Root of every error this product raises on purpose.

    `what` says what happened with the offending values in it, `why` why it matters, `todo` what to do.
    `context` holds ids for the log (never payloads, amounts or secrets).
    """

    code: ClassVar[str] = "connector"
    next_step: ClassVar[NextStep] = NextStep.FIND_OUT

    def __init__(self, what: str, *, why: str = "", todo: str = "", **context: object) -> None:
        self.what = what
        self.why = why
        self.todo = todo
        self.context = context
        super().__init__(" ".join(part for part in (what, why, todo) if part))

    def about(self, subject: str) -> Self:
        """The same error, its text beginning with whom it is about."""
        self.args = (f"{subject}: {self}",)
        return self


class ConfigurationError(ConnectorError):
    """The configuration is wrong or incomplete."""

    code = "configuration"
    next_step = NextStep.FIX_CONFIGURATION


class ConfigurationFileError(ConfigurationError):
    """A configuration file has faults; `faults` lists them, each beginning with `file:line`."""

    code = "configuration_file"

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class SecretMissingError(ConfigurationError):
    """A connection is not defined where this process can read it, or lacks a part."""

    code = "secret_missing"


class ProductionForbiddenError(ConfigurationError):
    """A production address may not be called from here."""

    code = "production_forbidden"


class DocumentError(ConnectorError):
    """One document needs a person; the others go on."""

    code = "document"
    next_step = NextStep.FIX_DOCUMENT


class UnreadableDocumentError(DocumentError):
    """The PDF cannot be read; `reason_code` is one of the closed list in `reasons.py`."""

    code = "unreadable"

    def __init__(self, reason_code: str, what: str = "", **params: str) -> None:
        self.reason_code = reason_code
        self.params = params
        super().__init__(what or reason_code)


class InputError(ConnectorError):
    """The call or its input is wrong; nothing was changed."""

    code = "input"
    next_step = NextStep.FIX_CONFIGURATION


class NotThereError(InputError):
    """An item asked for by name does not exist."""

    code = "not_there"


class PortalUnavailableError(ConnectorError):
    """The document portal does not answer, or everything in it is gone at once."""

    code = "portal_unavailable"
    next_step = NextStep.RETRY_LATER


class RemoteError(ConnectorError):
    """Something between us and Chorus Pro; `status` is the HTTP status, `body` the raw answer kept as proof."""

    code = "remote"
    next_step = NextStep.RETRY_LATER

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        todo: str = "",
        status: int | None = None,
        body: str | None = None,
        **context: object,
    ) -> None:
        super().__init__(what, why=why, todo=todo, **context)
        self.status = status
        self.body = body


class NeverLeftError(RemoteError):
    """Name look-up, connection or TLS failed: the request was surely not received."""

    code = "never_left"


class TurnedAwayError(RemoteError):
    """Stopped at the gate: the platform surely did not take the request."""

    code = "turned_away"


class LoginRefusedError(TurnedAwayError):
    """The login was refused; `half` says which part of it.

    `piste`: client id and secret; `certificate`: the client certificate, on port 5443; `account`: technical account.
    """

    code = "login_refused"
    next_step = NextStep.FIX_CONFIGURATION

    def __init__(
        self, what: str, *, half: str, status: int | None = None, body: str | None = None, **rest: str
    ) -> None:
        super().__init__(what, status=status, body=body, **rest)
        self.half = half


class RateLimitedError(TurnedAwayError):
    """Too many calls; `retry_after` seconds if the platform said so."""

    code = "rate_limited"

    def __init__(self, what: str, *, retry_after: float | None = None, **rest: object) -> None:
        super().__init__(what, **rest)  # type: ignore[arg-type]
        self.retry_after = retry_after


class RemoteRefusedError(RemoteError):
    """A business refusal: `number` is codeRetour, `label` libelle; both are shown, never interpreted (API page 4.6)."""

    code = "remote_refused"
    next_step = NextStep.REFUSED

    def __init__(self, number: int, label: str, *, status: int | None = None, body: str | None = None) -> None:
        self.number = number
        self.label = label
        super().__init__(f"Chorus Pro refused ({number}): {label}", status=status, body=body)


class SupplierForbiddenError(RemoteRefusedError):
    """The technical account belongs to another supplier: nothing can be sent for this one."""

    code = "supplier_forbidden"
    next_step = NextStep.FIX_CONFIGURATION

    def __init__(self, siret: str, *, connection: str) -> None:
        self.number, self.label = 0, f"no active structure with SIRET {siret}"
        RemoteError.__init__(
            self,
            f"The technical account of connection {connection!r} may not invoice for SIRET {siret}.",
            why="Chorus Pro lists no active structure with this SIRET for it; nothing was sent.",
            todo="Put this supplier's own account into the connection, or have its main manager attach the structure "
            "to the account on the portal of Chorus Pro.",
            status=200,
            connection=connection,
        )


class RemoteUnavailableError(RemoteError):
    """A safe call failed for a reason that passes (outage, maintenance page, torn answer)."""

    code = "remote_unavailable"


class OutcomeUnknownError(RemoteError):
    """The request left; whether the platform took it is not known. Only a search may tell (exactly-once 3)."""

    code = "outcome_unknown"
    next_step = NextStep.FIND_OUT


class StoreError(ConnectorError):
    """Our own database or content store."""

    code = "store"


class DatabaseMissingError(StoreError):
    """Our database has no schema, or an older one."""

    code = "database_missing"
    next_step = NextStep.FIX_CONFIGURATION


class StaleError(StoreError):
    """The row changed since it was read: the loser drops its result."""

    code = "stale"
    next_step = NextStep.RETRY_LATER


class MoveForbiddenError(StoreError):
    """The table of moves in lifecycle.py does not allow this move."""

    code = "move_forbidden"


class AlreadySentError(StoreError):
    """Another invoice holds the number or the content (exactly-once 1); `holder_id` is that invoice."""

    code = "already_sent"

    def __init__(self, what: str, *, holder_id: int, key_kind: str) -> None:
        super().__init__(what, holder_id=holder_id)
        self.holder_id = holder_id
        self.key_kind = key_kind


class ContentMissingError(StoreError):
    """Stored bytes are gone or no longer have their digest."""

    code = "content_missing"


class MailRefusedError(ConnectorError):
    """The mail server refused this mail for good."""

    code = "mail_refused"
    next_step = NextStep.FIX_CONFIGURATION


class MailUnavailableError(ConnectorError):
    """The mail server does not answer now."""

    code = "mail_unavailable"
    next_step = NextStep.RETRY_LATER


class ReaderUnavailableError(ConnectorError):
    """The reading processes cannot be started here."""

    code = "reader_unavailable"
    next_step = NextStep.RETRY_LATER


class DiskFullError(ConnectorError):
    """There is no room for a file that somebody asked for."""

    code = "disk_full"
    next_step = NextStep.RETRY_LATER
