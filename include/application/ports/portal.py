"""The document portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.document import PortalListing

MAX_BYTES = 200_000_000
"""Bytes of a document that is not loaded any more: no invoice is that large, and loading one would cost the whole
pass."""


OnProgress = Callable[[int, int | None], None]
"""Hears how many are done, and of how many; None while nobody knows that."""


def untold(_done: int, _total: int | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """A file for the portal. `folder` begins with `/`; it is made where it is missing and the portal can make one.

    `metadata` as in `PortalDocument`: every value as it is to be printed.
    """

    name: str
    folder: str
    content: bytes
    classification_rule: str | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AddedDocument:
    """What was added: portal ids of the document and of those that are linked to it, in their order."""

    portal_id: str
    attachments: tuple[str, ...] = ()


class DocumentPortal(Protocol):
    """A document portal. Shaped so that a folder tree, the Portal's web services and others fit."""

    @property
    def links(self) -> bool:
        """Whether a document names those that are linked to it; where none does, only rules by metadata link them."""

    def scan(
        self, known: Mapping[str, str], *, on_progress: OnProgress = untold, most: int | None = None
    ) -> PortalListing:
        """One look at everything; `known` maps portal ids to the signatures of the last look.

        Only documents whose signature differs are read in full; an error that nobody foresaw costs the document that
        it happened at. PortalUnavailableError when the root is missing. `most`: no more than so many are read, of
        which none is waited for; the others are seen, and that is all.
        """

    def read(self, portal_id: str) -> bytes:
        """The bytes of a document; PortalUnavailableError when it cannot be read now."""

    def write_back(self, portal_id: str, values: Mapping[str, str]) -> None:
        """Sets these metadata of a document and no others; an empty text means no value. Repeating changes nothing.

        The names are ours: what stands under them is never listed, so writing is no change of the document.
        DocumentError where this document does not take them, PortalUnavailableError where the portal does not answer.
        """

    def add(self, document: NewDocument, attachments: Sequence[NewDocument] = ()) -> AddedDocument:
        """Files a new document with what is said of it, and others that go along with it; all of them or none.

        A portal that has `links` links them. The document comes last, so that no look finds it without the others.
        NameTakenError where something is filed under one of the names already, whatever the case: it stays as it is.
        InputError for a name or folder that this portal cannot have;
        DocumentError where the document is filed without what is said of it; PortalUnavailableError where the portal
        does not answer: then a look shows whether it is there.
        """
