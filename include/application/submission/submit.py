"""Fifth stage: for each provider with something to send or to search, one pass of sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.application.ports.corrections import Corrections
from include.application.ports.resubmission import Candidates
from include.application.progress import Watch, unwatched
from include.application.providers.circuit_breaker import stopped
from include.application.providers.credential_health import CredentialHealth
from include.application.providers.find_provider import find_provider_by_key
from include.application.submission.plan_submission import plan_submission
from include.application.submission.sending import Sending, SubmitReport
from include.application.submission.submit_invoices import NO_VERSIONS, submit_invoices
from include.domain.configuration import Provider
from include.domain.errors import ConnectorError, NotThereError
from include.domain.lifecycle import State

TO_VISIT = (State.READY, State.UNKNOWN, State.CORRECTION_UNKNOWN)
"""States in which a visit of the platform can do something about an invoice."""


@dataclass(frozen=True, kw_only=True)
class Submit:
    """The stage over one revision of the configuration."""

    sending: Sending
    corrections: Corrections
    candidates: Candidates
    credentials: CredentialHealth

    @property
    def allowed(self) -> bool:
        """Whether anything may go out at all."""
        return self.sending.allowed

    def plan(self, document_ids: Sequence[int] = ()) -> list[str]:
        """Keys of the providers with something to send or to search, among these documents if any are named."""
        sending = self.sending
        planned = plan_submission(
            sending.ledger, sending.providers, sending.configuration, sending.revision, sending.clock
        )
        if not document_ids:
            return planned
        holders = self.providers_of(document_ids)
        return [key for key in planned if key in holders]

    def providers_of(self, document_ids: Sequence[int]) -> list[str]:
        """Keys of the providers for whose invoices of these documents a visit can do something."""
        waiting = self.candidates.candidates(states=TO_VISIT, document_ids=document_ids) if document_ids else []
        return sorted({one.provider_key for one in waiting})

    def __call__(
        self,
        provider_key: str,
        *,
        invoice_ids: Sequence[int] | None = None,
        document_ids: Sequence[int] = (),
        may_send: bool | None = None,
        versions: Mapping[int, int] = NO_VERSIONS,
        watch: Watch = unwatched,
    ) -> SubmitReport:
        """Searches, verifies and sends for one provider; by default it sends only where submission is automatic.

        Only these invoices, or those of these documents, if any are named; of those in `versions` only that version.
        """
        configuration = self.sending.configuration
        provider = find_provider_by_key(configuration, provider_key)
        if invoice_ids is None and document_ids:
            invoice_ids = self.sending.ledger.invoices_of(document_ids)
        wanted = provider.automatic_submission if may_send is None else may_send
        return submit_invoices(
            provider,
            self.sending,
            invoice_ids=invoice_ids,
            may_send=wanted and provider in configuration.providers,
            corrections=self.corrections,
            versions=versions,
            watch=watch,
        )

    def stopped(self, providers: Sequence[Provider] = ()) -> dict[str, ConnectorError]:
        """By key why a provider is stopped, of the named ones or of all, for who runs something by hand."""
        sending = self.sending
        reasons: dict[str, ConnectorError] = {}
        for provider in providers or sending.configuration.providers:
            error = stopped(provider, sending.providers, sending.clock)
            if error is not None:
                reasons[provider.key] = error
        return reasons

    def check_credentials(self, *provider_keys: str) -> None:
        """Asks, stores and tells how long the logins of those that may still send hold."""
        self.credentials.check([one for one in self.sending.configuration.providers if one.key in provider_keys])

    def check_documents(self, document_ids: Sequence[int]) -> None:
        """NotThereError when one of these documents does not exist."""
        ledger = self.sending.ledger
        if len(ledger.invoices_of(document_ids)) < len(set(document_ids)):
            missing = [str(one) for one in document_ids if not ledger.invoices_of([one])]
            raise NotThereError("no_such_document", documents=", ".join(missing))
