"""Which documents there are: a walk through the folders below a root, or one search.

No change feed is known, so each look lists everything; documents of the filing queue are in no folder and no search.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError
from include.adapters.portal.http.calls import Calls
from include.adapters.portal.http.facts import Facts, Json, UnclearError, plain
from include.adapters.portal.http.settings import PortalSettings
from include.domain.errors import ConfigurationError, PortalUnavailableError

logger = logging.getLogger(__name__)

SILENT_FOLDERS = 3
"""Folders in a row that do not answer, before the portal counts as down."""
_TOTALS = ("total", "totalCount", "totalResults", "totalElements")
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
    """One look; `closed` are folders that could not be listed: what lies in them is neither seen nor gone."""

    documents: Mapping[str, Listed]
    closed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Folder:
    id: str
    chain: str
    path: str


def is_id(text: str) -> bool:
    """Whether it may be an id of the portal, and nothing that would change an address."""
    return _ID.fullmatch(text) is not None


class Lister:
    """Lists the portal once."""

    def __init__(self, calls: Calls, settings: PortalSettings) -> None:
        self._calls = calls
        self._settings = settings
        self._documents: dict[str, Listed] = {}
        self._closed: set[str] = set()

    def list(self) -> Listing:
        """Everything there is; PortalUnavailableError when the root, or the portal, does not answer."""
        if self._settings.root_folder is None:
            self._search()
        else:
            self._walk(self._settings.root_folder)
        return Listing(documents=self._documents, closed=frozenset(self._closed))

    def _search(self) -> None:
        what = "The search of the portal"
        try:
            for body in self._pages("/ws/v2/search", dict(self._settings.search or {})):
                for told in _entries(body, "documents", "document"):
                    facts = Facts(told, self._settings)
                    self._enter(told, facts.folder, "", facts)
        except (NoAnswerError, GoneError, RefusedError, UnclearError) as error:
            raise _unavailable(f"{what} failed: {error}.") from error

    def _walk(self, root: str) -> None:
        pending, known = [_Folder(id=root, chain=root, path="/")], {root}
        silent = 0
        while pending:
            folder = pending.pop()
            try:
                for child in self._list(folder):
                    if child.id not in known:
                        known.add(child.id)
                        pending.append(child)
                silent = 0
            except (NoAnswerError, GoneError, RefusedError, UnclearError) as error:
                silent = silent + 1 if isinstance(error, NoAnswerError) else 0
                if folder.id == root or silent >= SILENT_FOLDERS:
                    raise _unavailable(f"Folder {folder.id} of the portal cannot be listed: {error}.") from error
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
                    raise UnclearError("a folder has no usable id")
                name = plain(told.get("name")) or (plain(told.get("path")) or "").strip("/").rpartition("/")[2] or child
                path = f"{folder.path.rstrip('/')}/{name.replace('/', '_')}"
                yield _Folder(id=child, chain=f"{folder.chain}/{child}", path=path)

    def _enter(self, told: Json, folder: str, chain: str, facts: Facts) -> None:
        portal_id = plain(told.get("idDocument"))
        if portal_id is None or not is_id(portal_id):
            raise UnclearError("a document has no usable id")
        self._documents.setdefault(portal_id, Listed(portal_id=portal_id, folder=folder, chain=chain, facts=facts))

    def _pages(self, path: str, parameters: dict[str, str]) -> Iterator[Json]:
        """The answer, and the next pages as long as the server tells of more documents than it has listed.

        A server that ignores the parameter of the page gives the same again: then the documents that it keeps back
        would never be seen, so that is an error and no end.
        """
        body = self._calls.get_json(path, parameters)
        listed, number = _ids(body), _first_page(body)
        yield body
        while (total := _total(body)) is not None and len(listed["documents"]) < total:
            number += 1
            body = self._calls.get_json(path, {**parameters, self._settings.page_parameter: str(number)})
            fresh = _ids(body)
            if not any(fresh[kind] - listed[kind] for kind in fresh):
                if sum(map(len, listed.values())) >= total:
                    return
                raise ConfigurationError(
                    f"The portal tells of {total} documents under {path} and gives {len(listed['documents'])} of them.",
                    why="The others would never be seen.",
                    todo="Name the parameter of its paging in the connection: extra.page_parameter.",
                )
            listed = {kind: listed[kind] | fresh[kind] for kind in listed}
            yield body


def _entries(body: Json, many: str, one: str) -> Iterator[dict[str, Any]]:
    """`{documents: [{document: {...}}]}`; an entry without the inner object is taken as it is."""
    entries = body.get(many)
    if entries is None and "documents" not in body:
        raise UnclearError("the answer lists nothing, not even an empty list")
    if not isinstance(entries or [], list):
        raise UnclearError(f"{many} is no list")
    for entry in entries or []:
        told = entry.get(one, entry) if isinstance(entry, dict) else None
        if not isinstance(told, dict):
            raise UnclearError(f"an entry of {many} is no object")
        yield told


def _ids(body: Json) -> dict[str, set[str | None]]:
    kinds = {"documents": ("document", "idDocument"), "folders": ("folder", "idFolder")}
    return {many: {plain(told.get(key)) for told in _entries(body, many, one)} for many, (one, key) in kinds.items()}


def _total(body: Json) -> int | None:
    told = next((body[name] for name in _TOTALS if name in body), None)
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else None


def _first_page(body: Json) -> int:
    """The number of the page that was given without asking for one; servers count from 0 or, as a rule, from 1."""
    told = body.get("page")
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else 1


def _unavailable(what: str) -> PortalUnavailableError:
    return PortalUnavailableError(
        what,
        why="No document can be looked for; documents that are known already are kept as they are.",
        todo="Check the portal, the network, and what the connection says (host, root_folder, the account's rights).",
    )
