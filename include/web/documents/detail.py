"""One document for the page and for programs: what this person sees of it, and edits of theirs."""

from __future__ import annotations

from fastapi import Request

from include.application.mapping.edit_document import DocumentEditing
from include.application.ports.document_views import DocumentDetail
from include.application.views import json_rows
from include.domain.errors import NotThereError
from include.web.guards.person import Person
from include.web.host import Services
from include.web.rendering.language import language_of


def detail_of(services: Services, person: Person, document_id: int) -> DocumentDetail:
    """The document; NotThereError for one that there is not, or that this person does not see."""
    detail = services.store.document_views.detail(person.viewer, document_id)
    if detail is None:
        raise NotThereError("no_such_document", documents=document_id)
    return detail


def editing_of(services: Services, person: Person) -> DocumentEditing:
    """What this person does to documents."""
    return services.document_editing(actor=person.name, viewer=person.viewer)


def shown(request: Request, services: Services, person: Person, document_id: int) -> json_rows.Json:
    """The document as programs get it."""
    return json_rows.document_detail(
        detail_of(services, person, document_id), person.configuration, language_of(request, person)
    )
