"""A person deals with a returned invoice: proposal, checks, claim, one call, and the proof on the platform.

The order is that of sending (docs/reference/exactly-once.md 2 and 5): uploads before the claim, the attempt stored with
all that it sends before the call, the call once and outside any transaction, the answer in a transaction of its own.
What the platform says of the invoice is asked first, so that nobody corrects what has moved on.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from include.application.isolation import Isolation
from include.application.mapping.look_up_recipient import RecipientLookup
from include.application.ports.chorus import Chorus, ChorusGateway
from include.application.ports.clock import Clock
from include.application.ports.corrections import CorrectionAttempt, Corrections, CorrectionWork
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.document_views import DocumentViews
from include.application.ports.files import Files
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.invoice_views import InvoiceFilter, InvoiceViews
from include.application.ports.ledger import Ledger
from include.application.ports.providers import Providers
from include.application.providers.circuit_breaker import logged_in, open_circuit
from include.application.submission.resolve_corrections import resolve_corrections, verify
from include.application.tracking.correction_case import (
    LINKED,
    WOULD_BE_SENT,
    CorrectionCase,
    CorrectionReport,
    NewFile,
    attachment_type,
    file_reasons,
)
from include.domain.causes import Cause, CauseCode, cause, not_taken, outcome_unknown
from include.domain.completeness.recipient import directory_reasons
from include.domain.configuration import Configuration, Provider
from include.domain.correction import (
    Correction,
    CorrectionKind,
    Routing,
    content_reasons,
    days_left,
    not_allowed,
    rerouted,
    successor_reason,
)
from include.domain.errors import (
    InputError,
    LoginRefusedError,
    NeverLeftError,
    NotThereError,
    OutcomeUnknownError,
    RemoteError,
    RemoteRefusedError,
    RemoteUnavailableError,
    TurnedAwayError,
)
from include.domain.fields import Candidate, Source
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.submission import SentAttachment
from include.domain.submission_builder import distinct_names
from include.domain.tracking import Account

logger = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, kw_only=True)
class CorrectionService:
    """Ports and configuration.

    Without `sending` nothing is corrected; what the platform says is asked all the same.
    `owner` names this process in claims, `actor` the person in the audit; `viewer` is that person: what is not seen is
    not there.
    """

    corrections: Corrections
    views: InvoiceViews
    documents: DocumentViews
    ledger: Ledger
    providers: Providers
    directory: DirectoryCache
    files: Files
    chorus: Chorus
    internal_errors: InternalErrors
    clock: Clock
    configuration: Configuration
    owner: str
    actor: str
    viewer: Viewer
    sending: bool = True

    def recycle(
        self,
        reference: str,
        *,
        recipient: str | None = None,
        service: str | None = None,
        engagement: str | None = None,
        comment: str | None = None,
        dry_run: bool = False,
    ) -> CorrectionReport:
        """A_RECYCLER: another body, service or engagement; what is not given stays as it is."""
        case = self._open(reference, CorrectionKind.RECYCLE)
        routing = rerouted(case.work.routing, recipient=recipient, service=service, engagement=engagement)
        case.report.routing, case.report.comment = routing, comment
        case.report.reasons += self._routing_reasons(case, routing)
        return self._do(case, lambda: case.correction(routing=routing, comment=comment), dry_run)

    def complete(
        self, reference: str, *, comment: str | None, files: Sequence[NewFile] = (), dry_run: bool = False
    ) -> CorrectionReport:
        """SUSPENDUE: attachments and a comment."""
        case = self._open(reference, CorrectionKind.COMPLETE)
        names = distinct_names(case.work.document_name, [each.name for each in files])
        case.report.comment, case.report.attachments = comment, tuple(names)
        types = self._types(case, files)
        case.report.reasons += [reason for each in files for reason in file_reasons(each)]
        case.report.reasons += [code for code in types if isinstance(code, Reason)]

        def correction() -> Correction:
            sent = [
                self._upload(case, each, name, str(code)) for each, name, code in zip(files, names, types, strict=True)
            ]
            return case.correction(comment=comment, attachments=tuple(sent))

        case.report.reasons += content_reasons(case.correction(comment=comment), attached=bool(files))
        return self._do(case, correction, dry_run)

    def reject_handled(
        self, reference: str, *, successor_document: int | None = None, dry_run: bool = False
    ) -> CorrectionReport:
        """REJETEE: dealt with, by a corrected document that was sent with a number of its own, or for good."""
        case = self._open(reference, CorrectionKind.REJECT_HANDLED)
        successor_id = None
        if successor_document is not None:
            if self.documents.invoice_id(self.viewer, successor_document) is None:
                raise NotThereError("no_such_document", documents=successor_document)
            successor = self.corrections.successor(successor_document)
            successor_id = successor.invoice_id
            reason = successor_reason(case.work.number, successor.number, successor.state)
            case.report.reasons += [reason] if reason else []
            if case.work.row_version.state is State.CLOSED and reason is None:
                return self._link(case, successor_id, dry_run)
        return self._do(case, lambda: case.correction(successor_id=successor_id), dry_run)

    # -- before the claim ------------------------------------------------------------------------------------------

    def _open(self, reference: str, kind: CorrectionKind) -> CorrectionCase:
        """Logs in, settles what is unknown of it, and learns how the platform has it now."""
        found = self.views.ids([reference])
        if not self.views.rows(self.viewer, InvoiceFilter(ids=tuple(found))):
            raise NotThereError("no_such_invoice", reference=reference)
        work = self.corrections.work(found[0])
        provider = self.configuration.provider_by_key(work.provider_key)
        if provider is None:
            raise InputError("provider_of_invoice_gone", reference=reference)
        gateway = self._guarded(provider, lambda: logged_in(provider, self.providers, self.chorus, self.clock))
        if gateway is None:
            raise RemoteUnavailableError("provider_stopped", provider=provider.name)
        self._refresh(provider, gateway, work)
        work = self.corrections.work(found[0])
        report = CorrectionReport(work=work, kind=kind, routing=work.routing)
        report.days_left = days_left(work.row_version.state, work.status, work.status_at, self.clock.now())
        reason = not_allowed(kind, work.standing)
        report.reasons += [reason] if reason else []
        report.reasons += [] if self.sending else [Reason(code="sending_off")]
        return CorrectionCase(provider=provider, gateway=gateway, work=work, report=report, actor=self.actor)

    def _refresh(self, provider: Provider, gateway: ChorusGateway, work: CorrectionWork) -> None:
        """Status, comment and routing as the platform's list has them now; what moved on moves here too."""
        resolve_corrections(
            provider.key,
            gateway,
            self.corrections,
            self.clock,
            Isolation("correct", self.internal_errors, self.clock),
            check_after_seconds=self.configuration.submission.search_again_after_seconds,
            invoice_ids=[work.row_version.invoice_id],
        )
        work = self.corrections.work(work.row_version.invoice_id)
        if work.chorus_id is None or not work.number:
            return
        rows = [row for row in gateway.search(work.number) if row.chorus_id == work.chorus_id]
        if rows:
            environment = self.chorus.effective_environment(provider)
            account = Account(provider_key=provider.key, environment=environment, siret=provider.siret)
            self.corrections.observe(work, account, rows[0], now=self.clock.now())

    def _routing_reasons(self, case: CorrectionCase, routing: Routing) -> list[Reason]:
        """What the directory says of the new way, before the platform refuses it."""
        found = content_reasons(case.correction(routing=routing, comment=case.report.comment))
        if routing.recipient_siret is None:
            return found
        lookup = RecipientLookup(
            cache=self.directory,
            providers=self.providers,
            chorus=self.chorus,
            clock=self.clock,
            refresh_hours=0.0,  # a person waits for a few calls, and the present truth counts
        )
        answer = lookup.find(case.provider, routing.recipient_siret)
        if answer.refusal is not None:
            return [*found, answer.refusal]
        if answer.entry is None:
            return found  # not known now: the platform checks it too
        return [*found, *directory_reasons(_draft(routing), routing.recipient_siret, answer.entry)]

    def _types(self, case: CorrectionCase, files: Sequence[NewFile]) -> list[str | Reason]:
        listed = [code for code, _ in case.gateway.attachment_types()] if files else []
        return [
            attachment_type(each.type_code or self.configuration.attachments.default_type, listed) for each in files
        ]

    def _upload(self, case: CorrectionCase, file: NewFile, name: str, type_code: str) -> SentAttachment:
        """Uploaded once per provider and content; the bytes are kept as evidence."""
        sha256 = self.files.put(file.content)
        key = case.provider.key
        upload_id = self.ledger.upload_id(key, sha256)
        if upload_id is None:
            mime_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            upload_id = case.gateway.upload(name, file.content, mime_type)
            self.ledger.save_upload(key, sha256, upload_id, now=self.clock.now())
        return SentAttachment(upload_id=upload_id, type_code=type_code, name=name, sha256=sha256)

    def _link(self, case: CorrectionCase, successor_id: int, dry_run: bool) -> CorrectionReport:
        """The rejection was dealt with already; only the link is missing."""
        case.report.reasons.clear()
        case.report.outcome = WOULD_BE_SENT if dry_run else LINKED
        if not dry_run:
            self.corrections.link_successor(
                case.work.row_version.invoice_id, successor_id, actor=self.actor, now=self.clock.now()
            )
        return case.report

    # -- the call and its answer -----------------------------------------------------------------------------------

    def _do(self, case: CorrectionCase, build: Callable[[], Correction], dry_run: bool) -> CorrectionReport:
        report = case.report
        if report.reasons:
            return report
        if dry_run:
            report.outcome = WOULD_BE_SENT
            return report
        try:
            correction = self._guarded(case.provider, build)
        except RemoteRefusedError as error:
            params = {"name": ", ".join(report.attachments), "number": str(error.number), "label": error.label}
            report.reasons.append(Reason(code="upload_refused", params=params))
            return report
        return self._guarded(case.provider, lambda: self._send(case, correction))

    def _send(self, case: CorrectionCase, correction: Correction) -> CorrectionReport:
        claimed_at = self.clock.monotonic()
        attempt = self.corrections.claim(
            case.work,
            correction,
            case.gateway.encode_correction(correction),
            owner=self.owner,
            lease_seconds=self.configuration.submission.lease_seconds,
            now=self.clock.now(),
        )
        self._call(case, attempt, claimed_at)
        after = self._verified(case, attempt)
        case.report.outcome = after
        if after is State.TO_PROCESS:
            case.report.reasons += self.corrections.work(attempt.invoice_id).reasons
        return case.report

    def _call(self, case: CorrectionCase, attempt: CorrectionAttempt, claimed_at: float) -> None:
        """The call, and its answer stored before anything else; raises where it surely was not taken."""
        deadline = self.configuration.submission.send_deadline_seconds
        kind = attempt.correction.kind
        if self.clock.monotonic() - claimed_at > deadline:
            # this machine stood still since the claim: somebody may have acted on the lease
            self.corrections.not_sent(attempt, cause(CauseCode.CLAIM_TOO_OLD), now=self.clock.now())
            raise NeverLeftError("claim_too_old")
        try:
            raw = case.gateway.correct(kind, attempt.body, deadline_seconds=deadline)
        except (NeverLeftError, TurnedAwayError) as error:
            self.corrections.not_sent(attempt, not_taken(error), now=self.clock.now())
            raise
        except RemoteRefusedError as error:
            logger.warning("Invoice %s: correction refused by Chorus Pro (%s)", attempt.invoice_id, error.number)
            self.corrections.refused(attempt, error.number, error.label, error.body or "", now=self.clock.now())
            sent = [each.sha256 for each in attempt.correction.attachments]
            self.ledger.forget_uploads(case.provider.key, sent)
        except OutcomeUnknownError as error:
            logger.warning("Invoice %s: outcome of its correction unknown (%s)", attempt.invoice_id, error.what)
            self._unknown(attempt, outcome_unknown(error))
        except Exception:  # whatever it was, the request may have left
            self._unknown(attempt, cause(CauseCode.SENDER_FAILED))
            raise
        else:
            logger.info("Invoice %s: correction %s taken by Chorus Pro", attempt.invoice_id, kind)
            self.corrections.answered(attempt, raw, now=self.clock.now())

    def _verified(self, case: CorrectionCase, attempt: CorrectionAttempt) -> State:
        """What the platform shows of it at once; where that is not known now, the next pass looks again."""
        try:
            after = verify(attempt, case.gateway, self.corrections, self.clock)
        except RemoteError as error:
            logger.warning("Invoice %s: correction not verified (%s)", attempt.invoice_id, error.code)
            after = None
        if after in (None, State.CORRECTING):
            self._unknown(attempt, cause(CauseCode.CORRECTION_NOT_SEEN_YET))
            return self.corrections.work(attempt.invoice_id).row_version.state
        return after

    def _unknown(self, attempt: CorrectionAttempt, why: Cause) -> None:
        delay = self.configuration.submission.search_again_after_seconds
        self.corrections.unresolved(attempt, why, check_after_seconds=delay, now=self.clock.now())

    def _guarded(self, provider: Provider, work: Callable[[], Outcome]) -> Outcome:
        """A refused login stops the provider, as everywhere."""
        try:
            return work()
        except LoginRefusedError as error:
            open_circuit(provider, self.providers, self.clock, error)
            raise


def _draft(routing: Routing) -> Draft:
    """The routing in the shape that the directory's demands are checked in."""
    given = {name: value for name, value in vars(routing).items() if value is not None}
    return Draft(
        fields={name: FieldValue(chosen=Candidate(value=value, source=Source.PERSON)) for name, value in given.items()}
    )
