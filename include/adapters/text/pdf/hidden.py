"""Text that is on a page and not to be seen: white on white, under an image or a filled box, transparent, clipped.

Which text may be hidden is told by its colour and by what is drawn over it; whether it is, by painting the page with
and without it: a word that changes nothing was not there for anybody to read. Pages without such text are not painted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from include.domain.text import Box

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_INVISIBLE = 3
"""Text rendering mode that paints nothing (PDF 32000, 9.3.6)."""

_LIGHT = 190
"""Brightness of a fill colour, of 255, from which on it may be that of the paper."""

_FAINT = 60
"""Opacity, of 255, below which text may not be seen."""

_THIN = 3.0
"""Points: rules and borders cover no text."""

_CHANGED = 12
"""By how many of 255 steps of grey a word has to change a pixel to be seen."""

_MOST_COVERS = 2000


class Suspects:
    """Text objects that may be hidden, collected while the objects of a page are looked through in painting order."""

    def __init__(self) -> None:
        self._texts: list[tuple[int, Any, Box, int]] = []
        self._covers: list[tuple[int, Box, int]] = []
        self._light: dict[int, Any] = {}

    def text(self, order: int, item: Any) -> None:
        """A text object, the `order`-th of the page."""
        self._texts.append((order, item.raw, item.get_bounds(), item.level))
        if _is_light(item.raw):
            self._light[address(item.raw)] = item.raw

    def cover(self, order: int, item: Any) -> None:
        """An image or a filled drawing."""
        left, bottom, right, top = item.get_bounds()
        if right - left > _THIN and top - bottom > _THIN and len(self._covers) < _MOST_COVERS:
            self._covers.append((order, (left, bottom, right, top), item.level))

    def found(self) -> dict[int, Any]:
        """The objects by address."""
        found = dict(self._light)
        if self._covers and self._texts and self._texts[0][0] < self._covers[-1][0]:
            found.update((address(raw), raw) for raw in self._covered())
        return found

    def _covered(self) -> Iterable[Any]:
        """Texts over which something is drawn later; inside a form places are not comparable, so order decides."""
        import numpy as np

        orders = np.array([order for order, _, _, _ in self._texts])
        boxes = np.array([box for _, _, box, _ in self._texts])
        nested = np.array([level > 0 for _, _, _, level in self._texts])
        under = np.zeros(len(orders), dtype=bool)
        for order, (left, bottom, right, top), level in self._covers:
            crosses = (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < top) & (boxes[:, 3] > bottom)
            under |= (orders < order) & (crosses | nested | (level > 0))
        return [self._texts[index][1] for index in np.flatnonzero(under)]


def address(raw: Any) -> int:
    """What tells one object of pdfium from another."""
    return int(ctypes.cast(raw, ctypes.c_void_p).value or 0)


def is_filled(raw: Any) -> bool:
    """Whether a drawing covers what is under it."""
    import pypdfium2.raw as pdfium_c

    mode, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(pdfium_c.FPDFPath_GetDrawMode(raw, mode, stroke)) and mode.value != 0


def unseen(pdf_page: pdfium.PdfPage, suspects: Iterable[Any], boxes: Sequence[Box]) -> list[bool]:
    """For each box of a suspected word (points from the upper left corner as shown) whether nobody sees the word.

    The suspects are made invisible in memory for that; the page is of no use for painting afterwards.
    """
    import numpy as np
    import pypdfium2.raw as pdfium_c

    before = _painted(pdf_page)
    for raw in suspects:
        pdfium_c.FPDFTextObj_SetTextRenderMode(raw, _INVISIBLE)
    changed = np.abs(before - _painted(pdf_page)) > _CHANGED
    return [not changed[_span(box[1], box[3]), _span(box[0], box[2])].any() for box in boxes]


def _painted(pdf_page: pdfium.PdfPage) -> Any:
    bitmap = pdf_page.render(scale=1, grayscale=True, may_draw_forms=False, draw_annots=False)
    pixels = bitmap.to_numpy().astype("int16")
    bitmap.close()
    return pixels[:, :, 0] if pixels.ndim == 3 else pixels


def _span(first: float, last: float) -> slice:
    return slice(max(0, int(first)), max(0, int(last) + 1))


def _is_light(raw: Any) -> bool:
    import pypdfium2.raw as pdfium_c

    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetFillColor(raw, red, green, blue, opacity):
        return False
    return min(red.value, green.value, blue.value) >= _LIGHT or opacity.value < _FAINT
