"""What the portal gave: a document, its metadata, and how we recognise that it changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from include.domain import internal_errors
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class PortalDocument:
    """One document as the portal holds it now, without its bytes.

    `portal_id` is the portal's own key (in the folder portal: the relative path, with `/`); `folder` begins with `/`;
    `metadata` maps a metadata name to its values as printed by the portal (a single value is a list of one);
    `links` are portal ids of documents that the portal itself links to this one; `arrived_at` is the portal's date of
    arrival (UTC); `signature` is an opaque token that changes whenever content or metadata may have changed.
    """

    portal_id: str
    name: str
    folder: str
    signature: str
    size: int
    arrived_at: dt.datetime
    content_sha256: str
    classification_rule: str | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: tuple[str, ...] = ()

    @property
    def metadata_sha256(self) -> str:
        """Digest of what the portal says of it: rule, metadata and links; the folder is compared apart."""
        facts = [self.classification_rule, {k: list(v) for k, v in self.metadata.items()}, list(self.links)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def values(self, metadata: str) -> tuple[str, ...]:
        """The values of a metadata, whose name is compared as wordings are; none where the document lacks it."""
        if metadata in self.metadata:
            return self.metadata[metadata]
        wanted = fold(metadata)
        return next((values for name, values in self.metadata.items() if fold(name) == wanted), ())


@dataclass(frozen=True, kw_only=True)
class PortalListing:
    """One look at the whole portal.

    `seen` holds every portal id that is there; `changed` those whose signature is not the known one, read in full;
    `postponed` maps a portal id to the reason why it was not taken this time (half written, unreadable side-car ...);
    `errors` to an error that nobody foresaw: that document is seen, and waits too.
    """

    seen: frozenset[str]
    changed: tuple[PortalDocument, ...]
    postponed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Exception] = field(default_factory=dict)

    def without(self, errors: Mapping[str, Exception]) -> PortalListing:
        """The same look, in which these documents wait for a later one."""
        waiting = {portal_id: internal_errors.CODE for portal_id in errors}
        changed = tuple(document for document in self.changed if document.portal_id not in errors)
        return replace(self, changed=changed, postponed={**self.postponed, **waiting})
