"""Returned invoices: the list, and beside it the form with the action that answers the one chosen."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from include.application.ports.document_views import DocumentFilter, DocumentRow
from include.application.ports.invoice_views import RETURNED_TABS, InvoiceDetail, InvoiceRow
from include.application.ports.paging import Page, PageRequest
from include.application.tracking.correction_case import CorrectionReport
from include.application.views.filters import returned_filter
from include.domain.correction import ANSWERS, MAX_COMMENT, acknowledge_by, calendar_days_left
from include.domain.errors import InputError, NotThereError
from include.domain.lifecycle import State
from include.web.guards.body import FILES
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.invoices.corrections import CorrectionAction, Wanted, correct, files_of
from include.web.rendering.pages import address_of, page
from include.web.rendering.query import PLACES, Query

router = guarded(Right.INVOICES, limit=FILES)
KEYS = ("tab", "sort", *PLACES)

SUCCESSORS = 20
"""Documents that are offered as the one that replaces a rejected invoice: the newest for the same body."""


def _asked(request: Request) -> Query:
    return Query(request, keys=KEYS, sort="deadline")


@router.get("/returned")
def returned(request: Request, person: CurrentPerson, services: CurrentServices, done: str | None = None) -> Response:
    """The list; the form beside it is that of the first one."""
    asked = _asked(request)
    found = _listed(services, person, asked)
    chosen = found.items[0] if found.items else None
    return _shown(request, asked, found, chosen, services, person, done=done)


@router.get("/returned/{invoice_id}")
def one(
    request: Request, invoice_id: int, person: CurrentPerson, services: CurrentServices, done: str | None = None
) -> Response:
    """One of them; what is no longer returned is shown in the tracking."""
    asked = _asked(request)
    row = _row(services, person, invoice_id)
    if row.state is not State.TO_PROCESS:
        return RedirectResponse(f"{address_of(request).root}/invoices/{invoice_id}", 303)
    return _shown(request, asked, _listed(services, person, asked), row, services, person, done=done)


@router.post("/returned/{invoice_id}/{action}")
async def answer(
    request: Request,
    invoice_id: int,
    action: CorrectionAction,
    person: CurrentPerson,
    services: CurrentServices,
    recipient_siret: Annotated[str | None, Form()] = None,
    service_code: Annotated[str | None, Form()] = None,
    engagement_number: Annotated[str | None, Form()] = None,
    comment: Annotated[str | None, Form()] = None,
    successor_document: Annotated[str | None, Form()] = None,
    dry_run: Annotated[str | None, Form()] = None,
    attachments: Annotated[list[UploadFile] | None, Form()] = None,
    attachment_types: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Recycles, completes, or says that a rejection was handled, and goes on to the next one of the list.

    What cannot be done comes back with the reasons.
    """
    asked = _asked(request)
    wanted = Wanted(
        recipient_siret=recipient_siret or None,
        service_code=service_code or None,
        engagement_number=engagement_number or None,
        comment=comment or None,
        files=await files_of(attachments or (), attachment_types or ()),
        successor_document=_document_id(successor_document),
        dry_run=bool(dry_run),
    )
    # which one follows is asked before: afterwards this one has left the list
    follows = await run_in_threadpool(_next, services, person, asked, invoice_id)
    report = await correct(services, person, str(invoice_id), action, wanted)
    if not wanted.dry_run and not report.reasons:
        kept = [(key, value) for key in ("tab", "sort") for value in asked.all(key)]
        place = "/returned" if follows is None else f"/returned/{follows}"
        query = urlencode([*kept, ("done", str(invoice_id))])
        return RedirectResponse(f"{address_of(request).root}{place}?{query}", 303)

    def shown() -> Response:
        row, found = _row(services, person, invoice_id), _listed(services, person, asked)
        status = 200 if report.complete else 422
        return _shown(request, asked, found, row, services, person, report=report, typed=wanted, status=status)

    return await run_in_threadpool(shown)


def _document_id(text: str | None) -> int | None:
    """InputError for what is no number of a document."""
    typed = (text or "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise InputError("no_document_number", text=typed)
    return int(typed)


def _listed(services: Services, person: Person, asked: Query) -> Page[InvoiceRow]:
    wanted = returned_filter(asked.one("tab"))
    return services.store.invoice_views.page(person.viewer, wanted, asked.page())


def _next(services: Services, person: Person, asked: Query, invoice_id: int) -> int | None:
    """The one below it in the list, at the end the first one; None where it is the last of all."""
    ids = [row.id for row in _listed(services, person, asked).items]
    place = ids.index(invoice_id) + 1 if invoice_id in ids else 0
    others = [one for one in (*ids[place:], *ids[:place]) if one != invoice_id]
    return others[0] if others else None


def _row(services: Services, person: Person, invoice_id: int) -> InvoiceRow:
    detail = services.store.invoice_views.detail(person.viewer, str(invoice_id))
    if detail is None:
        raise NotThereError("no_such_invoice", reference=str(invoice_id))
    return detail.row


def _successors(services: Services, person: Person, chosen: InvoiceDetail | None) -> tuple[DocumentRow, ...]:
    """What may replace a rejected invoice."""
    if chosen is None or chosen.row.status != "REJETEE" or chosen.row.recipient_siret is None:
        return ()
    wanted = DocumentFilter(recipient=chosen.row.recipient_siret)
    request = PageRequest(sort="-arrived", limit=SUCCESSORS)
    found = services.store.document_views.page(person.viewer, wanted, request).items
    return tuple(one for one in found if one.id != chosen.row.document_id)


def _shown(
    request: Request,
    asked: Query,
    found: Page[InvoiceRow],
    chosen: InvoiceRow | None,
    services: Services,
    person: Person,
    *,
    report: CorrectionReport | None = None,
    typed: Wanted | None = None,
    done: str | None = None,
    status: int = 200,
) -> Response:
    actions = {code: CorrectionAction(kind.value.replace("_", "-")) for kind, code in ANSWERS.items()}
    views, now = services.store.invoice_views, services.clock.now()
    every = views.totals(person.viewer, returned_filter())
    detail = None if chosen is None else views.detail(person.viewer, str(chosen.id))
    mine = [one for one in person.configuration.providers if one.key in person.viewer.provider_keys]
    values: dict[str, Any] = {
        "tab": asked.one("tab"),
        "tabs": {name: every.counts.get(code, 0) for name, code in RETURNED_TABS.items()},
        "total": every.total,
        "deadlines": {row.id: acknowledge_by(row.status, row.status_at) for row in found.items},
        "left": {row.id: calendar_days_left(row.status, row.status_at, now) for row in found.items},
        "retrieved": {
            one.name: services.store.tracking.record(one.key).last_good_at for one in mine if one.loading == "local"
        },
    }
    return page(
        request,
        "returned.html",
        status=status,
        asked=asked,
        found=found,
        chosen=detail,
        action=None if chosen is None else actions.get(chosen.status or ""),
        successors=_successors(services, person, detail),
        report=report,
        typed=typed,
        longest_comment=MAX_COMMENT,
        done=views.detail(person.viewer, done) if done else None,
        **values,
    )
