"""What a person does to many documents at once: frozen when it is asked, done once, with a result for each.

Sending is handed over to the flow that sends (`chorus_resubmission`), which claims each invoice as every sending does;
the rest is done here, a batch at a time, by whoever has the lease of the request. Nothing is kept in memory: what one
process begins, another one goes on with.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from include.application.mapping import edit_document as actions
from include.application.mapping.edit_document import DocumentEditing
from include.application.ports.bulk_requests import SUBMIT, BulkItem, BulkRequest, BulkRequests, BulkResult
from include.application.ports.clock import Clock
from include.application.ports.document_views import DocumentFilter, DocumentRow, DocumentViews
from include.application.ports.resubmission import Candidates
from include.application.ports.sending_flow import SendingFlow
from include.application.resend.batches import batches
from include.domain.errors import FlowUnavailableError, InputError, MoveForbiddenError, NotThereError, StaleError
from include.domain.internal_errors import concerns_one_item, reference_of
from include.domain.lifecycle import ON_THE_PLATFORM, RED, State
from include.domain.rights import Viewer
from include.texts import Text, store

logger = logging.getLogger(__name__)

MOST_DOCUMENTS = 10_000
"""Of one request."""

KEPT = dt.timedelta(hours=24)
"""How long the person who asked finds the request, and how long it can be carried out."""

AT_ONCE = 10
"""Documents between two looks at the clock and at the lease: what a process that dies leaves without a result."""

LEASE = dt.timedelta(seconds=60)
"""Longer than a batch takes by far; after it another process goes on with what a dead one left."""

_TELLING = ON_THE_PLATFORM | RED | {State.UNKNOWN}
"""States that say by themselves, with the reasons beside them, why nothing is sent."""


class BulkAction(StrEnum):
    """What can be done to many documents at once."""

    SUBMIT = SUBMIT
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    RESTORE = "restore"
    REREAD = "reread"


_DOES: Mapping[BulkAction, Callable[..., object]] = {
    BulkAction.HOLD: actions.hold,
    BulkAction.RELEASE: actions.release,
    BulkAction.DISCARD: actions.discard,
    BulkAction.RESTORE: actions.restore,
    BulkAction.REREAD: actions.reread,
}
NEED_REASON = (BulkAction.HOLD, BulkAction.DISCARD)
_BRINGS_BACK = (BulkAction.RELEASE, BulkAction.RESTORE)
_WANTED: Mapping[BulkAction, State] = {BulkAction.HOLD: State.HELD, BulkAction.DISCARD: State.DISCARDED}
"""Where a document is afterwards."""


@dataclass(frozen=True, kw_only=True)
class BulkActions:
    """The use case, for one person: `actor` is who asks and `viewer` what that person sees.

    `worker` is this worker's name among all of them, for leases; `bring_up` assesses at once what was brought back.
    `flow` is what sends; None: nothing is handed over from here.
    """

    requests: BulkRequests
    documents_seen: DocumentViews
    candidates: Candidates
    editing: Callable[[], DocumentEditing]
    bring_up: Callable[[Sequence[int]], object]
    flow: SendingFlow | None
    clock: Clock
    actor: str
    viewer: Viewer
    worker: str

    def ask(
        self,
        action: BulkAction,
        *,
        ids: Sequence[int] | None = None,
        wanted: DocumentFilter | None = None,
        reason: str | None = None,
    ) -> BulkRequest:
        """Stores what is asked for these documents, or for those of a filter as it is now; sending is handed over.

        InputError, and nothing is stored, for no documents or too many, or a hold or discard without reason;
        FlowUnavailableError, and nothing will be sent, where the flow does not take it.
        """
        why = (reason or "").strip() or None
        if action in NEED_REASON and why is None:
            raise InputError("reason_missing")
        items = self._frozen(action, self._chosen(ids, wanted))
        now = self.clock.now()
        params = {} if why is None else {"reason": why}
        keep_until = now + KEPT
        request_id = self.requests.create(
            action, items, actor=self.actor, now=now, keep_until=keep_until, params=params
        )
        logger.info("Request %d: %s of %d documents by %s", request_id, action, len(items), self.actor)
        if action is BulkAction.SUBMIT and any(item.result is None for item in items):
            self._hand_over(request_id)
        return self.request(request_id)

    def request(self, request_id: int) -> BulkRequest:
        """A request of this person; NotThereError for any other, and when its time is over."""
        found = self.requests.get(request_id, now=self.clock.now()) if request_id < 2**63 else None
        if found is None or found.actor != self.actor or found.action not in set(BulkAction):
            raise NotThereError("no_such_request", request=request_id)
        return found

    def go_on(self, request_id: int, *, seconds: float | None = None) -> None:
        """Does what is left of a request that is no sending, for so long; nothing, where another worker is at it."""
        request = self.request(request_id)
        if request.action == SUBMIT or request.done == len(request.items) or not self._lease(request_id, LEASE):
            return
        ends = None if seconds is None else self.clock.monotonic() + seconds
        editing = self.editing()
        # read again: another worker may have ended between the look and the lease
        left = [item for item in self.request(request_id).items if item.result is None]
        for batch in batches(left, AT_ONCE):
            if not self._lease(request_id, LEASE):
                return
            self.requests.record(request_id, self._done(editing, request, batch), now=self.clock.now())
            if ends is not None and self.clock.monotonic() >= ends:
                break
        self._lease(request_id, dt.timedelta())

    def stop(self, request_id: int) -> None:
        """Takes back what was not begun of a sending; what is being sent meanwhile has its own result."""
        request = self.request(request_id)
        if request.action == SUBMIT:
            self._close(request, "bulk.stopped")

    # -- asking ----------------------------------------------------------------------------------------------------

    def _chosen(self, ids: Sequence[int] | None, wanted: DocumentFilter | None) -> list[int]:
        if (ids is None) == (wanted is None) or (ids is not None and not ids):
            raise InputError("nothing_chosen")
        if ids is not None:
            found = sorted(set(ids))
        else:
            wanted = wanted or DocumentFilter()
            found = list(self.documents_seen.ids(self.viewer, wanted, limit=MOST_DOCUMENTS + 1))
        if len(found) > MOST_DOCUMENTS:
            raise InputError("too_many_documents", most=MOST_DOCUMENTS)
        return found

    def _frozen(self, action: BulkAction, ids: Sequence[int]) -> list[BulkItem]:
        rows = self._rows(ids)
        if action is not BulkAction.SUBMIT:
            return [_item(one, rows.get(one)) for one in ids]
        ready = [row.invoice_id for row in rows.values() if row.state is State.READY]
        sendable = {
            one.document_id: one.frozen()
            for one in self.candidates.candidates(states=(State.READY,), invoice_ids=ready)
        }
        return [sendable.get(one) or _not_sent(_item(one, rows.get(one)), rows.get(one)) for one in ids]

    def _hand_over(self, request_id: int) -> None:
        try:
            if self.flow is None:
                raise FlowUnavailableError("flow_not_begun", flow=SUBMIT)
            self.flow.begin(request_id, actor=self.actor)
        except FlowUnavailableError:
            self._close(self.request(request_id), "bulk.not_begun")
            raise

    def _close(self, request: BulkRequest, message: str) -> None:
        said = store(Text(message))
        left = {item.document_id: item.state for item in request.items if item.result is None}
        results = {one: BulkResult(state=state, message=said) for one, state in left.items()}
        self.requests.record(request.id, results, now=self.clock.now())

    # -- doing -----------------------------------------------------------------------------------------------------

    def _lease(self, request_id: int, time: dt.timedelta) -> bool:
        now = self.clock.now()
        return self.requests.lease(request_id, self.worker, now=now, until=now + time)

    def _done(self, editing: DocumentEditing, request: BulkRequest, batch: Sequence[BulkItem]) -> dict[int, BulkResult]:
        action, reason = BulkAction(request.action), request.params.get("reason")
        said = {item.document_id: _message(editing, action, item, reason) for item in batch}
        back = [one for one, text in said.items() if not text]
        if back and action in _BRINGS_BACK:
            self.bring_up(back)
        rows = self._rows(list(said))
        return {one: _result(action, rows.get(one), text) for one, text in said.items()}

    def _rows(self, ids: Sequence[int]) -> dict[int, DocumentRow]:
        found: dict[int, DocumentRow] = {}
        for some in batches(ids, 500):  # SQLite bounds the number of parameters
            found |= {row.id: row for row in self.documents_seen.rows(self.viewer, DocumentFilter(ids=tuple(some)))}
        return found


def _item(document_id: int, row: DocumentRow | None) -> BulkItem:
    """The document as it is now; one that the person does not see has its result already."""
    if row is None:
        return BulkItem(document_id=document_id, result=_NOT_THERE)
    return BulkItem(document_id=document_id, invoice_id=row.invoice_id, version=row.version, state=row.state)


def _not_sent(item: BulkItem, row: DocumentRow | None) -> BulkItem:
    """The result of a document that is not ready: what was sent is only told, nothing is sent again."""
    if row is None:
        return item
    said = "" if row.state in _TELLING else store(Text("bulk.not_in_this_state", {"state": row.state}))
    return replace(item, result=BulkResult(state=row.state, message=said))


def _message(editing: DocumentEditing, action: BulkAction, item: BulkItem, reason: str | None) -> str:
    """Does it to one document; why it could not be done, else nothing."""
    number = item.document_id
    try:
        _DOES[action](editing, number, reason=reason, expected=item.version)
    except NotThereError:
        return store(Text("bulk.not_there"))
    except MoveForbiddenError:
        return store(Text("bulk.not_in_this_state", {"state": item.state}))
    except StaleError:
        return store(Text("bulk.changed_meanwhile"))
    except Exception as error:  # nobody foresaw it: that of one item costs that item, any other ends the run
        if not concerns_one_item(error):
            raise
        reference = reference_of("bulk", error)
        logger.exception("%s: %s of document %d", reference, action, number)
        return store(Text("bulk.failed", {"reference": reference}))
    return ""


def _result(action: BulkAction, row: DocumentRow | None, message: str) -> BulkResult:
    """What is said of a document that is where it should be is not worth saying: somebody else was faster."""
    if row is None:
        return _NOT_THERE
    return BulkResult(state=row.state, message="" if row.state is _WANTED.get(action) else message)


_NOT_THERE = BulkResult(state=None, message=store(Text("bulk.not_there")))
