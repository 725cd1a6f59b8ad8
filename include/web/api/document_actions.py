"""What a person does to one document, for programs: hold, release, discard, restore, read again, submit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from include.application.mapping import edit_document as actions
from include.application.resend.send_again import SendAgainReport
from include.application.views.json_rows import Json
from include.domain.errors import MoveForbiddenError, SendingOffError, StaleError
from include.domain.lifecycle import EDITABLE, FROZEN, ON_THE_PLATFORM, State
from include.web.api.answers import JsonAnswer
from include.web.api.documents import PREFIX
from include.web.api.refusals import incomplete, unless_stale
from include.web.documents.detail import detail_of, editing_of, shown
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import asking_chorus, patiently

router = guarded(Right.DOCUMENTS)

ASK_AGAIN_SECONDS = 5


class Action(StrEnum):
    """What a person does to one document, besides typing values and sending it."""

    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    RESTORE = "restore"
    REREAD = "reread"


class Asked(BaseModel):
    """The body of an action: the version that the person saw, and why; `reason` is mandatory for hold and discard."""

    model_config = ConfigDict(extra="forbid")
    version: int
    reason: str | None = None


@router.post(PREFIX + "/{document_id}/submit")
async def submit(
    request: Request,
    document_id: int,
    asked: Annotated[Asked, Body()],
    person: CurrentPerson,
    services: CurrentServices,
) -> Response:
    """Sends it, whatever automatic submission says; what was sent already is only shown.

    Where the outcome takes longer than half a minute, the state so far with `retry_after_seconds`.
    """

    def work() -> Response:
        row = detail_of(services, person, document_id).row
        if row.state in ON_THE_PLATFORM | FROZEN:
            return _sent(shown(request, services, person, document_id))
        report: list[SendAgainReport] = []

        def send() -> Json:
            if row.version != asked.version:
                raise StaleError("invoice_changed_meanwhile", invoice_id=row.invoice_id)
            if row.state not in EDITABLE:
                raise MoveForbiddenError("values_frozen", invoice_id=row.invoice_id, state=row.state)
            sender = services.send_again(viewer=person.viewer, actor=person.name)
            report.append(sender.documents([document_id], expected={document_id: asked.version}))
            return shown(request, services, person, document_id)

        refused = unless_stale(request, services, person, document_id, send)
        return _outcome(request, services, person, document_id, report[0]) if report else refused

    answer = await patiently(work)
    if answer is not None:
        return answer
    return await run_in_threadpool(lambda: _sent(shown(request, services, person, document_id), waiting=True))


def _outcome(
    request: Request, services: Services, person: Person, document_id: int, report: SendAgainReport
) -> Response:
    """What became of a sending; the error of the surroundings where nothing went out because of them."""
    after = detail_of(services, person, document_id).row
    if after.state in ON_THE_PLATFORM | FROZEN:
        return _sent(shown(request, services, person, document_id))
    if report.failures:
        raise report.failures[0]
    if after.state is State.READY and report.notes:
        raise SendingOffError
    return incomplete(request, after.reasons, after.version)


def _sent(document: Json, *, waiting: bool = False) -> Response:
    """The document; with when to ask again while nobody knows what became of it."""
    if not waiting and document["state"] not in FROZEN:
        return JsonAnswer(document)
    again = {**document, "retry_after_seconds": ASK_AGAIN_SECONDS}
    return JsonAnswer(again, headers={"Retry-After": str(ASK_AGAIN_SECONDS)})


@router.post(PREFIX + "/{document_id}/{action}")
async def act(
    request: Request,
    document_id: int,
    action: Action,
    asked: Annotated[Asked, Body()],
    person: CurrentPerson,
    services: CurrentServices,
) -> Response:
    """Holds, releases, discards, restores, has read again; the document as it is then.

    What was brought back is assessed at once, what is to be read again by the next pass.
    """

    def work() -> Json:
        editing, reason = editing_of(services, person), asked.reason
        if action is Action.HOLD:
            actions.hold(editing, document_id, reason=reason or "", expected=asked.version)
        elif action is Action.DISCARD:
            actions.discard(editing, document_id, reason=reason or "", expected=asked.version)
        elif action is Action.REREAD:
            actions.reread(editing, document_id, reason=reason, expected=asked.version)
        elif action is Action.RELEASE:
            actions.release(editing, document_id, reason=reason, expected=asked.version)
        elif action is Action.RESTORE:
            actions.restore(editing, document_id, reason=reason, expected=asked.version)
        if action in (Action.RELEASE, Action.RESTORE):
            services.pipeline().bring_up([document_id])
        return shown(request, services, person, document_id)

    return await asking_chorus(lambda: unless_stale(request, services, person, document_id, work))
