"""Domain values to JSON columns and back; pydantic does the work, this names the types that are stored."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import TypeAdapter

from include.adapters.storage.core.stored_shapes import from_stored, to_stored
from include.domain.attachments import NOTHING_EDITED, AttachmentEdits
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice
from include.domain.transitions.mapping import Edit

Reasons = tuple[Reason, ...]
Edits = dict[str, Edit]
Found = tuple[RemoteInvoice, ...]


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def load_attachment_edits(data: Any) -> AttachmentEdits:
    """What a person did to the files of an invoice; nothing where the column is empty."""
    edits: AttachmentEdits = load(AttachmentEdits, data) if data else NOTHING_EDITED
    return edits


def dump(kind: Any, value: Any) -> Any:
    """The value as JSON data; `kind` is the type it has."""
    return to_stored(kind, _adapter(kind).dump_python(value, mode="json"))


def load(kind: Any, data: Any) -> Any:
    """The value of that type from JSON data."""
    return _adapter(kind).validate_python(from_stored(kind, data))
