"""Which linked documents go along, and whether the platform would take the files (API pages 1.4 and 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from include.domain.completeness.case import Case
from include.domain.configuration import Attachments, Provider
from include.domain.document import PortalDocument
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.values import fold

_EXTENSIONS = """
    bmp gif fax odt ppt tiff xls bz2 gz jpeg p7s rtf txt xml csv gzip jpg pdf svg xhtml xlsx doc htm odp png tgz xlc zip
    docx html ods pps tif xlm pptx
"""
EXTENSIONS = frozenset(_EXTENSIONS.split())
"""What an attachment's name may end with."""
MAX_FILE = 10_000_000
"""Bytes of one file; taken as 10 million, the smaller reading of 10 MB."""
MAX_ALL = 120_000_000
"""Bytes of an invoice with its attachments."""


def switched_on(draft: Draft, settings: Attachments) -> bool:
    """Whether the invoice's switch metadata says that attachments go along."""
    values = (draft.text("attachment_switch") or "").split(";")
    return fold(settings.switch_value) in {fold(value) for value in values}


def attachments_wanted(draft: Draft, provider: Provider | Reason, settings: Attachments, *, has_switch: bool) -> bool:
    """Whether linked documents go along: the provider sends them, and no switch says otherwise.

    `has_switch` says that a metadata is associated with the switch: without one, attachments always go.
    """
    if isinstance(provider, Reason) or not provider.send_attachments:
        return False
    return switched_on(draft, settings) or not (has_switch or "attachment_switch" in draft.fields)


def chosen_attachments(linked: Sequence[PortalDocument], invoice: PortalDocument) -> tuple[PortalDocument, ...]:
    """The linked documents, the same bytes once; never those of the invoice itself."""
    others: dict[str, PortalDocument] = {}
    for document in linked:
        if document.portal_id != invoice.portal_id and document.content_sha256 != invoice.content_sha256:
            others.setdefault(document.content_sha256, document)
    return tuple(others.values())


def file_reasons(case: Case, settings: Attachments) -> Iterator[Reason]:
    """Files that the platform would refuse. A name over 50 characters is none: it is shortened when it is sent."""
    if case.document.size >= MAX_FILE:
        yield Reason(code="main_file_too_large", params={"megabytes": _megabytes(case.document.size)})
    provider = case.known_provider
    if provider is None or not provider.send_attachments:
        return
    for name in case.missing_attachments:
        yield Reason(code="attachment_missing", params={"name": name})
    if switched_on(case.draft, settings) and not case.attachments and not case.missing_attachments:
        yield Reason(code="attachments_missing", field="attachment_switch", params={"switch": settings.switch_value})
    for attachment in case.attachments:
        yield from _attachment(attachment)
    total = case.document.size + sum(attachment.size for attachment in case.attachments)
    if total >= MAX_ALL:
        yield Reason(code="attachments_too_large", params={"megabytes": _megabytes(total)})


def _attachment(document: PortalDocument) -> Iterator[Reason]:
    params = {"name": document.name}
    extension = PurePath(document.name).suffix.removeprefix(".").lower()
    if extension not in EXTENSIONS:
        yield Reason(code="attachment_type", params=params)
    if document.size == 0:
        yield Reason(code="attachment_empty", params=params)
    elif document.size >= MAX_FILE:
        yield Reason(code="attachment_too_large", params={**params, "megabytes": _megabytes(document.size)})


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
