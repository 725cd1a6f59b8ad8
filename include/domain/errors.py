"""The error tree, grouped by what to do next.

ConnectorError
├── ConfigurationError          fix the configuration; repeating changes nothing
│   ├── ConfigurationFileError      the YAML file has faults, each with its line
│   ├── SecretMissingError          a connection is not defined, or lacks a part
│   └── ProductionForbiddenError    a production address without CHORUS_ALLOW_PRODUCTION
├── DocumentError               this document needs a person; the run goes on
├── InputError                  the call or its input is wrong; nothing was changed
│   └── NotThereError               an item asked for by name does not exist
├── PortalUnavailableError      the portal does not answer: retry later
├── DiskFullError               a file that was asked for has no room
├── InternalError               single items met an error that nobody foresaw; the others went on
├── ReaderUnavailableError      the reading processes cannot start: a fault of this machine
├── MailRefusedError            the mail server refused this mail for good
├── MailUnavailableError        the mail server does not answer: retry later
├── RemoteError                 Chorus Pro or PISTE
│   ├── NeverLeftError              surely not taken: no connection was made
│   │   └── SendingOffError             nothing goes out: CHORUS_SENDING=off
│   ├── TurnedAwayError             surely not taken: stopped at the gate (401, 403, 429, token)
│   │   ├── LoginRefusedError           the token or the technical account was refused
│   │   └── RateLimitedError            too fast; may carry the wait the platform asks for
│   ├── RemoteRefusedError          a definitive business answer: number and label
│   │   └── SupplierForbiddenError      the account may not invoice for this supplier
│   ├── RemoteUnavailableError      a safe call failed: retry later
│   └── OutcomeUnknownError         the request left and nobody knows what became of it
└── StoreError                  our own database or content store
    ├── DatabaseMissingError        no schema, or an older one: `chorus db migrate`
    ├── StoreConfigurationError     the content store's address, key, bucket or library is wrong
    ├── StaleError                  somebody else changed the row first: drop our result
    ├── MoveForbiddenError          the table of moves does not allow it
    ├── AlreadySentError            another invoice holds the number or the content
    └── ContentMissingError         stored bytes are gone or differ from their digest
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self

from include.texts import Language, Spoken, Text, has_text, said, translate_stored

_Part = Literal["what", "why", "todo"]


class NextStep(StrEnum):
    """What the reader of an error has to do."""

    RETRY_LATER = "retry_later"
    FIX_CONFIGURATION = "fix_configuration"
    FIX_DOCUMENT = "fix_document"
    REFUSED = "refused"
    FIND_OUT = "find_out"


class ConnectorError(Exception):
    """Root of every error this product raises on purpose: a case and its parameters, worded where it is shown.

    The words of a case stand in the catalogues: `error.<case>.what` says what happened with the offending values in
    it, `.why` why it matters, `.todo` what to do; the last two may be missing. Parameters are ids, names and causes,
    never payloads or secrets. `code` names the group, `case` the single case; both are stable.
    """

    code: ClassVar[str] = "connector"
    next_step: ClassVar[NextStep] = NextStep.FIND_OUT

    def __init__(self, case: str, /, **params: object) -> None:
        self.case = case
        self.params: dict[str, object] = params
        self.subject = ""
        super().__init__(case)

    def part(self, name: _Part, language: Language = "en") -> str:
        """One part of what is to be said; empty where this case does not say it.

        A case without words shows as it is, as does one of another version that comes out of a stored row.
        """
        entry = f"error.{self.case}.{name}"
        if has_text(entry):
            return translate_stored(entry, language, self.params)
        if has_text(f"error.{self.case}.what"):
            return ""
        return self.case if name == "what" else str(self.params.get(name, ""))

    @property
    def headline(self) -> PartOfError:
        """What happened, for the text of something else that speaks of it, whatever its language will be."""
        return PartOfError(self, "what")

    @property
    def cure(self) -> PartOfError:
        """What to do, likewise."""
        return PartOfError(self, "todo")

    @property
    def diagnosis(self) -> PartOfError:
        """What happened and why it matters, likewise."""
        return PartOfError(self, "what", "why")

    def said(self, language: Language) -> str:
        """The whole error as a part of another text."""
        return self.message(language)

    def as_text(self) -> str | tuple[Text, ...]:
        """Codes and parameters of the whole error."""
        return PartOfError(self, "what", "why", "todo").as_text()

    @property
    def what(self) -> str:
        """What happened, in English, for logs."""
        return self.part("what")

    @property
    def why(self) -> str:
        """Why it matters, in English."""
        return self.part("why")

    @property
    def todo(self) -> str:
        """What to do, in English."""
        return self.part("todo")

    def message(self, language: Language) -> str:
        """Everything there is to say, beginning with whom it is about."""
        told = PartOfError(self, "what", "why", "todo").said(language)
        return f"{self.subject}: {told}" if self.subject else told

    def __str__(self) -> str:
        return self.message("en")

    def about(self, subject: str) -> Self:
        """The same error, its text beginning with whom it is about."""
        self.subject = subject if not self.subject else f"{subject}: {self.subject}"
        return self


class PartOfError:
    """Parts of an error as a parameter of a text, worded in the language of that text."""

    def __init__(self, error: ConnectorError, *names: _Part) -> None:
        self._error = error
        self._names = names

    def __str__(self) -> str:
        return self.said("en")

    def said(self, language: Language) -> str:
        """The words."""
        return " ".join(filter(None, (self._error.part(name, language) for name in self._names)))

    def as_text(self) -> str | tuple[Text, ...]:
        """Codes and parameters; the words themselves where no catalogue has them."""
        codes = [f"error.{self._error.case}.{name}" for name in self._names]
        texts = tuple(Text(code, self._error.params) for code in codes if has_text(code))
        return texts or str(self)


class ConfigurationError(ConnectorError):
    """The configuration is wrong or incomplete."""

    code = "configuration"
    next_step = NextStep.FIX_CONFIGURATION


class ConfigurationFileError(ConfigurationError):
    """A configuration file has faults; `faults` lists them in English, each beginning with `file:line`."""

    code = "configuration_file"

    def __init__(self, faults: Sequence[Spoken | str]) -> None:
        self._faults = tuple(faults)
        super().__init__("configuration_file")

    @property
    def faults(self) -> list[str]:
        """Each fault in one line."""
        return self.faults_in("en")

    def faults_in(self, language: Language) -> list[str]:
        """The same in the reader's language."""
        return [said(fault, language) for fault in self._faults]

    @property
    def listed(self) -> tuple[Spoken | str, ...]:
        """Each fault as it was found, for a page that shows it beside its place."""
        return self._faults

    def part(self, name: _Part, language: Language = "en") -> str:
        """All faults, one a line."""
        return "\n".join(self.faults_in(language)) if name == "what" else ""


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


class InputError(ConnectorError):
    """The call or its input is wrong; nothing was changed."""

    code = "input"
    next_step = NextStep.FIX_CONFIGURATION


class NotThereError(InputError):
    """An item asked for by name does not exist."""

    code = "not_there"


class NameTakenError(InputError):
    """Something stands already under the name that was given for something new; nothing was overwritten."""

    code = "name_taken"


class HeldElsewhereError(InputError):
    """A connection is held by a secrets backend or the environment: it is changed there, not on our pages."""

    code = "held_elsewhere"


class TooLargeError(InputError):
    """More bytes, pages or files than the configuration's limits of reading allow."""

    code = "too_large"


class WrongContentError(InputError):
    """The bytes are not of the kind that is asked for, whatever the name says."""

    code = "wrong_content"


class PortalUnavailableError(ConnectorError):
    """The document portal does not answer, or everything in it is gone at once."""

    code = "portal_unavailable"
    next_step = NextStep.RETRY_LATER


class RemoteError(ConnectorError):
    """Something between us and Chorus Pro; `status` is the HTTP status, `body` the raw answer kept as proof."""

    code = "remote"
    next_step = NextStep.RETRY_LATER

    def __init__(self, case: str, /, *, status: int | None = None, body: str | None = None, **params: object) -> None:
        super().__init__(case, **params)
        self.status = status
        self.body = body


class NeverLeftError(RemoteError):
    """Name look-up, connection or TLS failed: the request was surely not received."""

    code = "never_left"


class SendingOffError(NeverLeftError):
    """Nothing may go out from here now: CHORUS_SENDING=off, for the time of a restore."""

    code = "sending_off"
    next_step = NextStep.FIX_CONFIGURATION

    def __init__(self) -> None:
        super().__init__("sending_off")


class TurnedAwayError(RemoteError):
    """Stopped at the gate: the platform surely did not take the request."""

    code = "turned_away"


class LoginRefusedError(TurnedAwayError):
    """The login was refused; `half` says which part of it.

    `piste`: client id and secret; `certificate`: the client certificate, on port 5443; `account`: technical account.
    """

    code = "login_refused"
    next_step = NextStep.FIX_CONFIGURATION

    def __init__(self, case: str, /, *, half: str, **params: Any) -> None:
        super().__init__(case, **params)
        self.half = half


class RateLimitedError(TurnedAwayError):
    """Too many calls; `retry_after` seconds if the platform said so."""

    code = "rate_limited"

    def __init__(self, case: str, /, *, retry_after: float | None = None, **params: Any) -> None:
        super().__init__(case, **params)
        self.retry_after = retry_after


class RemoteRefusedError(RemoteError):
    """A business refusal: `number` and `label` are the platform's; both are shown, never interpreted.

    Source: docs/reference/chorus-pro-api.md 4.6.
    """

    code = "remote_refused"
    next_step = NextStep.REFUSED

    def __init__(self, number: int, label: str, *, status: int | None = None, body: str | None = None) -> None:
        self.number = number
        self.label = label
        super().__init__("remote_refused", status=status, body=body, number=number, label=label)


class SupplierForbiddenError(RemoteRefusedError):
    """The technical account belongs to another supplier: nothing can be sent for this one."""

    code = "supplier_forbidden"
    next_step = NextStep.FIX_CONFIGURATION

    def __init__(self, siret: str, *, connection: str) -> None:
        self.number, self.label = 0, f"SIRET {siret}"
        RemoteError.__init__(self, "supplier_forbidden", status=200, siret=siret, connection=connection)


class RemoteUnavailableError(RemoteError):
    """A safe call failed for a reason that passes (outage, maintenance page, torn answer)."""

    code = "remote_unavailable"


class OutcomeUnknownError(RemoteError):
    """The request left; whether the platform took it is not known. Only a search may tell.

    Source: docs/reference/exactly-once.md 3.
    """

    code = "outcome_unknown"
    next_step = NextStep.FIND_OUT


class StoreError(ConnectorError):
    """Our own database or content store."""

    code = "store"


class DatabaseMissingError(StoreError):
    """Our database has no schema, or an older one."""

    code = "database_missing"
    next_step = NextStep.FIX_CONFIGURATION


class StoreConfigurationError(StoreError):
    """The content store cannot be used as it is configured; repeating changes nothing."""

    code = "store_configuration"
    next_step = NextStep.FIX_CONFIGURATION


class StaleError(StoreError):
    """The row changed since it was read: the loser drops its result."""

    code = "stale"
    next_step = NextStep.RETRY_LATER


class MoveForbiddenError(StoreError):
    """The table of moves in lifecycle.py does not allow this move."""

    code = "move_forbidden"


class AlreadySentError(StoreError):
    """Another invoice holds the number or the content; `holder_id` is that invoice.

    Source: docs/reference/exactly-once.md 1.
    """

    code = "already_sent"

    def __init__(self, case: str, /, *, holder_id: int, key_kind: str, **params: object) -> None:
        super().__init__(case, holder_id=holder_id, key_kind=key_kind, **params)
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


class FlowUnavailableError(ConnectorError):
    """The scheduler does not take what was handed over to it."""

    code = "flow_unavailable"
    next_step = NextStep.RETRY_LATER


class InternalError(ConnectorError):
    """Single documents or invoices met an error that nobody foresaw, after which the others went on."""

    code = "internal"
    next_step = NextStep.FIND_OUT
