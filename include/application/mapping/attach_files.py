"""What a person does about the files that go along with an invoice: add, leave out, bring back, give a type.

Whoever does not see the document finds that it is not there; `expected` is the version of the invoice that the page
showed: where it is another one by now, nothing is changed. Once an invoice is on its way nothing changes either: what
goes out is what its version says (docs/reference/exactly-once.md 2).

Bytes are stored before the row names them; what nobody names in the end harms nobody.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from include.application.mapping.edit_document import DocumentEditing
from include.application.ports.assessments import AssessmentWork
from include.application.ports.document_views import AttachmentRow, DocumentDetail
from include.domain.attachments import AddedFile, AttachmentEdits, is_what_it_says, safe_name
from include.domain.completeness.attachments import MAX_ALL, MAX_FILE, extension_reason
from include.domain.errors import InputError, MoveForbiddenError, NotThereError, StaleError
from include.domain.reasons import Reason

MOST_FILES = 100
"""Files that a person may add to one invoice."""

_TYPE = re.compile(r"[A-Z0-9_]{1,50}")


@dataclass(frozen=True, kw_only=True)
class OfferedFile:
    """A file from outside: name as it was given, bytes, and the platform's type code, None: decided when it is sent."""

    name: str
    content: bytes
    type: str | None = None


class FileRefusedError(InputError):
    """A file cannot go along; `reason` says why, in the words that an assessment would use."""

    reason: Reason


def add_files(editing: DocumentEditing, document_id: int, files: Sequence[OfferedFile], *, expected: int) -> None:
    """Adds all of them or none. FileRefusedError, StaleError, MoveForbiddenError."""
    work = _opened(editing, document_id, expected)
    if not files:
        raise InputError("no_file_given")
    kept, added = work.attachment_edits, []
    taken = {file.sha256 for file in kept.added} | {
        linked.content_sha256 for linked in work.linked if linked.portal_id not in kept.left_out
    }
    size = work.document.size + sum(one.bytes or 0 for one in _detail(editing, document_id).attached)
    for file in files:
        name = safe_name(file.name)
        sha256 = hashlib.sha256(file.content).hexdigest()
        _refuse(_fault(name, file.content, size, own=sha256 == work.content_sha256, there=sha256 in taken))
        size += len(file.content)
        taken.add(sha256)
        added.append((dataclasses.replace(file, name=name, type=_type(file.type)), sha256))
    if len(kept.added) + len(added) > MOST_FILES:
        _refuse(Reason(code="attachments_too_many", params={"limit": str(MOST_FILES)}))
    now = editing.clock.now()
    stored = [
        AddedFile(
            name=file.name,
            sha256=editing.files.put(file.content),
            size=len(file.content),
            type=file.type,
            actor=editing.actor,
            at=now,
        )
        for file, _ in added
    ]
    _store(editing, work, kept.with_added(*stored))


def leave_out(editing: DocumentEditing, document_id: int, number: int, *, expected: int) -> None:
    """The file with this number does not go along any more; an added one is forgotten."""
    work = _opened(editing, document_id, expected)
    _store(editing, work, work.attachment_edits.without(_numbered(editing, document_id, number).portal_id))


def bring_back(editing: DocumentEditing, document_id: int, portal_id: str, *, expected: int) -> None:
    """What was left out goes along again."""
    work = _opened(editing, document_id, expected)
    edits = work.attachment_edits
    if portal_id not in edits.left_out:
        raise NotThereError("no_such_attachment", document_id=document_id, attachment=portal_id)
    kept = tuple(one for one in edits.left_out if one != portal_id)
    _store(editing, work, dataclasses.replace(edits, left_out=kept))


def give_type(editing: DocumentEditing, document_id: int, number: int, code: str | None, *, expected: int) -> None:
    """The type under which the platform files it; None: that of the rule, or the one decided when it is sent."""
    work = _opened(editing, document_id, expected)
    key = _numbered(editing, document_id, number).portal_id
    _store(editing, work, work.attachment_edits.with_type(key, _type(code)))


def _opened(editing: DocumentEditing, document_id: int, expected: int) -> AssessmentWork:
    """The invoice as the person saw it; the store looks once more when it writes."""
    row = _detail(editing, document_id).row
    work = editing.assessments.opened(document_id)
    if row.version != expected:
        raise StaleError("invoice_changed_meanwhile", invoice_id=row.invoice_id)
    if work is None:
        raise MoveForbiddenError("attachments_frozen", invoice_id=row.invoice_id, state=row.state)
    if work.row_version.version != expected:
        raise StaleError("invoice_changed_meanwhile", invoice_id=row.invoice_id)
    return work


def _detail(editing: DocumentEditing, document_id: int) -> DocumentDetail:
    detail = editing.documents.detail(editing.viewer, document_id)
    if detail is None:
        raise NotThereError("no_such_document", documents=document_id)
    return detail


def _numbered(editing: DocumentEditing, document_id: int, number: int) -> AttachmentRow:
    found = next((one for one in _detail(editing, document_id).attached if one.n == number), None)
    if found is None:
        raise NotThereError("no_such_attachment", document_id=document_id, attachment=number)
    return found


def _store(editing: DocumentEditing, work: AssessmentWork, edits: AttachmentEdits) -> None:
    held = work.row_version
    editing.assessments.edit_attachments(
        held.invoice_id, edits, actor=editing.actor, now=editing.clock.now(), expected=held.version
    )


def _type(code: str | None) -> str | None:
    """A code of the platform's list, which is asked when the invoice is sent."""
    wanted = (code or "").strip().upper()
    if wanted and not _TYPE.fullmatch(wanted):
        raise InputError("no_attachment_type", text=code)
    return wanted or None


def _fault(name: str, content: bytes, others: int, *, own: bool, there: bool) -> Reason | None:
    """What is wrong with one file beside `others` bytes: size first, then its kind, then the rest."""
    params = {"name": name}
    if len(content) >= MAX_FILE:
        return Reason(code="attachment_too_large", params={**params, "megabytes": _megabytes(len(content))})
    if others + len(content) >= MAX_ALL:
        return Reason(code="attachments_too_large", params={"megabytes": _megabytes(others + len(content))})
    if (wrong := extension_reason(name)) is not None:
        return wrong
    if not content:
        return Reason(code="attachment_empty", params=params)
    if not is_what_it_says(name, content):
        return Reason(code="attachment_is_something_else", params=params)
    if own:
        return Reason(code="attachment_is_invoice", params=params)
    return Reason(code="attachment_there", params=params) if there else None


def _refuse(reason: Reason | None) -> None:
    if reason is None:
        return
    error = FileRefusedError("attachment_refused", reason=reason)
    error.reason = reason
    raise error


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
