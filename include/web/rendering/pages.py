"""One page as an answer: the template with the frame around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from include.application.ports.document_views import TABS, DocumentFilter
from include.application.ports.invoice_views import InvoiceFilter
from include.texts import Language
from include.web.guards.forgery import token
from include.web.guards.person import Person, Right
from include.web.guards.routing import host_of
from include.web.rendering.environment import environment
from include.web.rendering.language import language_of, other
from include.web.rendering.static_files import static_digest


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the pages stand. `root`: our prefix as the browser sees it; `airflow`: the web server's own root.

    `here`: this page with its query, below `root`.
    """

    root: str
    airflow: str
    static: str
    here: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands on every page of a person: the menu with its counts, and what forms need."""

    person: Person
    token: str
    to_complete: int
    returned: int
    unread: int
    tabs: tuple[str, ...]


def address_of(request: Request) -> Address:
    """Our own addresses; the web server may stand behind a prefix."""
    root = request.scope.get("root_path", "")
    query = f"?{request.url.query}" if request.url.query else ""
    return Address(
        root=root,
        airflow=root.removesuffix("/chorus"),
        static=f"{root}/static/{static_digest()}",
        here=request.url.path.removeprefix(root) + query,
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """The page for the person of this request, in that person's language."""
    person: Person = request.state.person
    language = language_of(request, person)
    return _html(request, template, language, status, frame=_frame(request, person), **values)


def bare_page(request: Request, template: str, *, status: int, **values: Any) -> Response:
    """A page without menu, for whoever is not known or an error that leaves nothing certain."""
    return _html(request, template, language_of(request), status, frame=None, **values)


def _html(request: Request, template: str, language: Language, status: int, **values: Any) -> Response:
    made = environment(language).get_template(template)
    now = host_of(request).services.clock.now()
    text = made.render(address=address_of(request), language=language, other=other(language), now=now, **values)
    return HTMLResponse(text, status_code=status)


def _frame(request: Request, person: Person) -> Frame:
    host = host_of(request)
    stored = host.services.store
    sees_documents, sees_invoices = person.has(Right.DOCUMENTS), person.has(Right.INVOICES)
    todo = DocumentFilter(states=TABS["todo"])  # without states, everything that was ever sent would be counted
    documents = stored.document_views.totals(person.viewer, todo).counts["todo"] if sees_documents else 0
    returned = stored.invoice_views.totals(person.viewer, InvoiceFilter(returned=True)).total if sees_invoices else 0
    tabs = {
        "dashboard": sees_documents,
        "documents": sees_documents,
        "returned": sees_invoices,
        "invoices": sees_invoices,
        "settings": person.has(Right.SETTINGS),
    }
    return Frame(
        person=person,
        token=token(host, person.signed_in),
        to_complete=documents,
        returned=returned,
        unread=stored.notification_views.unread(person.name),
        tabs=tuple(name for name, there in tabs.items() if there),
    )
