"""Whether a PDF carries a digital signature, by its objects: the bytes alone may hide one, or only speak of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

MOST_FIELDS = 10_000
"""Form fields that are looked at: a form of more is an attack on whoever reads it."""


def is_signed(content: bytes) -> bool | None:
    """Whether a signature field of the form holds a signature (ISO 32000-1, 12.7.4.5 and 12.8.1).

    None where the objects cannot be read; pdfium repairs more files than pikepdf does.
    """
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return any(_is_signature(value) for value in _values_of_signature_fields(pdf.Root))
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        return None


def _values_of_signature_fields(root: Any) -> Iterator[Any]:
    """The values of fields of type Sig, which a field may inherit from those above it."""
    seen: set[tuple[int, int]] = set()
    waiting = [(one, None) for one in _array(_dictionary(root.get("/AcroForm")).get("/Fields"))]
    for _ in range(MOST_FIELDS):
        if not waiting:
            return
        found, inherited = waiting.pop()
        key, field = found.objgen if hasattr(found, "objgen") else (0, 0), _dictionary(found)
        if key != (0, 0) and key in seen:
            continue
        seen.add(key)
        kind = field.get("/FT", inherited)
        if kind == "/Sig":
            yield field.get("/V")
        waiting += [(kid, kind) for kid in _array(field.get("/Kids"))]


def _is_signature(value: Any) -> bool:
    import pikepdf

    signature = _dictionary(value)
    contents = signature.get("/Contents")
    return bool(_array(signature.get("/ByteRange"))) and isinstance(contents, pikepdf.String) and bool(bytes(contents))


def _dictionary(found: Any) -> Any:
    """The object if it is a dictionary, else one without entries."""
    import pikepdf

    return found if isinstance(found, pikepdf.Dictionary) else {}


def _array(found: Any) -> Any:
    """The object if it is an array, else one without items."""
    import pikepdf

    return found if isinstance(found, pikepdf.Array) else ()
