"""Domain values to JSON columns and back; pydantic does the work, this names the types that are stored."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import TypeAdapter

from include.application.storage_ports import Edit
from include.domain.correction import Correction
from include.domain.directory import DirectoryEntry, SupplierAccount
from include.domain.extraction.memory.example import Example
from include.domain.fields import Reading
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, Submission

Reasons = tuple[Reason, ...]
Edits = dict[str, Edit]
Found = tuple[RemoteInvoice, ...]


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(kind: Any, value: Any) -> Any:
    """The value as JSON data; `kind` is the type it has."""
    return _adapter(kind).dump_python(value, mode="json")


def load(kind: Any, data: Any) -> Any:
    """The value of that type from JSON data."""
    return _adapter(kind).validate_python(data)


STORED_KINDS = (Draft, Reading, Reasons, Edits, Found, Submission, Correction, DirectoryEntry, SupplierAccount, Example)
"""Every type that is kept as JSON; a test takes each there and back."""
