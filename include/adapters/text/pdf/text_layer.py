"""The text layer of a page through pypdfium2: words with boxes, and what else lies on the page."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from include.adapters.text.pdf.frame import Frame
from include.adapters.text.pdf.glyph_shapes import FontCheck
from include.adapters.text.pdf.hidden import Suspects, address, is_filled, unseen
from include.domain.extraction.layout.rows import lines_of
from include.domain.text import Box, Line, Page, TextSource, Word

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_SIGNS = str.maketrans({"\x02": "-", "\ufffe": "-", "\x00": " "})
"""pdfium marks a hyphen at the end of a line with a control sign."""

_INVISIBLE = 3
"""Text rendering mode of text that is there for searching only (PDF 32000, 9.3.6)."""

_WIDEST_IN_WORD, _NARROW_BLANK, _FEWEST_BLANKS = 0.05, 0.11, 10
"""Gaps in heights of the line: what kerning leaves between letters at most, what stands between words at least, and how
many of the latter tell that a page has blanks which pdfium does not see."""

_SMALLEST_TEXT = 2.0
"""Text lower than this many points cannot be read by a person: it counts as hidden."""

_LETTER = 25
"""Segments of the outline of a letter, on average."""

_BOX = 5
"""Segments of a rectangle, which is no letter."""

_DEPTH = 4
"""How deep form objects are followed for images; pages of real invoices nest one or two."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What a page holds without OCR.

    `page` has the visible words, `hidden` the text that the page does not show. `image_share` is the part of the page
    that its largest image covers; `drawn_letters` is about how many letters are drawn as curves; `pixels` is the
    declared size of the largest image, read without decoding it. `wrong_map`: a font says other signs than it draws;
    its words are left out.
    """

    page: Page
    hidden: str
    image_share: float
    objects: int
    drawn_letters: int
    pixels: int
    wrong_map: bool


@dataclass(frozen=True, slots=True)
class _RawWord:
    """A word with the boxes of its first and last sign in the page's own coordinates (y upwards).

    `owner` is the address of its text object, 0 where nobody asked, and `font` that of its font.
    """

    text: str
    first: Box
    last: Box
    invisible: bool
    owner: int
    font: int


def read_layer(pdf_page: pdfium.PdfPage, number: int) -> Layer:
    """The words of the layer and the facts that the trust test and the guard want."""
    frame = Frame.of(pdf_page)
    objects = _ObjectCount(pdf_page, frame)
    suspects = objects.suspects.found()
    fonts = FontCheck()
    raw_words = list(_raw_words(pdf_page, fonts, look_for_invisible=objects.invisible_text > 0 or bool(suspects)))
    wrong_fonts = fonts.wrong()
    if wrong_fonts:
        raw_words = [word for word in raw_words if word.font not in wrong_fonts]
    unread = _unseen(pdf_page, frame, raw_words, suspects)
    turned = _reading_direction(raw_words, frame)
    frame = frame.turned_by(turned)
    visible: list[Word] = []
    sideways: list[Word] = []
    hidden: list[str] = []
    for raw in raw_words:
        word = Word(text=raw.text, box=frame.box(raw.first, raw.last))
        lies = frame.direction(raw.first, raw.last) % 180
        if raw.invisible or raw in unread or not frame.shows(word.box) or _font_height(word.box, lies) < _SMALLEST_TEXT:
            hidden.append(raw.text)
        elif lies:
            sideways.append(word)
        else:
            visible.append(word)
    page = Page(
        number=number,
        width=frame.width,
        height=frame.height,
        source=TextSource.TEXT,
        lines=lines_of(visible) + _sideways_lines(sideways),
        turned=turned,
    )
    return Layer(
        page=page,
        hidden=" ".join(hidden),
        image_share=objects.image_share,
        objects=objects.total,
        drawn_letters=objects.curves // _LETTER,
        pixels=objects.pixels,
        wrong_map=bool(wrong_fonts),
    )


def _unseen(
    pdf_page: pdfium.PdfPage, frame: Frame, words: list[_RawWord], suspects: dict[int, Any]
) -> frozenset[_RawWord]:
    """The words that the page holds and does not show."""
    doubtful = [word for word in words if word.owner in suspects]
    if not doubtful:
        return frozenset()
    hidden = unseen(pdf_page, suspects.values(), [frame.box(word.first, word.last) for word in doubtful])
    return frozenset(word for word, never in zip(doubtful, hidden, strict=True) if never)


def _font_height(box: Box, lies: int) -> float:
    return box[2] - box[0] if lies else box[3] - box[1]


def _reading_direction(words: list[_RawWord], frame: Frame) -> int:
    """By how much the page must be turned so that most of its words read from left to right."""
    turns = Counter(frame.direction(word.first, word.last) for word in words if len(word.text) >= 3)
    return turns.most_common(1)[0][0] if turns else 0


def _sideways_lines(words: list[Word]) -> tuple[Line, ...]:
    """Text that runs up or down the margin: the words one after another as long as they stand on one column."""
    lines: list[list[Word]] = []
    for word in words:
        middle = (word.box[0] + word.box[2]) / 2
        if lines and lines[-1][-1].box[0] <= middle <= lines[-1][-1].box[2]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(Line(words=tuple(line)) for line in lines)


def _raw_words(pdf_page: pdfium.PdfPage, fonts: FontCheck, *, look_for_invisible: bool) -> Iterator[_RawWord]:
    """The words in the order of the layer, cut at blanks (pdfium adds blanks where signs stand apart)."""
    import pypdfium2.raw as pdfium_c

    text_page = pdf_page.get_textpage()
    try:
        text = _signs(text_page)
        reach = _CharBoxes(text_page)
        for start, index in _runs(text, text_page, reach):
            invisible, key, font = False, 0, 0
            word = "".join(text[start:index])
            if owner := pdfium_c.FPDFText_GetTextObject(text_page.raw, start):
                used = pdfium_c.FPDFTextObj_GetFont(owner)
                font = address(used)
                fonts.saw(font, used, word)
                if look_for_invisible:
                    invisible = pdfium_c.FPDFTextObj_GetTextRenderMode(owner) == _INVISIBLE
                    key = address(owner)
            yield _RawWord(word, reach.box(start), reach.box(index - 1), invisible, key, font)
    finally:
        text_page.close()


def _runs(text: list[str], text_page: pdfium.PdfTextPage, reach: _CharBoxes) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends. Where a page prints no blanks, words also end at gaps too small for pdfium."""
    runs: list[tuple[int, int]] = []
    start = None
    for index, sign in enumerate((*text, " ")):
        if not sign.isspace() and sign.isprintable():
            start = index if start is None else start
            continue
        if start is not None:
            runs.append((start, index))
        start = None
    return _cut_at_gaps(runs, reach) if _prints_no_blanks(text, text_page) else iter(runs)


def _cut_at_gaps(runs: list[tuple[int, int]], reach: _CharBoxes) -> Iterator[tuple[int, int]]:
    """The runs cut at narrow blanks, if the page has such: gaps of no other width lie between those and letters."""
    gaps = {index: gap for start, end in runs for index, gap in reach.gaps(start, end)}
    narrow = [gap for gap in gaps.values() if gap >= _NARROW_BLANK]
    if len(narrow) < _FEWEST_BLANKS or any(_WIDEST_IN_WORD < gap < _NARROW_BLANK for gap in gaps.values()):
        yield from runs
        return
    for start, end in runs:
        cuts = [start, *(index for index in range(start + 1, end) if gaps[index] >= _NARROW_BLANK), end]
        yield from pairwise(cuts)


def _prints_no_blanks(text: list[str], text_page: pdfium.PdfTextPage) -> bool:
    """Whether pdfium added every blank of a page: some programs print gaps in place of them."""
    import pypdfium2.raw as pdfium_c

    return all(pdfium_c.FPDFText_IsGenerated(text_page.raw, at) == 1 for at, sign in enumerate(text) if sign == " ")


def _signs(text_page: pdfium.PdfTextPage) -> list[str]:
    """One entry for each sign of pdfium's index, so that positions in the text and boxes agree."""
    import pypdfium2.raw as pdfium_c

    count = text_page.count_chars()
    if count <= 0:
        return []
    buffer = ctypes.create_string_buffer((count + 1) * 2)
    written = pdfium_c.FPDFText_GetText(text_page.raw, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    text = buffer.raw[: max(written - 1, 0) * 2].decode("utf-16-le", errors="replace")
    if len(text) != count:
        text = "".join(_sign(pdfium_c.FPDFText_GetUnicode(text_page.raw, index)) for index in range(count))
    return list(text.translate(_SIGNS))


def _sign(code: int) -> str:
    return chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else " "


class _CharBoxes:
    """Boxes of signs, from ascender to descender of their font, so that words of one line are equally high."""

    def __init__(self, text_page: pdfium.PdfTextPage) -> None:
        import pypdfium2.raw as pdfium_c

        self._raw = text_page.raw
        self._ask = pdfium_c.FPDFText_GetLooseCharBox
        self._rect = pdfium_c.FS_RECTF()

    def box(self, index: int) -> Box:
        """Left, bottom, right, top."""
        if not self._ask(self._raw, index, self._rect):
            return (0.0, 0.0, 0.0, 0.0)
        return (self._rect.left, self._rect.bottom, self._rect.right, self._rect.top)

    def gaps(self, start: int, end: int) -> Iterator[tuple[int, float]]:
        """The blank before each sign but the first of a run, in heights of the sign before it."""
        boxes = [self.box(index) for index in range(start, end)]
        for index, (left, right) in enumerate(pairwise(boxes), start + 1):
            yield index, (right[0] - left[2]) / (left[3] - left[1] or 1.0)


def _curves(raw: Any) -> int:
    """Segments of a filled drawing that is more than a box."""
    import pypdfium2.raw as pdfium_c

    segments = int(pdfium_c.FPDFPath_CountSegments(raw))
    return segments if segments > _BOX else 0


class _ObjectCount:
    """What lies on the page besides text; images are looked at without decoding them."""

    def __init__(self, pdf_page: pdfium.PdfPage, frame: Frame) -> None:
        self.total = 0
        self.curves = 0
        self.pixels = 0
        self.invisible_text = 0
        self.image_share = 0.0
        self.suspects = Suspects()
        area = frame.width * frame.height
        import pypdfium2.raw as pdfium_c

        for item in pdf_page.get_objects(max_depth=_DEPTH):
            self.total += 1
            if item.type == pdfium_c.FPDF_PAGEOBJ_PATH:
                if is_filled(item.raw):
                    self.suspects.cover(self.total, item)
                    self.curves += _curves(item.raw)
            elif item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
                self.invisible_text += pdfium_c.FPDFTextObj_GetTextRenderMode(item.raw) == _INVISIBLE
                self.suspects.text(self.total, item)
            elif item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                self._image(item, area)
                self.suspects.cover(self.total, item)

    def _image(self, item: Any, area: float) -> None:
        width, height = item.get_px_size()
        self.pixels = max(self.pixels, width * height)
        left, bottom, right, top = item.get_bounds()
        self.image_share = max(self.image_share, abs((right - left) * (top - bottom)) / area if area else 0.0)
