"""Which linked documents go along, and whether the platform would take the files.

Source: docs/reference/chorus-pro-api.md 1.4 and 5.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.domain.attachments import NOTHING_EDITED, AttachmentEdits, extension_of
from include.domain.completeness.validation_input import ValidationInput
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


def chosen_attachments(
    linked: Sequence[PortalDocument], invoice: PortalDocument, edits: AttachmentEdits = NOTHING_EDITED
) -> tuple[PortalDocument, ...]:
    """The linked documents but for those left out, and what a person added; the same bytes once, never the invoice's.

    What was added goes along whatever provider and switch say of the linked ones: somebody decided on this invoice.
    """
    others: dict[str, PortalDocument] = {}
    kept = [document for document in linked if document.portal_id not in edits.left_out]
    for document in (*kept, *(file.document for file in edits.added)):
        if document.portal_id != invoice.portal_id and document.content_sha256 != invoice.content_sha256:
            others.setdefault(document.content_sha256, document)
    return tuple(others.values())


def file_reasons(case: ValidationInput, settings: Attachments) -> Iterator[Reason]:
    """Files that the platform would refuse. A name over 50 characters is none: it is shortened when it is sent."""
    if case.document.size >= MAX_FILE:
        yield Reason(code="main_file_too_large", params={"megabytes": _megabytes(case.document.size)})
    provider = case.known_provider
    if provider is None:
        return
    if provider.send_attachments:
        for name in case.missing_attachments:
            yield Reason(code="attachment_missing", params={"name": name})
        if switched_on(case.draft, settings) and not case.attachments and not case.missing_attachments:
            params = {"switch": settings.switch_value}
            yield Reason(code="attachments_missing", field="attachment_switch", params=params)
    for attachment in case.attachments:
        yield from attachment_reasons(attachment)
    total = case.document.size + sum(attachment.size for attachment in case.attachments)
    if total >= MAX_ALL:
        yield Reason(code="attachments_too_large", params={"megabytes": _megabytes(total)})


def extension_reason(name: str) -> Reason | None:
    """Whether the platform takes a file that is called so."""
    return None if extension_of(name) in EXTENSIONS else Reason(code="attachment_type", params={"name": name})


def attachment_reasons(document: PortalDocument) -> Iterator[Reason]:
    """Why the platform would not take this file beside an invoice."""
    params = {"name": document.name}
    if (wrong := extension_reason(document.name)) is not None:
        yield wrong
    if document.size == 0:
        yield Reason(code="attachment_empty", params=params)
    elif document.size >= MAX_FILE:
        yield Reason(code="attachment_too_large", params={**params, "megabytes": _megabytes(document.size)})


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
