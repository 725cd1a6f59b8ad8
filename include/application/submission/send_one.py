"""Sends one invoice: upload, claim, call, record; a process that dies after any step sends nothing twice.

The order is that of docs/reference/exactly-once.md 2: uploads before the claim, the attempt stored before the call with
all that it sends, the call once and outside any transaction, the answer in a transaction of its own.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.application.ports.chorus import ChorusGateway
from include.application.ports.ledger import AttemptRecord, SendWork
from include.application.submission.sending import Sending
from include.domain.causes import Cause, CauseCode, cause, not_taken, outcome_unknown
from include.domain.configuration import Provider
from include.domain.directory import SupplierAccount
from include.domain.errors import (
    AlreadySentError,
    ContentMissingError,
    NeverLeftError,
    OutcomeUnknownError,
    RemoteError,
    RemoteRefusedError,
    StaleError,
    TurnedAwayError,
)
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, SentAttachment, Submission, Taken, asked_for
from include.domain.submission_builder import (
    bank_account,
    build_submission,
    distinct_names,
    is_signed,
    short_name,
    supplier_service,
)
from include.domain.transitions.submission import number_used_twice

logger = logging.getLogger(__name__)

MAIN = "main"


class NotSendableError(Exception):
    """Found impossible just before the claim; carries the reasons."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reason.code for reason in reasons))


class BrokenCallError(Exception):
    """`error`, which nobody foresaw, broke the call; its outcome is stored as unknown."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


@dataclass(frozen=True, kw_only=True)
class InvoiceSender:
    """Sends the invoices of one provider in one pass.

    `gateway` and `supplier` are the provider's way to Chorus Pro and its own structure there, `services` the supplier's
    own services, for the provider that names one. `environment` is where its addresses lead now: keys are taken there,
    whatever was true when it was assessed.
    """

    sending: Sending
    provider: Provider
    environment: str
    gateway: ChorusGateway
    supplier: SupplierAccount
    types: Sequence[str]
    services: Mapping[str, int] = field(default_factory=dict)
    uploads: dict[str, threading.Lock] = field(default_factory=dict)

    def send(self, work: SendWork) -> State | None:
        """Sends one invoice; the state after, or None when somebody else was first.

        RemoteError when the provider should send nothing more in this pass, BrokenCallError after an error of our own
        during the call; the invoice is safe then too.
        """
        sending = self.sending
        try:
            met = sending.ledger.meet(
                work, environment=self.environment, supplier_siret=self.provider.siret, now=sending.clock.now()
            )
            if met is not None:
                return met
            rival = sending.ledger.rival(work)
            if rival is not None:
                raise NotSendableError(
                    number_used_twice(work.draft, rival.invoice_id, document=rival.document, total=rival.total)
                )
            submission = self._submission(work)
            if work.ever_unknown:
                # ever unknown: searched once more right before its next claim (docs/reference/exactly-once.md 4)
                after = self.search(work)
                if after is not State.READY:
                    return after
        except StaleError:
            return None
        except NotSendableError as error:
            stored = sending.ledger.not_sendable(work, error.reasons, now=sending.clock.now())
            return State.TO_COMPLETE if stored else None
        claimed_at = sending.clock.monotonic()
        try:
            attempt = sending.ledger.claim(
                dataclasses.replace(work, environment=self.environment),
                submission,
                self.gateway.encode(submission),
                owner=sending.owner,
                lease_seconds=sending.configuration.submission.lease_seconds,
                revision=sending.revision,
                now=sending.clock.now(),
            )
        except StaleError:
            return None
        except AlreadySentError as error:
            sending.ledger.already_sent(work, error.holder_id, now=sending.clock.now())
            return State.TO_COMPLETE
        return self._call(attempt, claimed_at)

    def search(self, work: SendWork) -> State | None:
        """Looks for the invoice on the platform; the state after, None when somebody else was first.

        Every supplier and number counts that one of its unresolved attempts sent. The time is taken before the calls:
        what a search finds is no younger than its beginning, and one that began before the delay was over proves
        nothing, however long it took (docs/reference/exactly-once.md 4).
        """
        sending = self.sending
        begun_at = sending.clock.now()
        sent = asked_for([(attempt.state, attempt.submission) for attempt in work.attempts])
        found = [row for siret, number in sent for row in self._gateway_of(siret).search(number)]
        delay = sending.configuration.submission.search_again_after_seconds
        return sending.ledger.apply_search(work, found, search_after_seconds=delay, now=begun_at)

    def _gateway_of(self, siret: str) -> ChorusGateway:
        """The gateway of the supplier that an attempt named: a person may have changed the invoice's supplier since."""
        if siret == self.provider.siret:
            return self.gateway
        configuration = self.sending.configuration
        for other in (*configuration.providers, *configuration.retired_providers):
            if (other.siret, other.environment) == (siret, self.provider.environment):
                return self.sending.chorus.gateway(other)
        params = {"frozen": siret, "value": self.provider.siret}
        raise NotSendableError(Reason(code="frozen_supplier_siret", field="supplier_siret", params=params))

    # -- before the claim ------------------------------------------------------------------------------------------

    def _submission(self, work: SendWork) -> Submission:
        """Everything that goes out, files uploaded; NotSendableError when the platform does not fit it."""
        main, signed = self._main(work)
        attachments = self._attachments(work)
        bank = bank_account(work.draft, self.supplier)
        service = supplier_service(self.provider, self.services)
        if isinstance(bank, Reason) or isinstance(service, Reason):
            raise NotSendableError(*(found for found in (bank, service) if isinstance(found, Reason)))
        return build_submission(
            work.draft,
            self.provider,
            self.supplier,
            bank_details_id=bank.id if bank else None,
            supplier_service_id=service,
            main=main,
            signed=signed,
            attachments=attachments,
        )

    def _main(self, work: SendWork) -> tuple[SentAttachment, bool]:
        """The invoice itself, as assessed: the stored copy, its digest checked by reading it."""
        content = self._content(work.name, work.content_sha256)
        main = self._upload(work.name, work.content_sha256, content, "application/pdf", MAIN)
        return main, is_signed(content, work.draft.signed)

    def _attachments(self, work: SendWork) -> list[SentAttachment]:
        """Each with its type and a name of its own; all faults of types and lost files in one go, before any upload."""
        edits, ledger = work.attachment_edits, self.sending.ledger
        found = [(key, edits.file(key) or ledger.attachment(key)) for key in work.attachments]
        reasons = [Reason(code="attachment_missing", params={"name": name}) for name, stored in found if stored is None]
        types = [self._type(work.attachment_types.get(portal_id)) for portal_id in work.attachments]
        reasons += [code for at, code in enumerate(types) if isinstance(code, Reason) and code not in types[:at]]
        if reasons:
            raise NotSendableError(*reasons)
        stored = [content for _, content in found if content is not None]
        names = distinct_names(work.name, [content.name for content in stored])
        return [
            self._upload(name, each.sha256, self._content(each.name, each.sha256), _mime_type(name), str(code))
            for each, name, code in zip(stored, names, types, strict=True)
        ]

    def _type(self, wanted: str | None) -> str | Reason:
        """The type code wanted, if the platform lists it; else the default one, or the platform's first."""
        wanted = wanted or self.sending.configuration.attachments.default_type
        if (wanted and wanted not in self.types) or not self.types:
            params = {"type": wanted or "-", "allowed": ", ".join(self.types) or "-"}
            return Reason(code="attachment_type_unknown", params=params)
        return wanted or self.types[0]

    def _content(self, name: str, sha256: str) -> bytes:
        try:
            return self.sending.files.get(sha256)
        except ContentMissingError as error:
            raise NotSendableError(Reason(code="content_missing", params={"name": name})) from error

    def _upload(self, name: str, sha256: str, content: bytes, mime_type: str, type_code: str) -> SentAttachment:
        """Uploaded once per provider and content; the id is used again.

        One file may go along with several invoices that are sent side by side: its uploads wait for each other.
        """
        sending = self.sending
        with self.uploads.setdefault(sha256, threading.Lock()):
            upload_id = sending.ledger.upload_id(self.provider.key, sha256)
            if upload_id is None:
                try:
                    upload_id = self.gateway.upload(short_name(name), content, mime_type)
                except RemoteRefusedError as error:
                    params = {"name": name, "number": str(error.number), "label": error.label}
                    raise NotSendableError(Reason(code="upload_refused", params=params)) from error
                sending.ledger.save_upload(self.provider.key, sha256, upload_id, now=sending.clock.now())
        return SentAttachment(upload_id=upload_id, type_code=type_code, name=short_name(name), sha256=sha256)

    # -- the call and its answer -----------------------------------------------------------------------------------

    def _call(self, attempt: AttemptRecord, claimed_at: float) -> State | None:
        sending = self.sending
        deadline = sending.configuration.submission.send_deadline_seconds
        if sending.clock.monotonic() - claimed_at > deadline:
            # this machine stood still since the claim: somebody may have acted on the lease
            sending.ledger.not_sent(attempt, cause(CauseCode.CLAIM_TOO_OLD), now=sending.clock.now())
            return None
        try:
            answer = self.gateway.submit(attempt.body, deadline_seconds=deadline)
        except (NeverLeftError, TurnedAwayError) as error:
            sending.ledger.not_sent(attempt, not_taken(error), now=sending.clock.now())
            raise
        except RemoteRefusedError as error:
            return self._refused(attempt, error)
        except OutcomeUnknownError as error:
            return self._unknown(attempt, outcome_unknown(error), error.what)
        except Exception as error:  # whatever it was, the request may have left
            self._unknown(attempt, cause(CauseCode.SENDER_FAILED), "the sender failed during the call")
            raise BrokenCallError(error) from error
        return self._taken(attempt, answer)

    def _taken(self, attempt: AttemptRecord, answer: Taken) -> State | None:
        # told first: if the store fails now, the log still has the proof, and the search will find it
        logger.info("Invoice %s: taken by Chorus Pro as %s", attempt.invoice_id, answer.chorus_id)
        moved = self.sending.ledger.taken(attempt, answer, now=self.sending.clock.now())
        return State.SUBMITTED if moved else None

    def _unknown(self, attempt: AttemptRecord, why: Cause, said: str) -> State | None:
        sending = self.sending
        logger.warning(
            "Invoice %s: outcome unknown (%s); it will be searched, not sent again", attempt.invoice_id, said
        )
        delay = sending.configuration.submission.search_again_after_seconds
        owned = sending.ledger.unresolved(attempt, why, search_after_seconds=delay, now=sending.clock.now())
        return State.UNKNOWN if owned else None

    def _refused(self, attempt: AttemptRecord, error: RemoteRefusedError) -> State | None:
        """The refusal is stored before anything else; only then the search decides what it means.

        Source: docs/reference/exactly-once.md 4.
        """
        sending = self.sending
        logger.warning("Invoice %s: refused by Chorus Pro (%s)", attempt.invoice_id, error.number)
        owned = sending.ledger.refusal(attempt, error.number, error.label, error.body or "", now=sending.clock.now())
        if not owned:
            return None
        sent = attempt.submission
        # an upload that the platform no longer knows would be refused again and again
        sending.ledger.forget_uploads(self.provider.key, [sent.main_sha256, *(a.sha256 for a in sent.attachments)])
        found: Sequence[RemoteInvoice] | None
        try:
            found = self.gateway.search(sent.number)
        except RemoteError as failure:
            logger.warning("Invoice %s: the search after the refusal failed (%s)", attempt.invoice_id, failure.code)
            found = None
        delay = sending.configuration.submission.search_again_after_seconds
        return sending.ledger.apply_refusal(attempt, found, search_after_seconds=delay, now=sending.clock.now())


def _mime_type(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"
