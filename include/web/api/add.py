"""Adding a document to the portal, for programs."""

from __future__ import annotations

from fastapi import Request, Response

from include.application.intake.add_document import GivenDocument, file_name
from include.domain.errors import InputError
from include.web.api.answers import JsonAnswer
from include.web.documents.added_files import BODY, add, files_of, words_of
from include.web.guards.person import Right
from include.web.guards.routing import guarded

router = guarded(Right.INVOICES, limit=BODY)


@router.post("/api/v1/documents")
async def add_one(request: Request) -> Response:
    """Files one PDF with its attachments; 201 with what the portal calls it."""
    async with request.form() as form:
        words, fault = words_of(form, files=("file", "attachments"))
        files, attachments = await files_of(form, "file"), await files_of(form, "attachments")
    if len(files) != 1:
        raise InputError("one_file", count=len(files))
    given = GivenDocument(file=files[0], attachments=tuple(attachments), **words)
    added = await add(request, given, fault)
    names = [file_name(one.name) for one in attachments]
    return JsonAnswer({"portal_id": added.portal_id, "name": file_name(files[0].name), "attachments": names}, 201)
