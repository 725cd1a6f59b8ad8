"""Adding a document to the portal from the screens: the same way as any other follows from there.

Size, then content, then names: what is wrong with the bytes is said before what is wrong with the words. Nothing of it
is stored by us; the next look at the portal finds it. A portal without links of its own gets what goes along with the
metadata by which a rule links it.
"""

from __future__ import annotations

import datetime as dt
import logging
import posixpath
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from include.application.ports.pdf_check import PdfCheck
from include.application.ports.portal import AddedDocument, DocumentPortal, NewDocument
from include.domain.attachments import is_what_it_says
from include.domain.completeness.attachments import EXTENSIONS
from include.domain.configuration import Configuration, LinkRule
from include.domain.criteria import evaluate
from include.domain.document import PortalDocument
from include.domain.errors import InputError, NotThereError, ReaderUnavailableError, TooLargeError, WrongContentError
from include.domain.rights import Viewer
from include.domain.values import fold
from include.texts import translate

logger = logging.getLogger(__name__)

MOST_ATTACHMENTS = 20
"""Of one document."""

LONGEST_NAME = 200
"""Bytes in UTF-8: a file system takes 255, and a side-car's name is longer."""

_AS_PDF = "invoice.pdf"
"""Whatever the invoice is called, it has to be one."""

MOST_TEXT = 100_000
"""Signs of all metadata together: a side-car has a limit too."""

_UNFIT = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of a text: a name could look like another one."""


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as somebody hands it over, with its name there."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class GivenDocument:
    """An invoice to be added. `folder` is one of the portal, with or without `/` at the ends."""

    file: GivenFile
    folder: str = "/"
    classification_rule: str | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attachments: tuple[GivenFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AddDocument:
    """The use case, for one person: `actor` is who adds and `viewer` what that person sees."""

    open_portal: Callable[[], DocumentPortal]
    pdf_check: PdfCheck
    configuration: Configuration
    actor: str
    viewer: Viewer

    def __call__(self, given: GivenDocument, *, refuse: InputError | None = None) -> AddedDocument:
        """Files it in the portal; its portal id and those of its attachments.

        `refuse`: what the caller found wrong with the words, said after what is wrong with the bytes. NotThereError for
        who uses no provider; TooLargeError, WrongContentError and InputError, in this order, for what is not fit;
        NameTakenError where the portal has the name: nothing is overwritten.
        """
        if not self.viewer.provider_keys:
            raise NotThereError("no_portal_for_you")
        self._check_sizes(given)
        self._check_contents(given)
        if refuse is not None:
            raise refuse
        document, portal = self._document(given), self.open_portal()
        attachments = list(self._attachments(given, document, portal))
        added = portal.add(document, attachments)
        logger.info("Document %s with %d attachments added by %s", added.portal_id, len(attachments), self.actor)
        return added

    def _check_sizes(self, given: GivenDocument) -> None:
        limits = self.configuration.reading
        if len(given.attachments) > MOST_ATTACHMENTS:
            raise TooLargeError("too_many_attachments", most=MOST_ATTACHMENTS)
        for one in (given.file, *given.attachments):
            if len(one.content) > limits.max_megabytes * 1_000_000:
                size = f"{len(one.content) / 1e6:.1f}"
                raise TooLargeError("file_too_large", name=one.name, megabytes=size, limit=f"{limits.max_megabytes:g}")

    def _check_contents(self, given: GivenDocument) -> None:
        """By the bytes, never by the name; what a scanner or a viewer would refuse later is told when it is read."""
        content = given.file.content
        if not is_what_it_says(_AS_PDF, content):
            raise WrongContentError("file_no_pdf", name=given.file.name)
        for one in given.attachments:
            if not one.content:
                raise WrongContentError("file_empty", name=one.name)
            if not is_what_it_says(one.name, one.content):
                raise WrongContentError("file_something_else", name=one.name)
        try:
            fault = self.pdf_check.fault(content, self.configuration.reading)
        except ReaderUnavailableError as error:
            logger.warning("%s is added without a look at its pages: %s", given.file.name, error)
            return
        if fault is not None and fault.code == "too_many_pages":
            raise TooLargeError("file_with_too_many_pages", name=given.file.name, **fault.params)

    def _document(self, given: GivenDocument) -> NewDocument:
        name, folder = file_name(given.file.name), folder_path(given.folder)
        if _ending(name) != "pdf":
            raise InputError("name_no_pdf", name=name)
        metadata = {title.strip(): tuple(filter(str.strip, values)) for title, values in given.metadata.items()}
        for text in (given.classification_rule or "", *metadata, *(one for some in metadata.values() for one in some)):
            if any(unicodedata.category(sign) in _UNFIT for sign in text):
                raise InputError("text_unfit")
        if "" in metadata:
            raise InputError("metadata_without_name")
        if sum(len(title) + sum(map(len, values)) for title, values in metadata.items()) > MOST_TEXT:
            raise InputError("metadata_too_long", most=MOST_TEXT)
        return NewDocument(
            name=name,
            folder=folder,
            content=given.file.content,
            classification_rule=(given.classification_rule or "").strip() or None,
            metadata={title: values for title, values in metadata.items() if values},
        )

    def _attachments(
        self, given: GivenDocument, document: NewDocument, portal: DocumentPortal
    ) -> Iterator[NewDocument]:
        """Each with a rule and in a folder by which no criterion takes it for an invoice of its own."""
        rules = [one for one in self.configuration.attachments.links if _same(one.invoice_rule, document)]
        rule = rules[0].attachment_rule if rules else translate("add.attachment_rule", "fr")
        metadata: Mapping[str, tuple[str, ...]] = {}
        if given.attachments and not portal.links:
            rule, metadata = _linking(document, rules)
        for one in given.attachments:
            name = file_name(one.name)
            if _ending(name) not in EXTENSIONS:
                raise InputError("attachment_ending", name=name, allowed=", ".join(sorted(EXTENSIONS)))
            folder = self._folder_for(name, rule, document)
            yield NewDocument(
                name=name, folder=folder, content=one.content, classification_rule=rule, metadata=metadata
            )

    def _folder_for(self, name: str, rule: str, document: NewDocument) -> str:
        aside = translate("add.attachment_folder", "fr")
        own = PurePath(document.name).stem
        for folder in (document.folder, *(posixpath.join("/", base, aside, own) for base in (document.folder, "/"))):
            if not self._is_invoice(name, folder, rule):
                return folder
        raise InputError("attachment_would_be_invoice", name=name, folder=document.folder)

    def _is_invoice(self, name: str, folder: str, rule: str) -> bool:
        """Whether a criterion would take it, whatever its `since` says."""
        far = dt.datetime.max.replace(tzinfo=dt.UTC)
        looks_like = PortalDocument(
            portal_id=name, name=name, folder=folder, signature="", size=0, arrived_at=far, content_sha256="",
            classification_rule=rule,
        )  # fmt: skip
        names = [one.name for one in self.configuration.criteria]
        return evaluate(looks_like, self.configuration.criteria, backfilled=names).matched


def _same(rule: str, document: NewDocument) -> bool:
    return document.classification_rule is not None and fold(rule) == fold(document.classification_rule)


def _linking(document: NewDocument, rules: Sequence[LinkRule]) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """Rule and metadata by which a document goes along with this one; InputError where no rule could find it."""
    if not rules:
        raise InputError("portal_knows_no_links", name=document.name)
    for rule in rules:
        if all(pair.invoice in document.metadata for pair in rule.pairs):
            return rule.attachment_rule, {pair.attachment: document.metadata[pair.invoice] for pair in rule.pairs}
    missing = [pair.invoice for pair in rules[0].pairs if pair.invoice not in document.metadata]
    raise InputError("link_needs_metadata", name=document.name, metadata=", ".join(missing))


def file_name(given: str) -> str:
    """The name, composed; InputError for one that is a path, hidden, too long, or shows as something else."""
    name = unicodedata.normalize("NFC", given).strip()
    if not name or name.startswith(".") or any(sign in "/\\" for sign in name) or _unfit(name):
        raise InputError("file_name_unfit", name=given)
    if len(name.encode()) > LONGEST_NAME:
        raise InputError("file_name_too_long", name=given, most=LONGEST_NAME)
    return name


def folder_path(given: str) -> str:
    """The folder with `/` before it; InputError for one that leads elsewhere or is hidden."""
    parts = [part.strip() for part in unicodedata.normalize("NFC", given).strip().strip("/").split("/")]
    parts = [] if parts == [""] else parts
    for part in parts:
        if not part or part.startswith(".") or "\\" in part or _unfit(part) or len(part.encode()) > LONGEST_NAME:
            raise InputError("folder_unfit", folder=given)
    return "/" + "/".join(parts)


def _unfit(text: str) -> bool:
    return any(unicodedata.category(sign) in _UNFIT or sign in _TURNING for sign in text)


def _ending(name: str) -> str:
    return PurePath(name).suffix.removeprefix(".").casefold()
