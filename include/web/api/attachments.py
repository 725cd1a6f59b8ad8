"""The files that go along with a document, for programs and for our page: add, leave out, bring back, give a type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, UploadFile

from include.application.mapping import attach_files
from include.application.mapping.attach_files import FileRefusedError, OfferedFile
from include.application.views.json_rows import Json
from include.domain.completeness.attachments import MAX_FILE
from include.domain.errors import InputError
from include.web.api.answers import JsonAnswer
from include.web.api.documents import PREFIX
from include.web.api.refusals import file_refused, unless_stale
from include.web.documents.detail import detail_of, editing_of, shown
from include.web.guards.body import FILES
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.remote_calls import asking_chorus

router = guarded(Right.DOCUMENTS, limit=FILES)
PLACE = PREFIX + "/{document_id}/attachments"


class Given(BaseModel):
    """The type of a file; null: decided when it is sent."""

    model_config = ConfigDict(extra="forbid")
    version: int
    type: str | None = None


class Returning(BaseModel):
    """Which file that was left out goes along again."""

    model_config = ConfigDict(extra="forbid")
    version: int
    portal_id: str


def _changing(request: Request, document_id: int, person: CurrentPerson, services: CurrentServices) -> Changed:
    """What carries out a change of this document's files, assesses it again, and answers with it as it is then."""

    async def changed(change: Callable[..., None], *how: Any, expected: int) -> Response:
        def work() -> Json:
            change(editing_of(services, person), document_id, *how, expected=expected)
            services.pipeline().map([document_id])
            return shown(request, services, person, document_id)

        def answer() -> Response:
            try:
                return unless_stale(request, services, person, document_id, work)
            except FileRefusedError as error:
                return file_refused(request, error)

        return await asking_chorus(answer)

    return changed


Changed = Callable[..., Awaitable[Response]]
Changing = Annotated[Changed, Depends(_changing)]


@router.post(PLACE)
async def add(request: Request, changed: Changing) -> Response:
    """Adds files (multipart: `attachments`, `types` in the same order, `version`); the document, assessed again."""
    async with request.form() as form:
        version = form.get("version")
        files = await _files(form)
    if not (isinstance(version, str) and version.isascii() and version.isdecimal() and len(version) < 10):
        raise InputError("version_missing")
    return await changed(attach_files.add_files, files, expected=int(version))


@router.delete(PLACE + "/{number}")
async def remove(number: int, version: Annotated[int, Query()], changed: Changing) -> Response:
    """The file with this number does not go along any more."""
    return await changed(attach_files.leave_out, number, expected=version)


@router.patch(PLACE + "/{number}")
async def give_type(number: int, given: Annotated[Given, Body()], changed: Changing) -> Response:
    """Gives the file with this number another type."""
    return await changed(attach_files.give_type, number, given.type, expected=given.version)


@router.post(PLACE + "/bring-back")
async def bring_back(returning: Annotated[Returning, Body()], changed: Changing) -> Response:
    """What was left out goes along again."""
    return await changed(attach_files.bring_back, returning.portal_id, expected=returning.version)


@router.get(PLACE + "/types")
async def types(document_id: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """The types that the platform lists for attachments of this document's provider; none while that is not known."""

    def work() -> list[Json]:
        key = detail_of(services, person, document_id).row.provider_key
        provider = None if key is None else person.configuration.provider_by_key(key)
        listed = [] if provider is None else services.chorus.gateway(provider).attachment_types()
        return [{"code": code, "label": label} for code, label in listed]

    return JsonAnswer({"items": await asking_chorus(work)})


async def _files(form: FormData) -> list[OfferedFile]:
    """Each with the type that stands in the same place; where none was chosen a browser sends one without a name."""
    types = [one for one in form.getlist("types") if isinstance(one, str)]
    files: list[OfferedFile] = []
    for upload in form.getlist("attachments"):
        if isinstance(upload, UploadFile) and upload.filename:
            kind = types[len(files)] if len(files) < len(types) else None
            # one byte more than any file may have tells enough of a larger one
            files.append(OfferedFile(name=upload.filename, content=await upload.read(MAX_FILE + 1), type=kind or None))
    return files
