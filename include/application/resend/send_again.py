"""Sending asked for by a person, whatever automatic submission says: ready, refused and unknown invoices.

Whoever asks, the same is done: refused ones are opened and assessed again, unknown ones are searched and never sent
first, ready ones are sent. What differs is what was chosen, and whether the values were shown to that person.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from include.application.mapping.map_fields import Map
from include.application.pipeline import Scope
from include.application.ports.assessments import Assessments
from include.application.ports.bulk_requests import RESEND, SUBMIT, BulkItem, BulkRequest, BulkRequests, BulkResult
from include.application.ports.clock import Clock
from include.application.ports.document_views import DocumentFilter, DocumentViews
from include.application.ports.invoice_views import InvoiceFilter, InvoiceViews
from include.application.ports.resubmission import STATES, Candidates, Resendable
from include.application.providers.find_provider import find_provider, find_provider_by_key
from include.application.resend.batches import batches
from include.application.submission.sending import SENDING_OFF, SubmitReport
from include.application.submission.submit import Submit
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError, InputError, MoveForbiddenError, NotThereError, StaleError
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer, viewer
from include.texts import Text, store

CHANGED = "changed since the preview"
NEVER_SENT = "never sent"
WOULD_BE_SENT = "would be sent"

KEPT = dt.timedelta(days=30)
"""How long a request can be carried out: longer than a person may take to say yes, and a task may be cleared later."""

_TAKEN = (State.SUBMITTED, State.TO_PROCESS, State.CLOSED)
_ON_ITS_WAY = (State.SUBMITTING, State.UNKNOWN, State.CORRECTING, State.CORRECTION_UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a person chooses by: states, provider (name or SIRET), days of arrival in the portal (Paris), documents."""

    states: tuple[str, ...] = STATES
    provider: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ItemOutcome:
    """What became of one item: `id` of the document or the invoice that was named, its state or one of the above."""

    id: int
    outcome: str


@dataclass(kw_only=True)
class SendAgainReport:
    """What became of each item, counted in all and by provider.

    `complete` says that every one of them is submitted now (or would be). `halted` are keys of providers for which
    nothing more goes out in this call.
    """

    outcomes: list[ItemOutcome] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    providers: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[ConnectorError] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    halted: set[str] = field(default_factory=set)
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class SendAgain:
    """The use case. Safe to repeat, and beside a run: the ledger claims each invoice.

    `actor` is who asks, `viewer` what that person sees: what is not seen is not there.
    """

    map: Map
    submit: Submit
    assessments: Assessments
    candidates: Candidates
    requests: BulkRequests
    documents_seen: DocumentViews
    invoices_seen: InvoiceViews
    configuration: Configuration
    clock: Clock
    actor: str
    viewer: Viewer

    # -- what was chosen -------------------------------------------------------------------------------------------

    def choose(self, selection: Selection) -> list[Resendable]:
        """What fits the selection; InputError for a state, a provider or a document that there is not."""
        wrong = [state for state in selection.states if state not in STATES]
        if wrong:
            raise InputError("state_not_resent", state=wrong[0], allowed=", ".join(STATES))
        self._check_documents(selection.document_ids)
        name = selection.provider
        fitting = self.candidates.candidates(
            states=selection.states,
            provider_key=None if name is None else find_provider(self.configuration, name).key,
            from_date=selection.from_date,
            to_date=selection.to_date,
            document_ids=selection.document_ids,
        )
        if self.viewer.everything:
            return fitting
        return [one for one in fitting if self._sees(one.document_id)]

    def freeze(self, selection: Selection) -> BulkRequest:
        """Stores what fits the selection as it is now, for a person to decide upon; see `choose`."""
        items = [one.frozen() for one in self.choose(selection)]
        now = self.clock.now()
        request_id = self.requests.create(RESEND, items, actor=self.actor, now=now, keep_until=now + KEPT)
        return self.request(request_id)

    def shown(self, request_id: int) -> list[Resendable]:
        """What a request would send: the invoices that are still as they were when it was made."""
        return self._unchanged(self.request(request_id).items)

    def as_shown(self, request_id: int) -> SendAgainReport:
        """Sends those that are still as they were when the request was made, and records what became of each.

        Between the preview and the yes hours may pass; what changed meanwhile is reported and not sent. What an earlier
        call has sent stays reported as sent. NotThereError, with nothing done, for a request that there is not, or with
        a document that the person does not see.
        """
        report = SendAgainReport()
        request = self.request(request_id)
        self._check_seen([item.document_id for item in request.items])
        for some in batches([item for item in request.items if _is_open(request, item)]):
            # what its person took back meanwhile has a result by now
            now = self.request(request_id)
            asked = {item.document_id for item in some}
            self._send_some(now, [item for item in now.items if item.document_id in asked], report)
        for item in self.request(request_id).items:
            result = item.result
            outcome = CHANGED if result is None or result.message or result.state is None else result.state
            report.outcomes.append(ItemOutcome(id=item.document_id, outcome=outcome))
            report.complete &= outcome == State.SUBMITTED
        return report

    def _send_some(self, request: BulkRequest, items: Sequence[BulkItem], report: SendAgainReport) -> None:
        """Sends these items of a request, as far as they are open and unchanged, and records what became of each."""
        open_items = [item for item in items if _is_open(request, item)]
        theirs = self._still_theirs(request, open_items)
        unchanged = self._unchanged(theirs)
        left = [one for one in unchanged if one.provider_key in report.halted]
        as_they_were = self._send([one for one in unchanged if one not in left], report, same_values=True)
        as_they_were |= {one.invoice_id for one in left}
        if not self.submit.allowed:  # nothing was sent, and nothing changed either
            as_they_were |= {one.invoice_id for one in unchanged}
        now = {one.invoice_id: one.state for one in self._items_now(open_items, states=tuple(State))}
        results = {item.document_id: _result(item, now, as_they_were) for item in open_items}
        results |= {item.document_id: _HIDDEN for item in open_items if item not in theirs}
        self.requests.record(request.id, results, now=self.clock.now())
        report.counts[CHANGED] = report.counts.get(CHANGED, 0) + sum(bool(one.message) for one in results.values())

    def _still_theirs(self, request: BulkRequest, items: Sequence[BulkItem]) -> list[BulkItem]:
        """What a person asked from a list is sent only while that person may still see it."""
        if request.action == RESEND or not items:
            return list(items)
        asker = viewer(self.configuration, request.actor)
        wanted = DocumentFilter(ids=tuple(item.document_id for item in items))
        seen = set(self.documents_seen.ids(asker, wanted, limit=len(items)))
        return [item for item in items if item.document_id in seen]

    def request(self, request_id: int) -> BulkRequest:
        """What is to be sent as it was shown; NotThereError for no such request, or one whose time is over."""
        request = self.requests.get(request_id, now=self.clock.now())
        if request is None or request.action not in (RESEND, SUBMIT):
            raise NotThereError("no_such_request", request=request_id)
        return request

    def _unchanged(self, items: Sequence[BulkItem]) -> list[Resendable]:
        frozen = {item.invoice_id: item for item in items}
        return [one for one in self._items_now(items) if one.unchanged_since(frozen[one.invoice_id])]

    def _items_now(self, items: Sequence[BulkItem], *, states: Sequence[str] = STATES) -> list[Resendable]:
        ids = [item.invoice_id for item in items if item.invoice_id is not None]
        return self.candidates.candidates(states=states, invoice_ids=ids)

    def invoices(self, references: Sequence[str]) -> SendAgainReport:
        """Sends invoices that were sent before; NotThereError, with nothing done, for a reference that is none."""
        ids = self.invoices_seen.ids(references)
        if not self.viewer.everything:
            ids = [row.id for row in self.invoices_seen.rows(self.viewer, InvoiceFilter(ids=tuple(ids)))]
        if len(ids) < len(set(references)):
            raise NotThereError("no_such_invoices", references=", ".join(references))
        report = SendAgainReport()
        self._send(self._sent_before(self.candidates.candidates(invoice_ids=ids)), report)
        after = {row.id: row.state for row in self.invoices_seen.rows(OWNER, InvoiceFilter(ids=tuple(ids)))}
        for invoice_id in ids:
            # what was never sent is no invoice of this list: `chorus documents submit` sends it
            state = after.get(invoice_id, NEVER_SENT)
            report.outcomes.append(ItemOutcome(id=invoice_id, outcome=state))
            report.complete &= state in _TAKEN
        return report

    def documents(
        self, document_ids: Sequence[int], *, dry_run: bool = False, expected: Mapping[int, int] | None = None
    ) -> SendAgainReport:
        """Sends what is ready of these documents; NotThereError, with nothing done, for an id that is none.

        `expected`: by document the version of its invoice that a form was opened with. StaleError, and nothing is
        sent, where somebody changed one of them since; what was sent already is only told.
        """
        self._check_documents(document_ids)
        versions = self._opened_with(expected or {})
        stopped_before = self.submit.stopped()
        report = SendAgainReport(failures=list(self.map(document_ids, dry_run=dry_run).failures))
        if not dry_run:
            ready = self.candidates.candidates(states=(State.READY,), document_ids=document_ids)
            _check_versions(ready, versions)
            self._send(ready, report, pinned=versions.keys())
        wanted = State.READY if dry_run else State.SUBMITTED
        for row in self.documents_seen.rows(OWNER, DocumentFilter(ids=tuple(document_ids))):
            would_be_sent = dry_run and row.state is State.READY
            report.outcomes.append(ItemOutcome(id=row.id, outcome=WOULD_BE_SENT if would_be_sent else row.state))
            report.complete &= row.state is wanted
            if row.state is State.READ:  # it could not be assessed: its provider may not even be known
                report.failures += [
                    stopped_before.pop(key) for key in list(stopped_before) if key not in report.providers
                ]
        return report

    # -- the same, one task of the ten-minute DAG at a time (its parameter `retry`) --------------------------------

    def check(self, document_ids: Sequence[int]) -> None:
        """InputError when no document is named, or one that does not exist or that the person does not see."""
        if not document_ids:
            raise InputError("retry_without_documents")
        self._check_documents(document_ids)

    def open_refused(self, document_ids: Sequence[int], *, refused_before: dt.datetime) -> None:
        """Opens the refused ones of these documents, to be assessed and sent again.

        Only what was refused before the run was asked for: clearing the task later opens nothing a second time.
        """
        if not self.submit.allowed:
            return
        for one in self._of_documents(document_ids, State.REFUSED):
            document = self.documents_seen.detail(OWNER, one.document_id)
            refusals = [move.at for move in document.moves if move.after is State.REFUSED] if document else []
            if refusals and refusals[-1] < refused_before:
                self._open(one)

    def plan(self, scope: Scope) -> list[str]:
        """Keys of the providers to visit: a person does not wait for the delay between two searches."""
        wanted = {find_provider(self.configuration, name).key for name in scope.providers}
        self.submit.plan()  # from here on sendings whose lease ran out are unknown
        seen = [one for one in scope.document_ids if self._sees(one)]
        return [key for key in self.submit.providers_of(seen) if not wanted or key in wanted]

    def of_provider(self, provider_key: str, document_ids: Sequence[int]) -> SubmitReport:
        """Sends and searches; where a person decides on the first sending, only what was sent before."""
        chosen = self._of_documents(document_ids, *State)
        if not find_provider_by_key(self.configuration, provider_key).automatic_submission:
            chosen = self._sent_before(chosen)
        return self.submit(provider_key, invoice_ids=[one.invoice_id for one in chosen], may_send=True)

    def _check_documents(self, document_ids: Sequence[int]) -> None:
        """NotThereError for one that does not exist or that the person does not see."""
        self._check_seen(document_ids)
        self.submit.check_documents(document_ids)

    def _check_seen(self, document_ids: Sequence[int]) -> None:
        hidden = [str(one) for one in document_ids if not self._sees(one)]
        if hidden:
            raise NotThereError("no_such_document", documents=", ".join(hidden))

    def _opened_with(self, expected: Mapping[int, int]) -> dict[int, int]:
        """By invoice the version that its form was opened with, of those that are not sent; StaleError for another."""
        rows = self.documents_seen.rows(self.viewer, DocumentFilter(ids=tuple(expected))) if expected else ()
        versions = {row.invoice_id: expected[row.id] for row in rows if row.state not in _TAKEN}
        for row in rows:
            if row.version != versions.get(row.invoice_id, row.version):
                raise StaleError("invoice_changed_meanwhile", invoice_id=row.invoice_id)
        return versions

    def _sees(self, document_id: int) -> bool:
        return self.viewer.everything or self.documents_seen.invoice_id(self.viewer, document_id) is not None

    # -- what is done ----------------------------------------------------------------------------------------------

    def _send(
        self,
        chosen: Sequence[Resendable],
        report: SendAgainReport,
        *,
        same_values: bool = False,
        pinned: Collection[int] = (),
    ) -> set[int]:
        """Ids of those that were searched or sent; with `same_values` no refused one whose values changed is.

        Of `pinned` invoices (with `same_values`: of all) no other version is sent than the one that was looked at.
        Where nothing may go out, unknown ones are searched and all others are left as they are.
        """
        if not self.submit.allowed:
            report.notes.append(SENDING_OFF)
            chosen = [one for one in chosen if one.state == State.UNKNOWN]
        refused = {one.invoice_id: one for one in chosen if one.state == State.REFUSED}
        for one in refused.values():
            self._open(one)
        if refused:
            report.failures.extend(self.map([one.document_id for one in refused.values()]).failures)
        opened = self._candidates(list(refused.values()), states=(State.READY,))
        going = [one for one in chosen if one.invoice_id not in refused]
        going += [one for one in opened if not same_values or refused[one.invoice_id].same_values(one)]
        by_provider: dict[str, list[int]] = {}
        for one in going:
            by_provider.setdefault(one.provider_key, []).append(one.invoice_id)
        versions = {
            one.invoice_id: one.version
            for one in going
            if one.state == State.READY and (same_values or one.invoice_id in pinned)
        }
        for provider_key, invoice_ids in by_provider.items():
            self._visit(provider_key, invoice_ids, report, versions)
        return {one.invoice_id for one in going}

    def _visit(
        self, provider_key: str, invoice_ids: Sequence[int], report: SendAgainReport, versions: Mapping[int, int]
    ) -> None:
        try:
            result = self.submit(provider_key, invoice_ids=invoice_ids, may_send=True, versions=versions)
        except InputError as error:  # its provider is not in the configuration any more
            report.failures.append(error)
            return
        mine = report.providers.setdefault(provider_key, {})
        for name, count in result.counts().items():
            mine[name] = mine.get(name, 0) + count
            report.counts[name] = report.counts.get(name, 0) + count
        report.failures.extend([*result.failures, *([result.stopped] if result.stopped else [])])
        if result.failure or result.stopped:
            report.halted.add(provider_key)

    def _open(self, one: Resendable) -> None:
        with contextlib.suppress(MoveForbiddenError):  # somebody else was first
            self.assessments.reopen(one.invoice_id, actor=self.actor, now=self.clock.now())

    def _candidates(self, of: Sequence[Resendable], *, states: Sequence[str] = STATES) -> list[Resendable]:
        return self.candidates.candidates(states=states, invoice_ids=[one.invoice_id for one in of])

    def _of_documents(self, document_ids: Sequence[int], *states: State) -> list[Resendable]:
        # no documents are none, not all
        found = self.candidates.candidates(states=states, document_ids=document_ids) if document_ids else []
        return [one for one in found if self._sees(one.document_id)]

    @staticmethod
    def _sent_before(chosen: Sequence[Resendable]) -> list[Resendable]:
        return [one for one in chosen if one.attempts]


def _is_open(request: BulkRequest, item: BulkItem) -> bool:
    """Whether it is to be sent; of what a person asked from a list only what was ready, and was not taken back."""
    if item.result is None:
        return True
    if request.action == SUBMIT and (item.state != State.READY or item.result.message):
        return False
    return item.result.state not in _TAKEN


def _check_versions(ready: Sequence[Resendable], versions: Mapping[int, int]) -> None:
    """StaleError for one that somebody changed while it was assessed.

    The assessment itself is one change more. What a person changes is at least two, its change and the assessment that
    makes it ready again.
    """
    for one in ready:
        if one.version > versions.get(one.invoice_id, one.version) + 1:
            raise StaleError("invoice_changed_meanwhile", invoice_id=one.invoice_id)


def _result(item: BulkItem, now: Mapping[int, str], sent: Collection[int]) -> BulkResult:
    """What became of an item; one that was not sent had changed, or is gone.

    Of one that went out otherwise, perhaps by a try of this very run that was killed, nobody may read that it was not
    sent.
    """
    state = None if item.invoice_id is None else now.get(item.invoice_id)
    if state is None:
        return BulkResult(state=None, message=store(Text("bulk.gone")))
    if item.invoice_id in sent:
        return BulkResult(state=state, message="")
    went_out = state in (*_ON_ITS_WAY, *_TAKEN)
    return BulkResult(state=state, message=store(Text("bulk.went_out" if went_out else "bulk.changed")))


_HIDDEN = BulkResult(state=None, message=store(Text("bulk.not_there")))
