"""Reading one document, inside a worker process."""

from __future__ import annotations

import logging
import pickle
import resource
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from include.adapters.text import guard, standard
from include.adapters.text.facturx import EmbeddedInvoice, read_embedded
from include.adapters.text.ocr import Recognition, recognise
from include.adapters.text.pdf_layer import Layer, read_layer
from include.adapters.text.recognition.choice import Engines
from include.adapters.text.searchable import searchable_copy
from include.adapters.text.testimony import confirmed
from include.application.ports import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.extraction import warnings
from include.domain.extraction.doubts import second_total
from include.domain.extraction.fields import page_candidates
from include.domain.extraction.lookalikes import listed_service
from include.domain.extraction.memory.example import Memory
from include.domain.extraction.trust import Verdict, judge, known_share
from include.domain.fields import Candidate, DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.text import Page, TextSource

if TYPE_CHECKING:
    import pypdfium2 as pdfium

logger = logging.getLogger(__name__)

MOST_RECOGNISED_PAGES = 20
"""OCR takes about half a second a page: totals and parties stand on the first or the last pages of anything longer."""


GRACE_SECONDS = 10
"""How much later than its parent a worker ends itself."""


_engines = Engines()
"""Those of this process: models are compiled at the first scan and stay."""


def prepare(memory_bytes: int) -> None:
    """Runs once in a new worker: bounds its memory and loads the libraries, so that no document pays for it."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import lxml.etree
    import pikepdf
    import pypdfium2

    logger.debug("Reader ready: %s %s %s", lxml.etree.__name__, pikepdf.__name__, pypdfium2.__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a worker gives: the reading or why there is none, and the searchable copy if one was asked for."""

    result: Reading | Reason
    searchable_copy: bytes | None = None


def serve(content: bytes, limits: ReadingLimits, hints: ReadingHints, memory: bytes = b"") -> Answer:
    """The task of a worker process: reads one document, and ends the process if nobody else did so in time.

    The parent kills a worker that is too slow. A parent that was itself killed cannot: the alarm, whose default action
    ends the process even inside a library that never comes back, then leaves no worker behind.
    """
    signal.alarm(limits.seconds + GRACE_SECONDS)
    try:
        return read_document(content, limits, hints, _unpacked(memory) if memory else ())
    finally:
        signal.alarm(0)


@lru_cache(maxsize=8)
def _unpacked(memory: bytes) -> Memory:
    """A memory from our own parent; the same for all documents of a rule."""
    found: Memory = pickle.loads(memory)
    return found


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
        layers = refused or _layers(pdf)
        if isinstance(layers, Reason):
            return Answer(result=layers)
        recognition = _recognition(pdf, layers, limits)
        result = _read(pdf, layers, recognition, hints, memory)
    finally:
        pdf.close()
    return Answer(result=result, searchable_copy=_copy(content, result, recognition, limits))


def _copy(content: bytes, result: Reading | Reason, recognition: Recognition, limits: ReadingLimits) -> bytes | None:
    """The searchable copy where the settings want one; it holds the very words that the fields were read from."""
    wanted = limits.searchable_copy == "always" or (limits.searchable_copy == "scans" and recognition.scans)
    if isinstance(result, Reason) or not wanted:
        return None
    return searchable_copy(content, {page.number: page for page in result.pages if page.source == TextSource.OCR})


def _read(
    pdf: pdfium.PdfDocument, layers: Sequence[Layer], recognition: Recognition, hints: ReadingHints, memory: Memory
) -> Reading | Reason:
    embedded = read_embedded(pdf)
    pages = [_better(layer.page, recognition.page(layer.page.number)) for layer in layers]
    if not any(page.lines for page in pages) and not embedded.candidates:
        return Reason(code=warnings.NO_ENGINE if recognition.impossible else "no_text")
    candidates = _candidates(pages, hints, memory)
    found = confirmed(candidates, pages, recognition, _engines)
    if service := listed_service(found, hints.service_codes):
        found["service_code"] = service
    doubt = second_total(pages, found)
    broken_rules = () if embedded.root is None else standard.check(embedded.root)
    return Reading(
        kind=_kind(pages, embedded),
        pages=tuple(pages),
        fields=_together(embedded.candidates, found),
        checks=broken_rules if doubt is None else (doubt, *broken_rules),
        warnings=tuple([*_warnings(pdf, embedded, layers, pages), *recognition.warnings()]),
    )


def _candidates(pages: Sequence[Page], hints: ReadingHints, memory: Memory) -> dict[str, tuple[Candidate, ...]]:
    """What the pages give; a fault in what is remembered costs the memory, not the document."""
    sellers, buyers = hints.supplier_sirets, hints.recipient_sirets
    read = partial(page_candidates, pages, supplier_sirets=sellers, recipient_sirets=buyers)
    if memory:
        try:
            return read(memory=memory)
        except Exception:
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
        page = pdf[index]
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
    return judge(layer.page, image_share=layer.image_share, objects=layer.objects, paths=layer.paths)


def _better(page: Page, recognised: Page | None) -> Page:
    if recognised is None or (page.lines and known_share(page) > known_share(recognised)):
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
