"""The two networks of PP-OCRv6 small, compiled for one thread of this processor. Nothing is downloaded.

Where the processor multiplies bytes (VNNI), those in `int8/` run, which `tools/quantise.py` makes from the ones in
rapidocr's wheel; elsewhere the latter run in f32. A line is read in the company of lines as wide as itself: few calls,
little padding. Shapes stay open: compiling a quantised network takes half a second, for each width it would be ten.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
import openvino
from openvino import opset13
from openvino.preprocess import PrePostProcessor

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.adapters.text.recognition.engine import Image

Precision = Literal["int8", "f32"]

LINE_HEIGHT = 48
WIDEST = 1344
"""A line of a page is 48 pixels high for the recogniser; as long as the page is wide, it has up to 1,344."""

PIXELS_OF_A_STEP = 8
"""Of a line's image, for which the recogniser says once what stands there."""

DETECTOR, RECOGNISER = "PP-OCRv6_det_small", "PP-OCRv6_rec_small"
QUANTISED = Path(__file__).with_name("int8")

MULTIPLIES_BYTES = {23: "AVX512VNNI", 28: "AVX_VNNI"}
"""OpenCV's numbers and names of the features that make int8 the fastest; AVX-512 with AMX has the first too."""

_TOGETHER = 4
"""Lines read in one call: more would be padded more."""

_STEP = 32
"""A width for which the recogniser was not asked before costs 40 ms, so widths are rounded up to multiples of this."""

_HEAD = ("linear_8.w_0", "linear_8.b_0")
_LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœŒŸ"
_SIGNS = "€£§°«»²³µ½¼©®±·•…’"
KEPT = frozenset(map(chr, range(0x21, 0x7F))) | frozenset(_LETTERS + _SIGNS)
"""Typographic dashes, opening quotes and ordinals are left out: each has a plain sign that the network then gives
instead, and surely, where it would waver between the two."""

TWINS = ("'", "’")
"""Printed so alike that only their sum says how surely an apostrophe stands there."""


class Models:
    """The networks. ValueError if rapidocr's recogniser is not the one that this was written for."""

    def __init__(self, precision: Precision | None = None) -> None:
        self.precision = precision or best_precision()
        self._core = openvino.Core()
        quantised = self.precision == "int8"
        folder, ending = (QUANTISED, ".xml") if quantised else (wheel_folder(), ".onnx")
        recogniser = self._core.read_model(folder / (RECOGNISER + ending))
        self.letters = letters_of_model(recogniser) if quantised else cut_head(recogniser)
        self._twins = [self.letters.index(twin) for twin in TWINS]
        self._pages = self._compile(self._core.read_model(folder / (DETECTOR + ending)), [1, -1, -1, 3])
        self._lines = self._compile(recogniser, [-1, LINE_HEIGHT, -1, 3])

    def detect(self, image: Image) -> npt.NDArray[np.float32]:
        """How likely each pixel lies on a line of text; the sides of the image are multiples of 32."""
        self._pages.infer([image[None]])
        found: npt.NDArray[np.float32] = self._pages.get_output_tensor().data
        return found

    def read(self, lines: Sequence[Image]) -> list[npt.NDArray[np.float32]]:
        """For each line, for each step along it, how likely each letter stands there."""
        found: dict[int, npt.NDArray[np.float32]] = {}
        widest_first = sorted(range(len(lines)), key=lambda index: -lines[index].shape[1])
        for start in range(0, len(lines), _TOGETHER):
            group = widest_first[start : start + _TOGETHER]
            likely = self._read_group([lines[index] for index in group])
            found |= zip(group, likely, strict=True)
        return [found[index] for index in range(len(lines))]

    def _read_group(self, lines: Sequence[Image]) -> npt.NDArray[np.float32]:
        width = max(line.shape[1] for line in lines)
        sheet = np.stack([padded(line, width) for line in lines])
        self._lines.infer([sheet])
        found: npt.NDArray[np.float32] = self._lines.get_output_tensor().data.copy()
        either = found[:, :, self._twins]
        likelier = either == either.max(axis=2, keepdims=True)
        found[:, :, self._twins] = np.where(likelier, either.sum(axis=2, keepdims=True), 0)
        return found

    def _compile(self, model: Any, shape: list[int]) -> Any:
        """A request that takes bytes as they are; scaling them runs inside the network. -1 is any length.

        One thread: as many workers run as there are cores. No cache folder: loading compiled models from one takes as
        long as compiling them, and a cage has none.
        """
        wrapped = PrePostProcessor(model)
        given = wrapped.input()
        given.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
        given.tensor().set_shape(openvino.PartialShape(shape))
        given.model().set_layout(openvino.Layout("NCHW"))
        given.preprocess().convert_element_type(openvino.Type.f32).mean(127.5).scale(127.5)
        options = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": "f32",  # of what is not quantised: every processor reads the same
        }
        return self._core.compile_model(wrapped.build(), "CPU", options).create_infer_request()


def padded(line: Image, width: int) -> Image:
    """The line on a sheet at least so wide, of the paper that it ends with.

    On grey, which the network was trained with, last letters were misread in int8.
    """
    sheet = np.empty((LINE_HEIGHT, -(-width // _STEP) * _STEP, 3), np.uint8)
    sheet[:] = np.median(line[:, -1], axis=0)
    sheet[:, : line.shape[1]] = line
    return sheet


def best_precision() -> Precision:
    """What this processor is fastest in."""
    return "int8" if any(map(cv2.checkHardwareSupport, MULTIPLIES_BYTES)) else "f32"


def wheel_folder() -> Path:
    """Where rapidocr keeps its models. ModuleNotFoundError where it is missing."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("rapidocr, which carries the models")
    return Path(found.origin).parent / "models"


def letters_of_model(model: Any) -> list[str]:
    """What each column of its last layer stands for: the blank between two letters (CTC) as "", the space last."""
    return ["", *model.get_rt_info()["framework"]["character"].value.splitlines(), " "]


def cut_head(model: Any) -> list[str]:
    """Keeps the columns of the last layer that stand for KEPT; the letters by their new index.

    Of 18,710 signs French and its neighbours need two hundred: the network is half as large, and no Chinese sign can be
    mistaken for a letter.
    """
    letters = letters_of_model(model)
    kept = [index for index, letter in enumerate(letters) if letter in KEPT or index in (0, len(letters) - 1)]
    replaced = 0
    for node in model.get_ops():
        if node.get_friendly_name() in _HEAD and node.data.shape[-1] == len(letters):
            smaller = opset13.constant(np.ascontiguousarray(np.take(node.data, kept, axis=-1)))
            for user in node.output(0).get_target_inputs():
                user.replace_source_output(smaller.output(0))
            replaced += 1
    if replaced != len(_HEAD):
        raise ValueError("the recogniser is not the one that this was written for")
    model.validate_nodes_and_infer_types()
    model.set_rt_info("\n".join(letters[index] for index in kept[1:-1]), ["framework", "character"])
    return letters_of_model(model)
