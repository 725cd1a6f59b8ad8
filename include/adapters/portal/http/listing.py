"""Which documents there are: a walk through the folders below a root, or one search.

No change feed is known, so each look lists everything; documents of the filing queue are in no folder and no search.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError
from include.adapters.portal.http.calls import Calls
from include.adapters.portal.http.facts import Facts, Json, UnclearError, plain, whole_number
from include.adapters.portal.http.settings import PortalSettings
from include.application.ports.portal import OnProgress, untold
from include.domain.errors import ConfigurationError, PortalUnavailableError
from include.domain.values import fold
from include.texts import Text

logger = logging.getLogger(__name__)

SILENT_FOLDERS = 3
"""Folders in a row that do not answer, before the portal counts as down."""
_TOTALS = ("total", "totalCount", "totalResults", "totalElements")
MOST_PAGES = 20_000
"""Of folders and searches together; a server that counts on for ever is no portal."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A document as the listing tells it; `chain` are the ids of the folders above it, from the root down."""

    portal_id: str
    folder: str
    chain: str
    facts: Facts

    @property
    def token(self) -> str:
        """Changes whenever what the listing tells of the document changes."""
        return self.facts.digest(self.folder)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One look; `closed` are folders that could not be listed: what lies in them is neither seen nor gone.

    `unclear` are documents of a search that do not tell for certain where they lie.
    """

    documents: Mapping[str, Listed]
    closed: frozenset[str] = frozenset()
    unclear: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Folder:
    id: str
    chain: str
    path: str


def is_id(text: str) -> bool:
    """Whether it may be an id of the portal, and nothing that would change an address."""
    return _ID.fullmatch(text) is not None


class Lister:
    """Lists the portal once; `on_progress` hears how many documents it found."""

    def __init__(
        self,
        calls: Calls,
        settings: PortalSettings,
        *,
        in_time: Callable[[], bool] = lambda: True,
        on_progress: OnProgress = untold,
    ) -> None:
        self._calls = calls
        self._in_time = in_time
        self._on_progress = on_progress
        self._pages_left = MOST_PAGES
        self._settings = settings
        self._documents: dict[str, Listed] = {}
        self._closed: set[str] = set()
        self._unclear: set[str] = set()

    def list(self) -> Listing:
        """Everything there is; PortalUnavailableError when the root, or the portal, does not answer."""
        if self._settings.root_folder is None:
            self._search()
        else:
            self._walk(self._settings.root_folder)
        return Listing(documents=self._documents, closed=frozenset(self._closed), unclear=frozenset(self._unclear))

    def names_in(self, path: str) -> set[str]:
        """Names of the documents of one folder; none where there is no such folder. Errors as those of `list`."""
        if self._settings.root_folder is None:
            self._search()
        else:
            self._walk(self._settings.root_folder, towards=path)
        wanted = fold(path.strip("/"))
        return {one.facts.file_name for one in self._documents.values() if fold(one.folder.strip("/")) == wanted}

    def _search(self) -> None:
        try:
            for body in self._pages("/ws/v2/search", dict(self._settings.search or {})):
                for told in _entries(body, "documents", "document"):
                    self._find(told, Facts(told, self._settings))
        except (NoAnswerError, GoneError, RefusedError, UnclearError) as error:
            raise PortalUnavailableError("portal_search_failed", cause=error.cause) from error

    def _walk(self, root: str, *, towards: str | None = None) -> None:
        """All folders, or only those on the way to one.

        Of these every one must answer: what cannot be listed could hold the name that is looked for.
        """
        pending, known = [_Folder(id=root, chain=root, path="/")], {root}
        silent = 0
        while pending:
            folder = pending.pop()
            try:
                for child in self._list(folder):
                    if child.id not in known and (towards is None or _leads_to(child.path, towards)):
                        known.add(child.id)
                        pending.append(child)
                silent = 0
            except (NoAnswerError, GoneError, RefusedError, UnclearError) as error:
                silent = silent + 1 if isinstance(error, NoAnswerError) else 0
                if folder.id == root or silent >= SILENT_FOLDERS or towards is not None:
                    raise PortalUnavailableError("portal_unavailable", folder=folder.id, cause=error.cause) from error
                if not isinstance(error, GoneError):
                    logger.warning("Folder %s of the portal cannot be listed: %s", folder.id, error)
                    self._closed.add(folder.id)

    def _list(self, folder: _Folder) -> Iterator[_Folder]:
        for body in self._pages(f"/ws/v2/folder/{folder.id}", {}):
            for told in _entries(body, "documents", "document"):
                self._enter(told, folder.path, folder.chain, Facts(told, self._settings))
            for told in _entries(body, "folders", "folder"):
                child = plain(told.get("idFolder"))
                if child is None or not is_id(child):
                    raise UnclearError(Text("portal.folder_without_id"))
                name = plain(told.get("name")) or (plain(told.get("path")) or "").strip("/").rpartition("/")[2] or child
                path = f"{folder.path.rstrip('/')}/{name.replace('/', '_')}"
                yield _Folder(id=child, chain=f"{folder.chain}/{child}", path=path)

    def _find(self, told: Json, facts: Facts) -> None:
        """One document of a search; one that cannot tell its folder costs none of the others."""
        portal_id = _id_of(told)
        try:
            folder = facts.folder
        except UnclearError as error:
            logger.warning("Document %s does not tell where it lies: %s", portal_id, error)
            self._unclear.add(portal_id)
            return
        self._enter(told, folder, "", facts)

    def _enter(self, told: Json, folder: str, chain: str, facts: Facts) -> None:
        portal_id = _id_of(told)
        self._documents.setdefault(portal_id, Listed(portal_id=portal_id, folder=folder, chain=chain, facts=facts))

    def _pages(self, path: str, parameters: dict[str, str]) -> Iterator[Json]:
        """The answer, and the next pages as long as the server tells of more documents than it has listed.

        A server that ignores the parameter of the page gives the same again: then the documents that it keeps back
        would never be seen, so that is an error and no end.
        """
        body = self._page(path, parameters)
        listed, number = _ids(body), _first_page(body)
        yield body
        while (total := _total(body)) is not None and len(listed["documents"]) < total:
            number += 1
            body = self._page(path, {**parameters, self._settings.page_parameter: str(number)})
            fresh = _ids(body)
            if not any(fresh[kind] - listed[kind] for kind in fresh):
                if sum(map(len, listed.values())) >= total:
                    return
                raise ConfigurationError(
                    "portal_paging_unknown", total=total, path=path, count=len(listed["documents"])
                )
            listed = {kind: listed[kind] | fresh[kind] for kind in listed}
            yield body

    def _page(self, path: str, parameters: dict[str, str]) -> Json:
        """PortalUnavailableError, with nothing marked, where the listing takes too long or never ends."""
        if not self._in_time():
            raise PortalUnavailableError("portal_listing_too_slow", count=len(self._documents))
        if self._pages_left == 0:
            raise PortalUnavailableError("portal_listing_too_long", pages=MOST_PAGES, count=len(self._documents))
        self._pages_left -= 1
        self._on_progress(len(self._documents), None)
        return self._calls.get_json(path, parameters)


def _leads_to(folder: str, wanted: str) -> bool:
    """Whether the folder is the wanted one, or lies above it."""
    here, there = (fold(path).strip("/").split("/") for path in (folder, wanted))
    return here == there[: len(here)]


def _entries(body: Json, many: str, one: str) -> Iterator[dict[str, Any]]:
    """`{documents: [{document: {...}}]}`; an entry without the inner object is taken as it is."""
    entries = body.get(many)
    if entries is None and "documents" not in body:
        raise UnclearError(Text("portal.lists_nothing"))
    if not isinstance(entries or [], list):
        raise UnclearError(Text("portal.no_list", {"key": many}))
    for entry in entries or []:
        told = entry.get(one, entry) if isinstance(entry, dict) else None
        if not isinstance(told, dict):
            raise UnclearError(Text("portal.entry_no_object", {"key": many}))
        yield told


def _id_of(told: Json) -> str:
    found = plain(told.get("idDocument"))
    if found is None or not is_id(found):
        raise UnclearError(Text("portal.document_without_id"))
    return found


def _ids(body: Json) -> dict[str, set[str | None]]:
    kinds = {"documents": ("document", "idDocument"), "folders": ("folder", "idFolder")}
    return {many: {plain(told.get(key)) for told in _entries(body, many, one)} for many, (one, key) in kinds.items()}


def _total(body: Json) -> int | None:
    return whole_number(next((body[name] for name in _TOTALS if name in body), None))


def _first_page(body: Json) -> int:
    """The number of the page that was given without asking for one; servers count from 0 or, as a rule, from 1."""
    told = whole_number(body.get("page"))
    return 1 if told is None else told
