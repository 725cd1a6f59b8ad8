"""The configuration for programs: the file, what another one would change, applying it, and the history."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.configuration_docs import documented_keys
from include.application.administration.configure import export
from include.application.administration.setting_names import key_words
from include.application.ports.configuration import ConfigurationChange, Revision
from include.application.ports.history_views import HistoryFilter
from include.domain.errors import ConfigurationFileError
from include.texts import said
from include.web.api.answers import JsonAnswer, login_row, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.problems import Problem, error_of, worded
from include.web.rendering.query import PLACES, Query
from include.web.settings.file import BODY, NAME, content_of, editing_of, faults_of, log_in

router = guarded(Right.SETTINGS, limit=BODY)
PREFIX = "/api/v1/config"


class File(BaseModel):
    """A configuration file."""

    model_config = ConfigDict(extra="forbid")
    yaml: str


class SeenFile(File):
    """The same, with the revision that it was compared with."""

    revision: int


@router.get(PREFIX)
def configuration(person: CurrentPerson) -> Response:
    """The file, as `chorus config export` prints it, and its revision."""
    return JsonAnswer({"yaml": export(person.configuration), "revision": person.revision})


@router.get(PREFIX + "/keys")
def keys(request: Request) -> Response:
    """Every key of the file: what it means, what it may hold, the page of the settings on which it is edited."""
    language = reader_of(request)
    rows = [
        {
            **dataclasses.asdict(one),
            "name": key_words(one.path, language),
            "meaning": one.meaning_in(language),
            "allowed": said(one.allowed, language),
        }
        for one in documented_keys()
    ]
    return JsonAnswer({"items": rows})


@router.post(PREFIX + "/plan")
def plan(
    request: Request, given: Annotated[File, Body()], person: CurrentPerson, services: CurrentServices
) -> Response:
    """What the file would change; nothing is stored."""
    try:
        planned = editing_of(services, person).plan_file(content_of(given.yaml), NAME)
    except ConfigurationFileError as error:
        return _faulty(request, error)
    return JsonAnswer(
        {
            "revision": planned.revision,
            "changes": [_change(one) for one in planned.changes],
            "invoices": planned.touches,
            "stops": planned.stops,
            "diff": planned.said(reader_of(request)),
        }
    )


@router.post(PREFIX + "/apply")
def apply(
    request: Request, given: Annotated[SeenFile, Body()], person: CurrentPerson, services: CurrentServices
) -> Response:
    """Stores the file, and tries the login of each provider; 409 where the configuration is another one by now."""
    try:
        editing = editing_of(services, person)
        applied = editing.apply_file(content_of(given.yaml), NAME, expected=given.revision)
    except ConfigurationFileError as error:
        return _faulty(request, error)
    language = reader_of(request)
    logins = [login_row(one, language) for one in log_in(services, applied.configuration.providers)]
    return JsonAnswer({"revision": applied.revision, "logins": logins})


@router.get(PREFIX + "/history")
def history(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of revisions, the newest first; each change is an item."""
    asked = Query(request, keys=("actor", "section", "sort", "limit", *PLACES), sort="-revision")
    wanted = HistoryFilter(actor=asked.one("actor"), section=asked.one("section"))
    found = services.store.history_views.page(person.viewer, asked.page(), wanted)
    items = [item for revision in found.items for item in _items(revision)]
    return JsonAnswer({"items": items, "after": found.after, "before": found.before})


@router.get(PREFIX + "/history/{number}")
def revision(number: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """One revision with the file as it stood then: planned and applied, it takes the configuration back to it."""
    found = services.store.history_views.one(person.viewer, number)
    changes = [_change(change) for change in found.revision.changes]
    return JsonAnswer({**_told(found.revision), "changes": changes, "yaml": export(found.configuration)})


def _items(revision: Revision) -> Iterator[dict[str, Any]]:
    yield from ({**_told(revision), **_change(change)} for change in revision.changes)


def _told(revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "at": revision.at,
        "actor": revision.actor,
        "source": revision.source,
        "invoices": revision.touched,
    }


def _change(change: ConfigurationChange) -> dict[str, Any]:
    return {
        "section": change.section,
        "action": change.action,
        "item": change.item,
        "field": change.field,
        "before": change.before,
        "after": change.after,
    }


def _faulty(request: Request, error: ConfigurationFileError) -> Response:
    language = reader_of(request)
    found = worded(request, "faulty_file", count=len(error.listed))
    problem = Problem(code=error.code, message=found.message, todo=found.todo)
    return JsonAnswer({"error": error_of(problem), "faults": faults_of(error, language)}, 422)
