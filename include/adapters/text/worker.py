"""Reading one document, inside a worker process."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from include.adapters.text.cage import walls
from include.adapters.text.pdf import guard
from include.adapters.text.pdf.page_image import page_jpeg
from include.adapters.text.pdf.searchable import searchable_copy
from include.adapters.text.pdf.shown_page import shown_page
from include.adapters.text.pdf.signature import is_signed
from include.adapters.text.pdf.switched_off import without_switched_off
from include.adapters.text.pdf.text_layer import Layer, read_layer
from include.adapters.text.protocol import (
    Answer,
    Drawn,
    Picture,
    Request,
    read_request,
    unpacked,
    write_answer,
    write_walls,
)
from include.adapters.text.recognition.choice import Engines
from include.adapters.text.recognition.ocr import Recognition, recognise
from include.adapters.text.recognition.verification import confirmed
from include.adapters.text.xml import standard
from include.adapters.text.xml.facturx import EmbeddedInvoice, read_embedded
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.extraction.confidence import warnings
from include.domain.extraction.confidence.ambiguity import rows_missing, second_total
from include.domain.extraction.confidence.text_quality import Verdict, assess, known_count
from include.domain.extraction.fields.statements import statements
from include.domain.extraction.layout_memory.example import Memory
from include.domain.extraction.lexicon.lookalikes import listed_service
from include.domain.extraction.read_fields import page_candidates
from include.domain.fields import Candidate
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.text import Page, TextSource

if TYPE_CHECKING:
    import pypdfium2 as pdfium

logger = logging.getLogger(__name__)

MOST_RECOGNISED_PAGES = 20
"""Most pages of one document that are recognised: OCR takes about half a second a page, and totals and parties stand on
the first or the last pages of anything longer."""


GRACE_SECONDS = 10
"""Seconds after its parent's limit at which a worker ends itself."""


_engines = Engines()
"""The engines of this process: models are compiled at the first scan and stay."""


def main(project: str, scratch: str, memory_bytes: str) -> None:
    """The life of a worker: shuts the cage around itself, then reads documents until no more come.

    The pipes to the parent are moved away from stdin and stdout, where libraries may print.
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard_stream in (0, 1):
        os.dup2(nowhere, standard_stream)
    logging.basicConfig(level=logging.WARNING)
    walls.limit(int(memory_bytes))
    shut = walls.close(Path(project), Path(scratch))
    _load_libraries()
    write_walls(answers, shut)
    while (request := read_request(requests)) is not None:
        write_answer(answers, serve(request))


def _load_libraries() -> None:
    """Once, so that no document pays for it."""
    import lxml.etree
    import pikepdf
    import pypdfium2

    logger.debug("Reader ready: %s %s %s", lxml.etree.__name__, pikepdf.__name__, pypdfium2.__name__)


def serve(request: Request) -> Answer:
    """Reads one document, and ends the process if nobody else did so in time.

    The parent kills a worker that is too slow. A parent that was itself killed cannot: the alarm, whose default action
    ends the process even inside a library that never comes back, then leaves no worker behind.
    """
    signal.alarm(request.limits.seconds + GRACE_SECONDS)
    try:
        if request.picture is not None:
            return _draw(request.content, request.picture, request.limits)
        return read_document(request.content, request.limits, request.hints, unpacked(request.memory))
    except MemoryError:
        raise  # nothing can be trusted any more: the process ends, and its death is the answer
    except Exception:  # whatever a PDF library throws at a hostile file is that file's problem, not the batch's
        logger.warning("A document cannot be read", exc_info=True)
        return Answer(result=Reason(code="broken"))
    finally:
        signal.alarm(0)


def _draw(content: bytes, picture: Picture, limits: ReadingLimits) -> Answer:
    drawn = page_jpeg(content, picture.page, picture.width, limits)
    return Answer(result=drawn if isinstance(drawn, Reason) else Drawn(jpeg=drawn))


def read_document(content: bytes, limits: ReadingLimits, hints: ReadingHints, memory: Memory = ()) -> Answer:
    """The reading of one PDF, or the reason why there is none; `memory` are layouts that it may have."""
    refused = guard.check_bytes(content, limits)
    if refused:
        return Answer(result=refused)
    pdf = guard.open_pdf(content)
    if isinstance(pdf, Reason):
        return Answer(result=pdf)
    try:
        refused = guard.check_document(pdf, content, limits)
        pdf = pdf if refused else _as_shown(pdf, content)
        layers = refused or _layers(pdf)
        if isinstance(layers, Reason):
            return Answer(result=layers)
        recognition = _recognition(pdf, layers, limits)
        result = _read(pdf, content, layers, recognition, hints, memory)
        if isinstance(result, Reading):
            result = replace(result, signed=is_signed(content))
    finally:
        pdf.close()
    return Answer(result=result, searchable_copy=_copy(content, result, recognition, limits))


def _as_shown(pdf: pdfium.PdfDocument, content: bytes) -> pdfium.PdfDocument:
    """The document without the text of layers that are switched off."""
    import pypdfium2 as pdfium

    shown = without_switched_off(content)
    if shown is content:
        return pdf
    pdf.close()
    return pdfium.PdfDocument(shown)


def _copy(content: bytes, result: Reading | Reason, recognition: Recognition, limits: ReadingLimits) -> bytes | None:
    """The searchable copy where the settings want one; it holds the very words that the fields were read from."""
    wanted = limits.searchable_copy == "always" or (limits.searchable_copy == "scans" and recognition.scans)
    if isinstance(result, Reason) or not wanted:
        return None
    return searchable_copy(content, {page.number: page for page in result.pages if page.source == TextSource.OCR})


def _read(
    pdf: pdfium.PdfDocument,
    content: bytes,
    layers: Sequence[Layer],
    recognition: Recognition,
    hints: ReadingHints,
    memory: Memory,
) -> Reading | Reason:
    embedded = read_embedded(pdf, content)
    pages = [_better(layer, recognition.page(layer.page.number)) for layer in layers]
    if not any(page.lines for page in pages) and not embedded.candidates:
        return Reason(code=warnings.NO_ENGINE if recognition.impossible else "no_text")
    candidates = _candidates(pages, hints, memory)
    found = confirmed(candidates, pages, recognition, _engines)
    if service := listed_service(found, hints.service_codes):
        found["service_code"] = service
    found = {name: tuple(one.measured() for one in candidates) for name, candidates in found.items()}
    fields = _together(embedded.candidates, found)
    doubts = [doubt for doubt in (second_total(pages, found), rows_missing(pages, fields)) if doubt is not None]
    broken_rules = () if embedded.root is None else standard.check(embedded.root)
    return Reading(
        kind=_kind(pages, embedded),
        pages=tuple(pages),
        fields=fields,
        checks=(*_said(pages, embedded), *doubts, *broken_rules),
        warnings=tuple([*_warnings(pdf, embedded, layers, pages), *recognition.warnings()]),
    )


def _said(pages: Sequence[Page], embedded: EmbeddedInvoice) -> list[Reason]:
    """What data and page say of the document, each kind once: the data are asked first."""
    said = {reason.code: reason for reason in reversed((*embedded.reasons, *statements(pages)))}
    return list(reversed(said.values()))


def _candidates(pages: Sequence[Page], hints: ReadingHints, memory: Memory) -> dict[str, tuple[Candidate, ...]]:
    """What the pages give; a fault in what is remembered costs the memory, not the document."""
    sellers, buyers = hints.supplier_sirets, hints.recipient_sirets
    read = partial(page_candidates, pages, supplier_sirets=sellers, recipient_sirets=buyers)
    if memory:
        try:
            return read(memory=memory)
        except Exception:  # what was remembered may be of any shape: the rules read without it
            logger.warning("A document was read without layout memory", exc_info=True)
    return read()


def _warnings(
    pdf: pdfium.PdfDocument, embedded: EmbeddedInvoice, layers: Sequence[Layer], pages: Sequence[Page]
) -> Iterator[str]:
    if warnings.has_several_invoices(pages):
        yield warnings.TWO_INVOICES
    trusted = {page.number for page in pages if page.source == TextSource.TEXT}
    if any(warnings.hides_figures(layer.hidden, layer.page) for layer in layers if layer.page.number in trusted):
        yield warnings.HIDDEN_TEXT
    if embedded.broken:
        yield warnings.XML_BROKEN
    if guard.is_encrypted(pdf):
        yield warnings.RESTRICTED


def _layers(pdf: pdfium.PdfDocument) -> list[Layer] | Reason:
    layers = []
    for index in range(len(pdf)):
        page = shown_page(pdf, index)
        layer = read_layer(page, index + 1)
        page.close()
        if layer.pixels > guard.MOST_PIXELS:
            return Reason(code="page_too_large")
        layers.append(layer)
    return layers


def _recognition(pdf: pdfium.PdfDocument, layers: Sequence[Layer], limits: ReadingLimits) -> Recognition:
    """The pages whose layer cannot be trusted, recognised: of a long document the first ones and the last two."""
    doubtful = [layer.page.number for layer in layers if _verdict(layer) == Verdict.RECOGNISE]
    asked = [*doubtful[: MOST_RECOGNISED_PAGES - 2], *doubtful[MOST_RECOGNISED_PAGES - 2 :][-2:]]
    return recognise(pdf, asked, _engines, limits.engine)


def _verdict(layer: Layer) -> Verdict:
    if layer.wrong_map:
        return Verdict.RECOGNISE
    return assess(layer.page, image_share=layer.image_share, objects=layer.objects, drawn_letters=layer.drawn_letters)


def _better(layer: Layer, recognised: Page | None) -> Page:
    page = layer.page
    if recognised is None or (not layer.wrong_map and page.lines and known_count(page) > known_count(recognised)):
        return page
    return recognised


def _kind(pages: Sequence[Page], embedded: EmbeddedInvoice) -> DocumentKind:
    """A document with readable XML is Factur-X; a scan is one most of whose written pages were recognised."""
    if embedded.candidates:
        return DocumentKind.FACTURX
    written = [page for page in pages if page.lines]
    scanned = sum(page.source == TextSource.OCR for page in written)
    return DocumentKind.SCAN if scanned * 2 > len(written) else DocumentKind.DIGITAL


def _together(
    embedded: Mapping[str, Candidate], found: Mapping[str, tuple[Candidate, ...]]
) -> dict[str, tuple[Candidate, ...]]:
    """The XML's value first, the page's after it, so that a contradiction stays in sight."""
    names = [*embedded, *(name for name in found if name not in embedded)]
    return {name: ((embedded[name],) if name in embedded else ()) + tuple(found.get(name, ())) for name in names}
