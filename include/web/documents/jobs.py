"""A job: what somebody asked to be done with many documents, and what became of each, for its page and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import BackgroundTasks, Request
from pydantic import Field

from include.application.ports.bulk_requests import SUBMIT, BulkItem, BulkRequest
from include.application.ports.document_views import DocumentFilter, DocumentRow
from include.application.resend.batches import batches
from include.application.resend.bulk_actions import BulkActions
from include.domain.lifecycle import ON_THE_PLATFORM, RED, State
from include.texts import Language, Spoken, Text, label, said, said_stored
from include.web.guards.person import Person
from include.web.guards.routing import host_of

DocumentId = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""What a database takes for an id."""

AT_ONCE_SECONDS = 1.5
"""How long an answer waits for what can be done at once."""


def bulk_actions(request: Request) -> BulkActions:
    """What the person of this request does to many documents at once."""
    host, person = host_of(request), _person(request)
    return host.services.bulk_actions(viewer=person.viewer, actor=person.name, flow=host.flow)


def _person(request: Request) -> Person:
    person: Person = request.state.person
    return person


def go_on_after(tasks: BackgroundTasks, bulk: BulkActions, job: BulkRequest) -> None:
    """Has the rest of a job done after the answer; a process that ends before leaves it to the next look at the job."""
    if job.action != SUBMIT and job.done < len(job.items):
        tasks.add_task(bulk.go_on, job.id)


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """One document of a job. `row`: as it is now, None where the person does not see it; `state`: after the work.

    `done`: there is a result; `well`: nobody has to look at it.
    """

    id: int
    row: DocumentRow | None
    done: bool
    state: str | None
    message: str
    well: bool


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it is shown: what somebody has to look at first, then what is done, then what waits.

    `message` says why nothing moves, in the reader's language; `more`: lines that are not shown.
    """

    request: BulkRequest
    lines: tuple[JobLine, ...]
    message: str | None
    more: int = 0

    @property
    def ended(self) -> bool:
        """Whether every document has its result."""
        return self.request.done == len(self.request.items)

    @property
    def unwell(self) -> int:
        """How many somebody has to look at."""
        return sum(not _well(self.request, item) for item in self.request.items)


def shown(request: Request, job: BulkRequest, language: Language, *, most: int | None = None) -> Job:
    """A job with the documents as they are now, no more of them than `most`."""
    items = sorted(job.items, key=lambda item: _rank(job, item))[:most]
    rows = _rows(request, items)
    lines = tuple(_line(job, item, rows, language) for item in items)
    hindrance = _hindrance(request, job, language)
    return Job(request=job, lines=lines, message=hindrance, more=len(job.items) - len(items))


def as_json(request: Request, job: BulkRequest, language: Language) -> dict[str, object]:
    """The job as programs get it; documents are looked at only where their reasons say what became of them."""
    done = [item for item in job.items if item.result is not None]
    rows = _rows(request, [item for item in done if _unsent(job, item)])
    lines = [_line(job, item, rows, language) for item in done]
    return {
        "id": job.id,
        "action": job.action,
        "created_at": job.created_at,
        "done": job.done,
        "total": len(job.items),
        "message": _hindrance(request, job, language),
        "results": [{"id": one.id, "state": one.state, "message": one.message} for one in lines],
    }


def _rows(request: Request, items: Sequence[BulkItem]) -> dict[int, DocumentRow]:
    views, person = host_of(request).services.store.document_views, _person(request)
    rows: dict[int, DocumentRow] = {}
    for some in batches([item.document_id for item in items], 500):
        rows |= {row.id: row for row in views.rows(person.viewer, DocumentFilter(ids=tuple(some)))}
    return rows


def _unsent(job: BulkRequest, item: BulkItem) -> bool:
    """Whether a sending is over for it, and it is not on the platform."""
    return job.action == SUBMIT and item.result is not None and item.result.state not in ON_THE_PLATFORM


def _well(job: BulkRequest, item: BulkItem) -> bool:
    return not (_unsent(job, item) or (item.result is not None and item.result.message))


def _rank(job: BulkRequest, item: BulkItem) -> int:
    if not _well(job, item):
        return 0
    return 2 if item.result is None else 1


def _line(job: BulkRequest, item: BulkItem, rows: Mapping[int, DocumentRow], language: Language) -> JobLine:
    result, row = item.result, rows.get(item.document_id)
    if result is None:
        return JobLine(id=item.document_id, row=row, done=False, state=None, message="", well=True)
    message = said_stored(result.message, language) if result.message else ""
    if _unsent(job, item) and not message:
        message = said(_why_unsent(result.state, row, language), language)
    return JobLine(id=item.document_id, row=row, done=True, state=result.state, message=message, well=_well(job, item))


def _why_unsent(state: str | None, row: DocumentRow | None, language: Language) -> Spoken:
    """What the sending itself left: refused or incomplete with its reason, unknown, or still ready."""
    if state in RED and row is not None and row.reasons:
        return Text("bulk.not_ready", {"reason": row.reasons[0].message_stored(language)})
    return Text("bulk.looked_for" if state in (State.SUBMITTING, State.UNKNOWN) else "bulk.left_ready")


def _hindrance(request: Request, job: BulkRequest, language: Language) -> str | None:
    """Why a sending is not begun; nothing once all is told, and for what is done here."""
    if job.action != SUBMIT or job.done == len(job.items):
        return None
    host = host_of(request)
    if not host.services.settings.sending:
        return said(Text("job.sending_off"), language)
    found = host.flow.hindrance()
    return None if found is None else label("job.hindered", found, language)
