"""The searchable copy of a document: its pages as they are, upright, with the recognised words laid invisibly on them.

It is kept beside the original, for archives and search; what is submitted is always the original.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping

from include.domain.text import Page

logger = logging.getLogger(__name__)

_PLUGIN = "include.adapters.text.pdf.ocr_plugin"


def searchable_copy(content: bytes, recognised: Mapping[int, Page]) -> bytes | None:
    """The copy, with the words of the recognised pages (by number, from 1), or None where none can be made.

    Old invisible text of these pages, which was not trusted, is taken out.
    """
    import ocrmypdf

    from include.adapters.text.pdf import ocr_plugin

    out = io.BytesIO()
    try:
        given = _plain(content, recognised)
        ocr_plugin.hand_over({number - 1: page for number, page in recognised.items()})
        code = ocrmypdf.ocr(
            io.BytesIO(given),
            out,
            language=[ocr_plugin.LANGUAGE],
            mode="redo" if recognised else "skip",
            output_type="pdf",
            optimize=0,
            jobs=1,
            use_threads=True,
            progress_bar=False,
            pages=",".join(map(str, sorted(recognised))) or None,
            plugins=[_PLUGIN],
        )
    except Exception:  # several of its failures are neither ExitCodeException nor documented
        logger.warning("OCRmyPDF cannot make a searchable copy of a document", exc_info=True)
        return None
    if code != 0:
        logger.warning("OCRmyPDF cannot make a searchable copy of a document (exit code %s)", code)
        return None
    return out.getvalue()


def _plain(content: bytes, recognised: Mapping[int, Page]) -> bytes:
    """The pages alone, turned upright: no form, signature, script or encryption, which OCRmyPDF refuses or breaks."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as source, pikepdf.new() as copy:
        for number, page in enumerate(source.pages, start=1):
            copy.pages.append(page)
            mine = copy.pages[-1]
            mine.mediabox = mine.cropbox
            if "/Annots" in mine:
                del mine.Annots
            turned = recognised[number].turned if number in recognised else 0
            if turned:
                mine.rotate(turned, relative=True)
        out = io.BytesIO()
        copy.save(out)
        return out.getvalue()
