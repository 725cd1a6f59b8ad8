"""One invoice from `ready` to its answer: upload, claim, call, record; death after any step costs nothing.

The order is that of exactly-once 2: uploads before the claim, the attempt stored before the call with all that it
sends, the call once and outside any transaction, the answer in a transaction of its own.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.application.ports import ChorusGateway
from include.application.sending import Sending
from include.application.storage_ports import AttemptRecord, SendWork
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
from include.domain.outgoing import (
    bank_account,
    compose,
    distinct_names,
    is_signed,
    short_name,
    supplier_service,
)
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, SentAttachment, Submission, Taken, asked_for

logger = logging.getLogger(__name__)

MAIN = "main"


class NotSendableError(Exception):
    """Found impossible just before the claim; carries the reasons."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reason.code for reason in reasons))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One provider's sending desk for one pass: its gateway, its own structure, the attachment types it may use.

    `services` are the supplier's own, for the provider that names one. `environment` is where its addresses lead now:
    keys are taken there, whatever was true when it was judged.
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

        RemoteError when the provider should send nothing more in this pass; the invoice is safe then too.
        """
        use = self.sending
        try:
            submission = self._compose(work)
            if work.ever_unknown:
                # an invoice that was ever unknown is searched once more right before its next claim (exactly-once 4)
                after = self.settle(work, self.search(work))
                if after is not State.READY:
                    return after
        except NotSendableError as error:
            stored = use.ledger.not_sendable(work, error.reasons, now=use.clock.now())
            return State.TO_COMPLETE if stored else None
        claimed_at = use.clock.monotonic()
        try:
            attempt = use.ledger.claim(
                dataclasses.replace(work, environment=self.environment),
                submission,
                self.gateway.encode(submission),
                owner=use.owner,
                lease_seconds=use.configuration.submission.lease_seconds,
                revision=use.revision,
                now=use.clock.now(),
            )
        except StaleError:
            return None
        except AlreadySentError as error:
            use.ledger.already_sent(work, error.holder_id, now=use.clock.now())
            return State.TO_COMPLETE
        return self._call(attempt, claimed_at)

    def search(self, work: SendWork) -> list[RemoteInvoice]:
        """Looks for the invoice by every supplier and number that one of its unresolved attempts sent."""
        sent = asked_for([(attempt.state, attempt.submission) for attempt in work.attempts])
        return [row for siret, number in sent for row in self._gateway_of(siret).search(number)]

    def settle(self, work: SendWork, found: Sequence[RemoteInvoice]) -> State | None:
        """What the search decides; None when somebody else was first."""
        use = self.sending
        delay = use.configuration.submission.search_again_after_seconds
        return use.ledger.settle_search(work, found, search_after_seconds=delay, now=use.clock.now())

    def _gateway_of(self, siret: str) -> ChorusGateway:
        """Of the supplier that an attempt named: a person may have given the invoice to another one since."""
        if siret == self.provider.siret:
            return self.gateway
        configuration = self.sending.configuration
        for other in (*configuration.providers, *configuration.retired_providers):
            if (other.siret, other.environment) == (siret, self.provider.environment):
                return self.sending.chorus.gateway(other)
        params = {"frozen": siret, "value": self.provider.siret}
        raise NotSendableError(Reason(code="frozen_supplier_siret", field="supplier_siret", params=params))

    # -- before the claim ------------------------------------------------------------------------------------------

    def _compose(self, work: SendWork) -> Submission:
        """Everything that goes out, files uploaded; NotSendableError when the platform does not fit it."""
        main, signed = self._main(work)
        attachments = self._attachments(work)
        bank = bank_account(work.draft, self.supplier)
        service = supplier_service(self.provider, self.services)
        if isinstance(bank, Reason) or isinstance(service, Reason):
            raise NotSendableError(*(found for found in (bank, service) if isinstance(found, Reason)))
        return compose(
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
        """The invoice itself, as judged: the stored copy, its digest checked by reading it."""
        content = self._content(work.name, work.content_sha256)
        return self._upload(work.name, work.content_sha256, content, "application/pdf", MAIN), is_signed(content)

    def _attachments(self, work: SendWork) -> list[SentAttachment]:
        """Each with its type and a name of its own; all faults of types and lost files in one go, before any upload."""
        found = [(portal_id, self.sending.ledger.attachment(portal_id)) for portal_id in work.attachments]
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
        use = self.sending
        with self.uploads.setdefault(sha256, threading.Lock()):
            upload_id = use.ledger.upload_id(self.provider.key, sha256)
            if upload_id is None:
                try:
                    upload_id = self.gateway.upload(short_name(name), content, mime_type)
                except RemoteRefusedError as error:
                    params = {"name": name, "number": str(error.number), "label": error.label}
                    raise NotSendableError(Reason(code="upload_refused", params=params)) from error
                use.ledger.save_upload(self.provider.key, sha256, upload_id, now=use.clock.now())
        return SentAttachment(upload_id=upload_id, type_code=type_code, name=short_name(name), sha256=sha256)

    # -- the call and its answer -----------------------------------------------------------------------------------

    def _call(self, attempt: AttemptRecord, claimed_at: float) -> State | None:
        use = self.sending
        deadline = use.configuration.submission.send_deadline_seconds
        if use.clock.monotonic() - claimed_at > deadline:
            # this machine stood still since the claim: somebody may have acted on the lease
            use.ledger.not_sent(attempt, "the claim was too old to be used", now=use.clock.now())
            return None
        try:
            answer = self.gateway.submit(attempt.body, deadline_seconds=deadline)
        except (NeverLeftError, TurnedAwayError) as error:
            use.ledger.not_sent(attempt, error.what, now=use.clock.now())
            raise
        except RemoteRefusedError as error:
            return self._refused(attempt, error)
        except OutcomeUnknownError as error:
            return self._unknown(attempt, error.what)
        except Exception:
            # whatever it was, the request may have left
            self._unknown(attempt, "the sender failed during the call")
            raise
        return self._taken(attempt, answer)

    def _taken(self, attempt: AttemptRecord, answer: Taken) -> State | None:
        # told first: if the store fails now, the log still has the proof, and the search will find it
        logger.info("Invoice %s: taken by Chorus Pro as %s", attempt.invoice_id, answer.chorus_id)
        moved = self.sending.ledger.taken(attempt, answer, now=self.sending.clock.now())
        return State.SUBMITTED if moved else None

    def _unknown(self, attempt: AttemptRecord, why: str) -> State | None:
        use = self.sending
        logger.warning("Invoice %s: outcome unknown (%s); it will be searched, not sent again", attempt.invoice_id, why)
        delay = use.configuration.submission.search_again_after_seconds
        owned = use.ledger.unresolved(attempt, why, search_after_seconds=delay, now=use.clock.now())
        return State.UNKNOWN if owned else None

    def _refused(self, attempt: AttemptRecord, error: RemoteRefusedError) -> State | None:
        """The refusal is stored before anything else; only then the search decides what it means (exactly-once 4)."""
        use = self.sending
        logger.warning("Invoice %s: refused by Chorus Pro (%s)", attempt.invoice_id, error.number)
        owned = use.ledger.refusal(attempt, error.number, error.label, error.body or "", now=use.clock.now())
        if not owned:
            return None
        sent = attempt.submission
        # an upload that the platform no longer knows would be refused again and again
        use.ledger.forget_uploads(self.provider.key, [sent.main_sha256, *(a.sha256 for a in sent.attachments)])
        found: Sequence[RemoteInvoice] | None
        try:
            found = self.gateway.search(sent.number)
        except RemoteError as failure:
            logger.warning("Invoice %s: the search after the refusal failed (%s)", attempt.invoice_id, failure.code)
            found = None
        delay = use.configuration.submission.search_again_after_seconds
        return use.ledger.settle_refusal(attempt, found, search_after_seconds=delay, now=use.clock.now())


def _mime_type(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"
