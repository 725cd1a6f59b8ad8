"""A document that somebody hands over, out of a multipart form, for the page and for programs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from include.application.intake.add_document import GivenDocument, GivenFile
from include.application.ports.portal import AddedDocument
from include.domain.completeness.attachments import MAX_ALL
from include.domain.errors import InputError
from include.web.guards.body import AROUND_FILES, BodyLimit
from include.web.guards.forgery import FIELD
from include.web.guards.person import Person
from include.web.guards.routing import host_of
from include.web.remote_calls import asking_chorus

METADATA = "metadata."
"""Before the name of a metadata that has a control of its own."""


def most_bytes(person: Person) -> int:
    """Of one request: what the platform takes with one invoice, or one file, whichever is more."""
    return max(MAX_ALL, int(person.configuration.reading.max_megabytes * 1_000_000)) + AROUND_FILES


BODY = BodyLimit(most_bytes)


async def files_of(form: FormData, name: str) -> list[GivenFile]:
    """The files of one control; a control without a choice sends one without name and bytes."""
    given = [one for one in form.getlist(name) if isinstance(one, UploadFile)]
    read = [GivenFile(name=one.filename or "", content=await one.read()) for one in given]
    return [one for one in read if one.name or one.content]


def words_of(form: FormData, files: Collection[str]) -> tuple[dict[str, Any], InputError | None]:
    """Folder, rule and metadata of a form; what is wrong with them, which is said after what is wrong with files."""
    known = {"folder", "classification_rule", "metadata", FIELD, *files}
    unknown = [key for key in form if key not in known and not key.startswith(METADATA)]
    named = {key.removeprefix(METADATA): _texts(form, key) for key in form if key.startswith(METADATA)}
    words: dict[str, Any] = {
        "folder": _text(form, "folder") or "/",
        "classification_rule": _text(form, "classification_rule"),
        "metadata": {name: values for name, values in named.items() if values},
    }
    if unknown:
        return words, InputError("no_such_field_of_form", field=unknown[0], allowed=", ".join(sorted(known - {FIELD})))
    try:
        words["metadata"] |= _metadata(_text(form, "metadata"))
    except ValueError:
        return words, InputError("metadata_no_object")
    return words, None


async def add(request: Request, given: GivenDocument, refuse: InputError | None = None) -> AddedDocument:
    """Files it for the person of this request; see `AddDocument`."""
    person: Person = request.state.person
    adding = host_of(request).services.add_document
    return await asking_chorus(lambda: adding(viewer=person.viewer, actor=person.name)(given, refuse=refuse))


def _text(form: FormData, key: str) -> str | None:
    return next(iter(_texts(form, key)), None)


def _texts(form: FormData, key: str) -> tuple[str, ...]:
    return tuple(one for one in form.getlist(key) if isinstance(one, str) and one.strip())


def _metadata(text: str | None) -> Mapping[str, tuple[str, ...]]:
    """`{"montant": "1 800,00", "commercial": ["Durand", "Petit"]}`, numbers as printed; ValueError for the rest."""
    if text is None:
        return {}
    try:
        told = json.loads(text, parse_float=str, parse_int=str)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, dict):
        raise ValueError("no object")
    return {name: _values(value) for name, value in told.items()}


def _values(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str) for item in items):
        raise ValueError("no text")
    return tuple(items)
