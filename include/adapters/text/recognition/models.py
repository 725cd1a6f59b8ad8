"""The two networks of PP-OCRv6 small, from rapidocr's wheel, compiled for one thread of this processor.

Measured: the recogniser runs fastest with fixed shapes (a line is padded to the next width); its last layer knows
18,710 signs, of which French and its neighbours need two hundred, so the others are cut off when it is loaded: half of
its size, and no Chinese sign can be mistaken for a letter. Nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino
from openvino import opset13
from openvino.preprocess import PrePostProcessor

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.adapters.text.recognition.engine import Image

LINE_HEIGHT = 48
WIDTHS = (64, 96, 128, 160, 208, 256, 320, 400, 512, 640, 800, 1024, 1344)
"""A line of a page is 48 pixels high for the recogniser; as long as the page is wide, it has up to 1,344."""

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_MOST_SHAPES = 4
"""Detectors kept, each for one size of page: a document has one, rarely two."""

_HEAD = ("linear_8.w_0", "linear_8.b_0")
_GREY = 127
"""What pads a line: zero after the network's own scaling."""

_LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœŒŸ"
_SIGNS = "€£§°«»²³µ½¼©®±·•…’"
KEPT = frozenset(map(chr, range(0x21, 0x7F))) | frozenset(_LETTERS + _SIGNS)
"""Typographic dashes, opening quotes and ordinals are left out: each has a plain sign that the network then gives
instead, and surely, where it would waver between the two."""

TWINS = ("'", "’")
"""Printed so alike that only their sum says how surely an apostrophe stands there."""


class Models:
    """The networks, compiled as they are needed: each shape once in the life of a process."""

    def __init__(self) -> None:
        folder = _folder()
        self._core = openvino.Core()
        self._options = _options(self._core)
        self.precision = str(self._options["INFERENCE_PRECISION_HINT"])
        self._detector = self._core.read_model(folder / DETECTOR)
        self._recogniser = self._core.read_model(folder / RECOGNISER)
        self.letters = _cut_head(self._recogniser)
        self._twins = [self.letters.index(twin) for twin in TWINS]
        self._lines: dict[int, Any] = {}
        self._pages: OrderedDict[tuple[int, int], Any] = OrderedDict()

    def detect(self, image: Image) -> npt.NDArray[np.float32]:
        """How likely each pixel lies on a line of text; the sides of the image are multiples of 32."""
        height, width = image.shape[:2]
        request = self._pages.pop((height, width), None) or self._compile(self._detector, height, width)
        self._pages[height, width] = request
        if len(self._pages) > _MOST_SHAPES:
            self._pages.popitem(last=False)
        request.infer([image[None]])
        found: npt.NDArray[np.float32] = request.get_output_tensor().data
        return found

    def read(self, line: Image) -> npt.NDArray[np.float32]:
        """For each step along the line (eight pixels) how likely each letter stands there."""
        width = line.shape[1]
        padded = next((known for known in WIDTHS if known >= width), WIDTHS[-1])
        if padded not in self._lines:
            self._lines[padded] = self._compile(self._recogniser, LINE_HEIGHT, padded)
        sheet = np.full((1, LINE_HEIGHT, padded, 3), _GREY, np.uint8)
        sheet[0, :, :width] = line
        request = self._lines[padded]
        request.infer([sheet])
        found: npt.NDArray[np.float32] = request.get_output_tensor().data[0]
        either = found[:, self._twins]
        found[:, self._twins] = np.where(
            either == either.max(axis=1, keepdims=True), either.sum(axis=1, keepdims=True), 0
        )
        return found

    def _compile(self, model: Any, height: int, width: int) -> Any:
        """A copy for one shape that takes bytes as they are; scaling them runs inside the network."""
        shape = [1, height, width, 3]
        wrapped = PrePostProcessor(model.clone())
        given = wrapped.input()
        given.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_shape(shape)
        given.model().set_layout(openvino.Layout("NCHW"))
        given.preprocess().convert_element_type(openvino.Type.f32).mean(127.5).scale(127.5)
        fixed = wrapped.build()
        fixed.reshape(shape)
        return self._core.compile_model(fixed, "CPU", self._options).create_infer_request()


def _folder() -> Path:
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("rapidocr, which carries the models")
    return Path(found.origin).parent / "models"


def _options(core: Any) -> dict[str, Any]:
    """One thread: as many workers run as there are cores.

    No cache folder: loading compiled models from one took as long as compiling them, and 170 MB.
    """
    half = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
    }
    return options


def _cut_head(model: Any) -> Sequence[str]:
    """Keeps the columns of the last layer that stand for KEPT; the letters by their new index, the blank as "".

    The first column is the blank between two letters (CTC), the last one the space.
    """
    known = model.get_rt_info()["framework"]["character"].value.splitlines()
    letters = ["", *known, " "]
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
    return [letters[index] for index in kept]
