"""New documents through the portal's web services: the upload that public clients were seen to make.

The portal itself says no to a name that is taken; since nobody promised that, the folder is looked at first. What the
portal shows afterwards decides: a metadata that it does not have is passed over in silence. What goes along is filed
before its document, and taken back where that one is refused.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.adapters.portal.http.answers import GoneError, NoAnswerError, RefusedError, TakenError
from include.adapters.portal.http.calls import Calls, FormField
from include.adapters.portal.http.facts import UnclearError, values_by_name
from include.adapters.portal.http.listing import Lister, is_id
from include.adapters.portal.http.settings import PortalSettings
from include.adapters.portal.http.taking import Taking
from include.application.ports.portal import AddedDocument, NewDocument
from include.domain.errors import DocumentError, InputError, NameTakenError, PortalUnavailableError
from include.domain.values import fold
from include.texts import Text

logger = logging.getLogger(__name__)

UPLOAD = "/ws/v2/document"


@dataclass(frozen=True, kw_only=True)
class Adding:
    """Adds documents; `lister` looks at the folders that they are for."""

    calls: Calls
    settings: PortalSettings
    lister: Lister
    taking: Taking

    def add(self, document: NewDocument, attachments: Sequence[NewDocument]) -> AddedDocument:
        """See `DocumentPortal.add`; each is sent once, since a repeat could file it twice."""
        self._require_free((document, *attachments))
        filed: list[str] = []
        try:
            for one in attachments:
                filed.append(self._upload(one))
                self._check(filed[-1], one)
            portal_id = self._upload(document)
        except (InputError, DocumentError):  # the document itself is certainly not there
            self._take_back(filed)
            raise
        except PortalUnavailableError:
            logger.warning("The attachments %s stay in the portal: whether their document is there is not known", filed)
            raise
        self._check(portal_id, document)
        return AddedDocument(portal_id=portal_id, attachments=tuple(filed))

    def _require_free(self, documents: Sequence[NewDocument]) -> None:
        """InputError for a name that this portal cannot have, NameTakenError for one that is taken."""
        names: dict[str, set[str]] = {}
        for one in documents:
            path = _path(one)
            if not one.name or any(sign in path for sign in ("\\", "\0")) or "/" in one.name or _hidden(path):
                raise InputError("name_not_for_the_portal", path=path)
        for one in documents:
            if one.folder not in names:
                names[one.folder] = {name.casefold() for name in self.lister.names_in(one.folder)}
            if one.name.casefold() in names[one.folder]:
                raise NameTakenError("name_taken_in_portal", path=_path(one))
            names[one.folder].add(one.name.casefold())

    def _upload(self, document: NewDocument) -> str:
        path, digest = _path(document), hashlib.sha256(document.content).hexdigest()
        try:
            portal_id = self.calls.upload(UPLOAD, list(_form(self.settings, document)), digest)
        except TakenError as error:
            raise NameTakenError("name_taken_in_portal", path=path) from error
        except (NoAnswerError, GoneError) as error:
            raise PortalUnavailableError("portal_not_known_whether_added", path=path, cause=error.cause) from error
        except RefusedError as error:
            raise InputError("portal_refuses_file", path=path, cause=error.cause) from error
        if portal_id is None or not is_id(portal_id):
            raise PortalUnavailableError("portal_not_known_whether_added", path=path, cause=Text("portal.no_id"))
        return portal_id

    def _check(self, portal_id: str, document: NewDocument) -> None:
        """DocumentError where the portal shows it without the rule or a metadata that were sent along."""
        path = _path(document)
        try:
            detail = self.taking.detail(portal_id)
        except (NoAnswerError, GoneError, RefusedError, UnclearError) as error:
            raise PortalUnavailableError("portal_not_known_whether_added", path=path, cause=error.cause) from error
        shown = values_by_name(detail.metadata, ())
        lost = [name for name, values in document.metadata.items() if values and shown.get(name) != values]
        rule = document.classification_rule
        if rule and fold(detail.facts.rule or "") != fold(rule):
            lost.insert(0, rule)
        if lost:
            raise DocumentError("added_without_metadata", path=path, portal_id=portal_id, metadata=", ".join(lost))

    def _take_back(self, filed: Sequence[str]) -> None:
        for portal_id in filed:
            try:
                self.calls.delete(f"{UPLOAD}/{portal_id}")
            except (NoAnswerError, GoneError, RefusedError) as error:
                logger.warning("Document %s stays in the portal: it cannot be taken back (%s)", portal_id, error)


def _path(document: NewDocument) -> str:
    return f"{document.folder.rstrip('/')}/{document.name}"


def _form(settings: PortalSettings, document: NewDocument) -> Iterator[tuple[str, FormField]]:
    """`metadatas[<name>]`, and `metadatas[<name>][]` for several values; a rule by its number where it has one."""
    numbers = {fold(name): number for number, name in settings.rules.items()}
    yield "file", (document.name, document.content, "application/octet-stream")
    yield "name", document.name
    yield "path", document.folder
    rule = document.classification_rule
    if rule:
        yield "type", numbers.get(fold(rule), rule)
    for name, values in document.metadata.items():
        for value in values:
            yield f"metadatas[{settings.metadata.get(name, name)}]" + ("[]" if len(values) > 1 else ""), value


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
