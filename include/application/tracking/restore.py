"""After our database was set back to a backup: what the platform has and we do not, and taking it back.

Asked live and in full: what was retrieved before the backup says nothing of what came after it. Safe to repeat, and
beside everything else; the order of steps is docs/restore.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.application.ports.document_views import DocumentFilter, DocumentRow, DocumentViews
from include.application.ports.tracking import Unclaimed
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.providers.circuit_breaker import logged_in, open_circuit, stopped
from include.application.tracking.retrieve_invoices import (
    PAGE_SIZE,
    RetrievalReport,
    Retrieving,
    account_of,
    retrieve_everything,
)
from include.domain.configuration import Provider
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    InputError,
    LoginRefusedError,
    NotThereError,
    RemoteError,
    RemoteUnavailableError,
)
from include.domain.rights import Viewer
from include.domain.submission import RemoteInvoice, deposited
from include.domain.tracking import Account
from include.domain.transitions.adoption import Fate


@dataclass(kw_only=True)
class RestoreReport:
    """What the platform has of one provider and we do not know as ours; `failure` is why not all of it is known."""

    provider: Provider
    seen: int = 0
    found: list[Unclaimed] = field(default_factory=list)
    failure: ConnectorError | None = None

    def counts(self) -> dict[str, int]:
        """How many have each fate."""
        counted = Counter(one.fate for one in self.found)
        return {fate.value: counted[fate] for fate in Fate}


@dataclass(frozen=True, kw_only=True)
class Restoring:
    """The use case; `actor` is who asks, `viewer` what that person sees: what is not seen is not there."""

    retrieving: Retrieving
    views: DocumentViews
    actor: str
    viewer: Viewer

    def chosen(self, providers: Sequence[Provider]) -> Sequence[Provider]:
        """Those named, or all; retired ones sent too."""
        configuration = self.retrieving.configuration
        return providers or (*configuration.providers, *configuration.retired_providers)

    def check(self, provider: Provider, watch: Watch = unwatched) -> RestoreReport:
        """What would become of each; nothing is changed. Never raises for a fault of the surroundings."""
        report = RestoreReport(provider=provider)
        use = self.retrieving
        found: dict[int, Unclaimed] = {}
        seen: set[int] = set()
        try:
            gateway = logged_in(provider, use.providers, use.chorus, use.clock)
            if gateway is None:
                report.failure = stopped(provider, use.providers, use.clock)
                return report
            account = account_of(provider, use.chorus)
            progress = Progress(Step.RETRIEVE, use.clock, watch)
            for page in gateway.search_since(None, page_size=PAGE_SIZE):
                found |= {one.row.chorus_id: one for one in use.tracking.unclaimed(account, page.rows)}
                seen.update(row.chorus_id for row in page.rows)
                progress.reach(len(seen), page.total or len(seen))
        except LoginRefusedError as error:
            open_circuit(provider, use.providers, use.clock, error)
            report.failure = error.about(provider.title)
        except (RemoteError, ConfigurationError) as error:
            report.failure = error.about(provider.title)
        report.seen, report.found = len(seen), list(found.values())
        return report

    def adopt(self, provider: Provider, watch: Watch = unwatched) -> RetrievalReport:
        """Retrieves the whole account: what is ours becomes ours again, other values wait for a person."""
        return retrieve_everything(provider, self.retrieving, watch)

    def adopt_document(self, document_id: int) -> None:
        """A person looked at both sides and says that this document is the invoice on the platform.

        InputError where the platform has none of its number, several, or its state forbids it.
        """
        rows = self.views.rows(self.viewer, DocumentFilter(ids=(document_id,)))
        if not rows:
            raise NotThereError("no_such_document", documents=document_id)
        use, document = self.retrieving, rows[0]
        provider = use.configuration.provider_by_key(document.provider_key or "")
        if provider is None:
            raise InputError("provider_of_invoice_gone", reference=document_id)
        gateway = logged_in(provider, use.providers, use.chorus, use.clock)
        if gateway is None:
            raise RemoteUnavailableError("provider_stopped", provider=provider.name)
        account = account_of(provider, use.chorus)
        row = self._only_one(document, account, gateway.search(document.invoice_number or ""))
        if not use.tracking.adopt(account, document.invoice_id, row, actor=self.actor, now=use.clock.now()):
            raise InputError("not_adopted", document=document_id, state=document.state)

    def _only_one(self, document: DocumentRow, account: Account, found: Sequence[RemoteInvoice]) -> RemoteInvoice:
        """The only one that the platform has of the number, and no other document of ours is."""
        known = self.retrieving.tracking.known(account, [row.chorus_id for row in found])
        ours = {chorus_id for chorus_id, one in known.items() if one.document_id is not None}
        free = [row for row in deposited(found) if row.chorus_id not in ours]
        if len(free) != 1:
            numbers = ", ".join(str(row.chorus_id) for row in free) or "-"
            number = document.invoice_number or "-"
            raise InputError("not_the_only_one", document=document.id, number=number, numbers=numbers)
        return free[0]
