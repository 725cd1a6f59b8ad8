"""The submission screen: one document, its page beside the form, and what a person does about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from include.application.mapping import edit_document as actions
from include.application.mapping.edit_document import Conflict, FaultyValuesError
from include.application.ports.document_views import DocumentDetail
from include.application.ports.paging import MOST_ROWS, PageRequest
from include.domain.completeness.recipient import offered_services
from include.domain.configuration import Provider
from include.domain.directory import DirectoryEntry
from include.domain.errors import ConnectorError, InputError, NotThereError, StaleError
from include.domain.lifecycle import EDITABLE, FROZEN, ON_THE_PLATFORM
from include.domain.links import rule_id
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.web.documents.detail import detail_of, editing_of
from include.web.documents.form import (
    FILES_SHOWN,
    SHOWN_AT,
    as_shown,
    changed_beside,
    changes,
    files_of,
    form_of,
    same,
)
from include.web.documents.listing import asked_of, wanted_of
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.problems import worded
from include.web.remote_calls import asking_chorus
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of, page
from include.web.rendering.query import row_id

router = guarded(Right.DOCUMENTS)

WIDTH = 1240
"""Pixels of a picture: a page of A4 at 150 dpi."""

BY_SCRIPT = "x-chorus-form"
"""Header of our own script, which sends a form and stays on the page unless it succeeds."""


@router.get("/documents/{document_id}")
def document(
    request: Request,
    document_id: int,
    person: CurrentPerson,
    services: CurrentServices,
    done: str | None = None,
    saved: str | None = None,
) -> Response:
    """The screen; what was submitted is shown in the tracking."""
    detail = detail_of(services, person, document_id)
    if detail.row.state in ON_THE_PLATFORM and person.has(Right.INVOICES):
        return RedirectResponse(f"{address_of(request).root}/invoices/{detail.row.invoice_id}", 303)
    settled = row_id(done)
    before = None if settled is None else services.store.document_views.detail(person.viewer, settled)
    return _shown(request, services, person, detail, Outcome(done=before, saved=bool(saved)))


@router.post("/documents/{document_id}/{action}")
async def act(
    request: Request, document_id: int, action: str, person: CurrentPerson, services: CurrentServices
) -> Response:
    """Saves, submits, holds, releases, discards, restores, has read again; then the page, or the next one."""
    async with request.form() as form:
        given = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    answer = await asking_chorus(lambda: _Done(request, services, person, document_id, given).do(action))
    if answer.status_code == HTTPStatus.SEE_OTHER and BY_SCRIPT in request.headers:
        # a script does not see where a redirect leads before the next page is loaded, and would load it twice
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"X-Location": answer.headers["location"]})
    return answer


class _Done:
    """One action on one document, with what the form sent."""

    def __init__(
        self, request: Request, services: Services, person: Person, document_id: int, given: Mapping[str, str]
    ) -> None:
        self._request = request
        self._services = services
        self._person = person
        self._id = document_id
        self._given = given
        self._language = language_of(request, person)
        version = given.get("version", "")
        if not (version.isascii() and version.isdecimal()):
            raise InputError("version_missing")
        self._version = int(version)
        self._changed = False
        self._beside: dict[str, Conflict] = {}
        self._other_files = False

    def do(self, action: str) -> Response:
        """The answer; NotThereError for an action that there is not."""
        doing = {"save": self._save, "submit": self._submit}.get(action)
        if doing is not None:
            return doing()
        if action not in ("hold", "discard", "release", "restore", "reread"):
            raise NotThereError("no_such_document", documents=self._id)
        self._move(action)
        return self._to_next() if action in ("hold", "discard") else self._here()

    def _move(self, action: str) -> None:
        work = getattr(actions, action)
        reason = self._given.get("reason") or None
        more = {"reason": reason or ""} if action in ("hold", "discard") else {"reason": reason}
        work(self._editing(), self._id, expected=self._version, **more)
        if action in ("release", "restore"):
            self._services.pipeline().bring_up([self._id])

    def _save(self) -> Response:
        return self._stored() or (self._again(200, {}, saved=True) if self._beside else self._here(saved=self._changed))

    def _stored(self) -> Response | None:
        """What was typed, stored and assessed; an answer where it could not be.

        What others changed meanwhile is in the way only where this person typed another value for it.
        """
        detail = detail_of(self._services, self._person, self._id)
        if detail.row.version < self._version:
            raise InputError("version_missing")
        if detail.row.version != self._version:
            self._beside = changed_beside(self._given, detail, self._language)
            self._other_files = self._given.get(FILES_SHOWN, "") != files_of(detail)
        taken_back = [name for name in (self._given.get("take_back"),) if name]
        changed = changes(self._given, detail, self._language, taken_back)
        typed = {name: self._given[name] for name in changed if name in self._given}
        mine = {name: as_shown(name, typed.get(name, ""), self._language) for name in changed if name in self._beside}
        both = {
            name: replace(self._beside[name], yours=text)
            for name, text in mine.items()
            if not same(self._beside[name].stored, text)
        }
        if both:
            return self._again(409, typed, problem=worded(self._request, "changed"), conflicts=both)
        if not changed:
            return None
        self._changed = True
        try:
            actions.set_fields(self._editing(), self._id, changed, expected=detail.row.version)
        except StaleError:  # once more, in this very moment
            return self._again(409, typed, problem=worded(self._request, "changed"))
        except FaultyValuesError as error:
            problem = worded(self._request, "bad_values")
            return self._again(422, typed, problem=problem, faults=error.fields)
        except InputError as error:
            return self._again(422, typed, error=error)
        failures = self._services.pipeline().map([self._id]).failures
        return self._again(503, {}, error=failures[0]) if failures else None

    def _submit(self) -> Response:
        """Sends what this person has seen: not where somebody changed anything meanwhile."""
        refused = self._stored()
        if refused is not None:
            return refused
        if self._beside or self._other_files:
            return self._again(409, {}, unseen=True)
        version = detail_of(self._services, self._person, self._id).row.version
        sender = self._services.send_again(viewer=self._person.viewer, actor=self._person.name)
        try:
            report = sender.documents([self._id], expected={self._id: version})
        except StaleError:
            return self._again(409, {}, problem=worded(self._request, "changed"))
        state = detail_of(self._services, self._person, self._id).row.state
        if state in ON_THE_PLATFORM | FROZEN:
            return self._to_next()
        return self._again(422, {}, error=report.failures[0] if report.failures else None, not_sent=True)

    def _editing(self) -> actions.DocumentEditing:
        return editing_of(self._services, self._person)

    def _again(self, status: int, typed: Mapping[str, str], **more: Any) -> Response:
        detail = detail_of(self._services, self._person, self._id)
        # the same list as before, and the same next one, whatever became of the document in that list
        asked = {**self._request.scope, "query_string": self._list.removeprefix("?").encode()}
        following = self._given.get("next", "")
        after = int(following) if following.isascii() and following.isdecimal() else None
        outcome = Outcome(status=status, typed=typed, after=after, beside=self._beside, **more)
        return _shown(Request(asked), self._services, self._person, detail, outcome)

    def _here(self, *, saved: bool = False) -> Response:
        told = f"{'&' if self._list else '?'}saved=1" if saved else ""
        return RedirectResponse(f"{self._root}/documents/{self._id}{self._list}{told}", 303)

    def _to_next(self) -> Response:
        """The row that followed when the page was opened; at the end the list."""
        following = self._given.get("next", "")
        place = f"/documents/{following}" if following.isascii() and following.isdecimal() else "/documents"
        joint = "&" if self._list else "?"
        return RedirectResponse(f"{self._root}{place}{self._list}{joint}done={self._id}", 303)

    @property
    def _root(self) -> str:
        return address_of(self._request).root

    @property
    def _list(self) -> str:
        query = self._given.get("list", "")
        return f"?{quote(query, safe='=&%+-_.~')}" if query else ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the page tells of what the person did before it was shown.

    `typed` are values that stand in the form although they are not stored, `faults` says what is wrong with them.
    `conflicts` are fields for which another person stored another value, `beside` what others changed meanwhile,
    `unseen` that this kept it from being sent. `done` is the document that was settled last, `after` the next one of
    the list.
    """

    status: int = 200
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Reason] = field(default_factory=dict)
    problem: Any = None
    error: ConnectorError | None = None
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    beside: Mapping[str, Conflict] = field(default_factory=dict)
    unseen: bool = False
    not_sent: bool = False
    saved: bool = False
    done: DocumentDetail | None = None
    after: int | None = None


def _shown(request: Request, services: Services, person: Person, detail: DocumentDetail, outcome: Outcome) -> Response:
    row, language = detail.row, language_of(request, person)
    provider = person.configuration.provider_by_key(row.provider_key) if row.provider_key else None
    asked = asked_of(request)
    neighbours = _neighbours(services, person, row.id, request)
    reading = services.store.documents.reading(detail.content_sha256) if detail.content_sha256 else None
    return page(
        request,
        "document.html",
        status=outcome.status,
        detail=detail,
        groups=form_of(detail, provider, language, outcome.typed, outcome.faults),
        entry=(entry := _entry(services, provider, detail)),
        offered=offered_services(entry, reading if isinstance(reading, Reading) else None),
        rules={rule_id(rule): rule.identity for rule in person.configuration.attachments.links},
        shown_at=SHOWN_AT,
        faults=outcome.faults,
        provider=provider,
        pages=reading.pages if isinstance(reading, Reading) else (),
        list_query=asked.text,
        before=neighbours.before,
        after=outcome.after or neighbours.after,
        place=neighbours.place,
        problem=outcome.problem,
        error=outcome.error,
        conflicts=outcome.conflicts,
        beside=outcome.beside,
        unseen=outcome.unseen,
        files=files_of(detail),
        not_sent=outcome.not_sent,
        done=outcome.done,
        saved=outcome.saved,
        editable=row.state in EDITABLE,
    )


def _entry(services: Services, provider: Provider | None, detail: DocumentDetail) -> DirectoryEntry | None:
    """What the directory last said of the recipient.

    Of the environment that the configuration names: where the addresses really lead stands in the connection, which a
    page has no time to ask for. The check that it makes once it is open knows better.
    """
    siret = detail.draft.text("recipient_siret")
    if provider is None or siret is None:
        return None
    return services.store.directory.get(str(provider.environment), siret)


@dataclass(frozen=True, kw_only=True)
class _Neighbours:
    """Where a document stands in its list; `place` is its number among how many, as far as one page reaches."""

    before: int | None = None
    after: int | None = None
    place: tuple[int, int] | None = None


def _neighbours(services: Services, person: Person, document_id: int, request: Request) -> _Neighbours:
    """The documents before and after this one in the list that the address names, as far as one page reaches."""
    asked = asked_of(request)
    wanted = wanted_of(asked, person.configuration)
    found = services.store.document_views.page(person.viewer, wanted, PageRequest(sort=asked.sort, limit=MOST_ROWS))
    ids = [row.id for row in found.items]
    if document_id not in ids:
        return _Neighbours(after=next((one for one in ids if one != document_id), None))
    at = ids.index(document_id)
    return _Neighbours(
        before=ids[at - 1] if at else None,
        after=ids[at + 1] if at + 1 < len(ids) else None,
        place=None if found.before or found.after or asked.one("after") else (at + 1, len(ids)),
    )


@router.get("/documents/{document_id}/original.pdf")
def original(document_id: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """The file itself, always as a download: it comes from outside."""
    detail = detail_of(services, person, document_id)
    content = services.files.get(content_of(services, person, document_id))
    kind = "application/pdf" if content.startswith(b"%PDF-") else "application/octet-stream"
    name = quote(detail.row.name, safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"document.pdf\"; filename*=UTF-8''{name}"}
    return Response(content, media_type=kind, headers=headers)


@router.get("/documents/{document_id}/pages/{number}.jpg")
def picture(
    request: Request,
    document_id: int,
    number: int,
    person: CurrentPerson,
    services: CurrentServices,
    width: int = WIDTH,
    v: str | None = None,
) -> Response:
    """One page as a picture. An address with the digest (`v`) is kept by the browser: its content never changes."""
    sha256 = content_of(services, person, document_id)
    tag = f'"{sha256[:32]}-{number}-{width}"'
    kept = "private, max-age=31536000, immutable" if v == sha256[:12] else "private, no-cache"
    headers = {"ETag": tag, "Cache-Control": kept}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    drawn = services.page_images.jpeg(sha256, number, width)
    if isinstance(drawn, Reason):
        raise InputError("no_picture", reason=drawn)
    return Response(drawn, media_type="image/jpeg", headers=headers)


def content_of(services: Services, person: Person, document_id: int) -> str:
    """The digest of its content; NotThereError while none was copied."""
    sha256 = detail_of(services, person, document_id).content_sha256
    if sha256 is None:
        raise NotThereError("no_such_document", documents=document_id)
    return sha256
