"""Which engine reads, and what takes over where it cannot run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from include.adapters.text.recognition.engine import Engine, EngineMissingError

if TYPE_CHECKING:
    from include.adapters.text.recognition.tesseract import SecondReader

logger = logging.getLogger(__name__)

EngineName = Literal["auto", "openvino", "tesseract"]


class Engines:
    """The engines of one worker, each made at its first use: compiling models takes seconds."""

    def __init__(self) -> None:
        self._made: dict[str, Engine | EngineMissingError] = {}
        self._second: SecondReader | EngineMissingError | None = None

    def choose(self, name: EngineName) -> tuple[Engine, bool]:
        """The engine asked for and False; with `auto`, where OpenVINO cannot run, Tesseract and True.

        EngineMissingError when none can run.
        """
        if name != "auto":
            return self._engine(name), False
        try:
            return self._engine("openvino"), False
        except EngineMissingError as error:
            logger.warning("Tesseract reads instead of OpenVINO: %s", error)
            return self._engine("tesseract"), True

    def second_reader(self) -> SecondReader | None:
        """Tesseract for single boxes, or None where it cannot run."""
        if self._second is None:
            from include.adapters.text.recognition.tesseract import SecondReader

            try:
                self._second = SecondReader()
            except EngineMissingError as error:
                logger.warning("Doubtful values of scans have no second reader: %s", error)
                self._second = error
        return None if isinstance(self._second, EngineMissingError) else self._second

    def give_up(self, error: Exception) -> None:
        """OpenVINO failed while reading: it is not asked again in this process."""
        self._made["openvino"] = EngineMissingError(f"it failed on a page ({type(error).__name__}: {error})")

    def _engine(self, name: str) -> Engine:
        if name not in self._made:
            try:
                self._made[name] = self._make(name)
            except EngineMissingError as error:
                self._made[name] = error
        found = self._made[name]
        if isinstance(found, EngineMissingError):
            raise found
        return found

    def _make(self, name: str) -> Engine:
        if name == "tesseract":
            from include.adapters.text.recognition.tesseract import TesseractEngine

            return TesseractEngine()
        try:
            from include.adapters.text.recognition.models import Models
            from include.adapters.text.recognition.neural import NeuralEngine

            return NeuralEngine(Models())
        except Exception as error:  # a missing library, a processor it does not know, a damaged model
            raise EngineMissingError(f"OpenVINO does not run here ({type(error).__name__}: {error})") from error
