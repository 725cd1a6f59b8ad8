"""A document portal in memory, with the faults that portals have."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from include.application.ports.portal import AddedDocument, NewDocument, OnProgress, untold
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import DocumentError, InputError, NameTakenError, PortalUnavailableError
from tests.fakes.clock import START


@dataclass(frozen=True, kw_only=True)
class _Held:
    document: PortalDocument
    content: bytes


class FakePortal:
    """Implements the port `DocumentPortal`; `reads` names what was read, in order, `written` holds what we wrote."""

    def __init__(self) -> None:
        self.knows_links = True
        self.reads: list[str] = []
        self.written: dict[str, dict[str, str]] = {}
        self.refuses_to_write: set[str] = set()
        self._held: dict[str, _Held] = {}
        self._postponed: dict[str, str] = {}
        self._unavailable = False
        self._puts = 0

    def put(
        self,
        path: str,
        content: bytes,
        *,
        rule: str | None = None,
        metadata: Mapping[str, Sequence[str]] | None = None,
        links: Sequence[str] = (),
        arrived_at: dt.datetime = START,
    ) -> PortalDocument:
        """Files a document, or a new content or metadata of one."""
        self._puts += 1
        folder, _, name = path.rpartition("/")
        document = PortalDocument(
            portal_id=path,
            name=name,
            folder=f"/{folder}",
            signature=f"put {self._puts}",
            size=len(content),
            arrived_at=arrived_at,
            content_sha256=hashlib.sha256(content).hexdigest(),
            classification_rule=rule,
            metadata={name: tuple(values) for name, values in (metadata or {}).items()},
            links=tuple(links),
        )
        self._held[path] = _Held(document=document, content=content)
        return document

    def remove(self, path: str) -> None:
        del self._held[path]

    def move(self, path: str, to: str) -> None:
        held = self._held.pop(path)
        folder, _, name = to.rpartition("/")
        document = replace(held.document, portal_id=to, folder=f"/{folder}", name=name, signature=f"moved to {to}")
        self._held[to] = replace(held, document=document)

    def content_changes_after_the_scan(self, path: str, content: bytes) -> None:
        """The listing keeps the old digest, as when a file is overwritten between scan and read."""
        self._held[path] = replace(self._held[path], content=content)

    def postpones(self, path: str, code: str) -> None:
        self._postponed[path] = code

    def takes_again(self, path: str) -> None:
        del self._postponed[path]

    def replace(self, document: PortalDocument) -> None:
        """Lists other facts of a document than its bytes have."""
        self._held[document.portal_id] = replace(self._held[document.portal_id], document=document)

    def goes_away(self) -> None:
        self._unavailable = True

    def comes_back(self) -> None:
        self._unavailable = False

    @property
    def links(self) -> bool:
        return self.knows_links

    def scan(
        self, known: Mapping[str, str], *, on_progress: OnProgress = untold, most: int | None = None
    ) -> PortalListing:
        self._answer()
        on_progress(0, len(self._held))
        fresh = [
            held.document
            for held in self._held.values()
            if known.get(held.document.portal_id) != held.document.signature
        ]
        return PortalListing(
            seen=frozenset(self._held) | frozenset(self._postponed),
            changed=tuple(document for document in fresh if document.portal_id not in self._postponed)[:most],
            postponed=dict(self._postponed),
        )

    def read(self, portal_id: str) -> bytes:
        self._answer()
        if portal_id.startswith("/") or ".." in portal_id.split("/"):
            raise InputError(f"{portal_id} is no document.")
        if portal_id not in self._held:
            raise PortalUnavailableError(f"{portal_id} cannot be read now.")
        self.reads.append(portal_id)
        return self._held[portal_id].content

    def write_back(self, portal_id: str, values: Mapping[str, str]) -> None:
        self._answer()
        if portal_id not in self._held or portal_id in self.refuses_to_write:
            raise DocumentError(f"{portal_id} takes no metadata.")
        shown = {**self.written.get(portal_id, {}), **values}
        self.written[portal_id] = {name: text for name, text in shown.items() if text}

    def add(self, document: NewDocument, attachments: Sequence[NewDocument] = ()) -> AddedDocument:
        self._answer()
        paths = [f"{one.folder}/{one.name}".lstrip("/") for one in (document, *attachments)]
        if any(_no_path(path, one.name) for path, one in zip(paths, (document, *attachments), strict=True)):
            raise InputError("name_not_for_the_folder", path=paths[0])
        taken = {path.casefold() for path in self._held}
        if taken & {path.casefold() for path in paths} or len({path.casefold() for path in paths}) < len(paths):
            raise NameTakenError("name_taken_in_portal", path=paths[0])
        for path, one in zip(paths, (document, *attachments), strict=True):
            links = paths[1:] if one is document else []
            self.put(path, one.content, rule=one.classification_rule, metadata=one.metadata, links=links)
        return AddedDocument(portal_id=paths[0], attachments=tuple(paths[1:]))

    def _answer(self) -> None:
        if self._unavailable:
            raise PortalUnavailableError("The portal does not answer.")


def _no_path(path: str, name: str) -> bool:
    return not name or "/" in name or name.endswith(".json") or any(part.startswith(".") for part in path.split("/"))
