"""Files embedded in a PDF, wherever it keeps them: named, associated (`/AF`), or behind an annotation.

pdfium lists the named ones only. The others are looked for among the objects (ISO 32000-2, 7.11.4, 14.13), and only in
files that hold an embedded file at all.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.adapters.text.xml.xml_tree import LARGEST

if TYPE_CHECKING:
    import pypdfium2 as pdfium

logger = logging.getLogger(__name__)

MOST = 50
"""Embedded files that are looked at."""

_MOST_OBJECTS = 2_000
"""Pages and annotations that are looked through for more of them."""

_MARKS = (b"/EmbeddedFile", b"/FileAttachment", b"/EF")


@dataclass(frozen=True, kw_only=True)
class EmbeddedFile:
    """A file's name in lower case, and its bytes; none where they cannot be had, or are too many."""

    name: str
    content: bytes


def named_files(pdf: pdfium.PdfDocument) -> Iterator[EmbeddedFile]:
    """The files of the PDF's own list."""
    from pypdfium2 import PdfiumError

    for index in range(min(pdf.count_attachments(), MOST)):
        attachment = pdf.get_attachment(index)
        try:
            content = bytes(attachment.get_data())
        except PdfiumError:
            logger.info("An attachment of the PDF cannot be read")
            content = b""
        yield EmbeddedFile(name=attachment.get_name().lower(), content=_bounded(content))


def other_files(content: bytes) -> Iterator[EmbeddedFile]:
    """Associated files of the document and of its pages, and those behind an annotation."""
    if not any(mark in content for mark in _MARKS):
        return
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            yield from [_file(found) for found, _ in zip(_specifications(pdf), range(MOST), strict=False)]
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        logger.info("The objects of the PDF cannot be searched for embedded files")


def _specifications(pdf: Any) -> Iterator[Any]:
    """File specifications with an embedded file, each once."""
    seen: set[tuple[int, int]] = set()
    for found in _candidates(pdf):
        key = found.objgen
        if "/EF" in found and (key == (0, 0) or key not in seen):
            seen.add(key)
            yield found


def _candidates(pdf: Any) -> Iterator[Any]:
    yield from _dictionaries(pdf.Root.get("/AF"))
    for page, _ in zip(pdf.pages, range(_MOST_OBJECTS), strict=False):
        yield from _dictionaries(page.obj.get("/AF"))
        for annotation, _ in zip(_dictionaries(page.obj.get("/Annots")), range(_MOST_OBJECTS), strict=False):
            yield from _dictionaries(annotation.get("/AF"))
            yield from _dictionaries(annotation.get("/FS"))


def _dictionaries(found: Any) -> Iterator[Any]:
    import pikepdf

    if isinstance(found, pikepdf.Dictionary):
        yield found
    elif isinstance(found, pikepdf.Array):
        for item in found:
            if isinstance(item, pikepdf.Dictionary):
                yield item


def _file(specification: Any) -> EmbeddedFile:
    stream = specification["/EF"].get("/UF", specification["/EF"].get("/F"))
    name = str(specification.get("/UF", specification.get("/F", "")))
    length = int(stream.get("/Length", 0))
    content = stream.read_bytes() if 0 < length <= LARGEST else b""
    return EmbeddedFile(name=name.lower(), content=_bounded(content))


def _bounded(content: bytes) -> bytes:
    return content if len(content) <= LARGEST else b""
