"""What an engine of recognition takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from include.domain.text import Word

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Image = npt.NDArray[np.uint8]
    """Rows of pixels of blue, green, red, in one piece of memory."""


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """The words of one image in its pixels.

    `slope` is how far lines sink per pixel to the right; `turned` by how many degrees clockwise the image had to be
    turned so that they can be read, boxes being those of the turned image.
    """

    words: tuple[Word, ...] = ()
    slope: float = 0.0
    turned: int = 0


class Engine(Protocol):
    """Reads page images, however they lie."""

    def recognise(self, image: Image) -> Recognised:
        """The words of one page image."""


class EngineMissingError(Exception):
    """An engine cannot run here: its library, its models or its language data are missing, or do not load."""
