"""From a page's own coordinates to points from the top left corner of the page as it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.domain.text import Box

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_MARGIN = 3.0
"""How far outside the crop box a word may begin and still count as shown."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The visible part of a page (crop box within media box) and by how much it is turned clockwise when shown."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @classmethod
    def of(cls, pdf_page: pdfium.PdfPage) -> Frame:
        """The frame of a pdfium page, honouring /CropBox and /Rotate."""
        left, bottom, right, top = pdf_page.get_bbox()
        return cls(left=left, bottom=bottom, right=right, top=top, rotation=pdf_page.get_rotation())

    def turned_by(self, degrees: int) -> Frame:
        """The same page turned further clockwise."""
        return replace(self, rotation=(self.rotation + degrees) % 360) if degrees else self

    @property
    def width(self) -> float:
        """Width as read."""
        return self.top - self.bottom if self.rotation % 180 else self.right - self.left

    @property
    def height(self) -> float:
        """Height as read."""
        return self.right - self.left if self.rotation % 180 else self.top - self.bottom

    def point(self, x: float, y: float) -> tuple[float, float]:
        """One point: PDF counts y upwards from the bottom, we count downwards from the top."""
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def box(self, first: Box, last: Box) -> Box:
        """The box around two boxes of the page's own coordinates."""
        ax, ay = self.point(min(first[0], last[0]), min(first[1], last[1]))
        bx, by = self.point(max(first[2], last[2]), max(first[3], last[3]))
        return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def direction(self, first: Box, last: Box) -> int:
        """By how many degrees clockwise the page must be turned so that this word reads from left to right."""
        ax, ay = self.point((first[0] + first[2]) / 2, (first[1] + first[3]) / 2)
        bx, by = self.point((last[0] + last[2]) / 2, (last[1] + last[3]) / 2)
        across, down = bx - ax, by - ay
        if abs(across) >= abs(down):
            return 0 if across >= 0 else 180
        return 270 if down > 0 else 90

    def shows(self, box: Box) -> bool:
        """Whether a box (as read) lies on the visible page."""
        return (
            box[0] > -_MARGIN and box[1] > -_MARGIN and box[2] < self.width + _MARGIN and box[3] < self.height + _MARGIN
        )
