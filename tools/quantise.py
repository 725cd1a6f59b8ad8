"""Makes the int8 networks that the engine runs: `make models`, under two minutes on two quiet cores.

Each is rapidocr's own, moved to eight bits with NNCF by what runs through it while made-up invoices are read: pages of
the demonstration's generator as scanners of several resolutions give them. Nothing random, nothing downloaded but the
packages of tools/quantise.txt: on the same processor the same bytes come out; on another one the ranges that are
measured may differ in their last digits, and tests/integration/text/test_precisions.py holds what is then read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2 as pdfium
import typer

from include.adapters.text.recognition.detection import cut_out, find_lines
from include.adapters.text.recognition.models import (
    DETECTOR,
    LINE_HEIGHT,
    QUANTISED,
    RECOGNISER,
    WIDEST,
    Models,
    cut_head,
    wheel_folder,
)
from include.demo.generator import cast, render
from include.demo.generator.layouts import LAYOUTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.adapters.text.recognition.engine import Image

PAGES = 20
LINES = 200
RESOLUTIONS = (200, 150, 300, 110)
TODAY = dt.date(2026, 3, 31)

_IN_F32 = ("MatMul",)
"""Layers whose names begin so stay as they are: attention over the line and the choice of the letter. They are a
twentieth of the work, and in eight bits an `I` became an `i`."""


class Listening(Models):
    """The networks in f32, with all that was given to them."""

    def __init__(self) -> None:
        super().__init__("f32")
        self.pages: list[Image] = []
        self.lines: list[Image] = []

    def detect(self, image: Image) -> npt.NDArray[np.float32]:
        """See `Models`."""
        self.pages.append(image)
        return super().detect(image)


def invoices() -> Iterator[Image]:
    """Pages as they are painted for the engine."""
    layouts = list(LAYOUTS.values())
    for index in range(PAGES):
        rng = random.Random(f"calibration {index}")
        layout = layouts[index % len(layouts)]
        invoice = cast.draw_invoice(rng, number=f"K-{index:05d}", body=rng.choice(cast.BODIES), today=TODAY)
        page = render.digital(invoice, layout, rng)
        if index % 5:
            dpi = RESOLUTIONS[index % len(RESOLUTIONS)]
            page = render.scanned(page, rng, dpi=dpi, degrees=rng.uniform(-1.5, 1.5), made_on=TODAY)
        with pdfium.PdfDocument(page) as pdf:
            yield np.ascontiguousarray(pdf[0].render(scale=200 / 72).to_numpy()[:, :, :3])


def examples() -> tuple[Sequence[Image], Sequence[Image]]:
    """What the detector and what the recogniser are given."""
    models = Listening()
    lines = [cut_out(image, quad, LINE_HEIGHT, WIDEST) for image in invoices() for quad in find_lines(models, image)]
    rng = random.Random(0)
    return models.pages, [on_grey(line, rng) for line in rng.sample(lines, LINES)]


def on_grey(line: Image, rng: random.Random) -> Image:
    """A line beside a wider one, padded with what the network was trained with.

    Ranges measured on paper alone, as `padded` gives it, lost a SIRET of the development corpus.
    """
    width = -(-line.shape[1] // 32) * 32 + rng.choice((0, 32, 64))
    sheet = np.full((LINE_HEIGHT, width, 3), 127, np.uint8)
    sheet[:, : line.shape[1]] = line
    return sheet


def scaled(image: Image) -> npt.NDArray[np.float32]:
    """As the network's first layer wants it."""
    return np.ascontiguousarray(((image[None].astype(np.float32) - 127.5) / 127.5).transpose(0, 3, 1, 2))


def quantised(model: Any, given: Sequence[Image]) -> Any:
    """The network in eight bits. Layers are fused first, so that none falls back to f32 between two that are not."""
    import nncf
    from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix
    from openvino._offline_transformations import apply_moc_transformations

    apply_moc_transformations(model, cf=True)
    kept = [node.get_friendly_name() for node in model.get_ops() if node.get_friendly_name().startswith(_IN_F32)]
    return nncf.quantize(
        model,
        nncf.Dataset([scaled(image) for image in given]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(given),
        # all eight bits of the weights: processors whose sums would overflow run in f32
        advanced_parameters=AdvancedQuantizationParameters(overflow_fix=OverflowFix.DISABLE),
        ignored_scope=nncf.IgnoredScope(names=kept),
    )


def main() -> None:
    """Writes both networks and prints their digests, in the form of the table in their README."""
    import openvino

    core = openvino.Core()
    pages, lines = examples()
    detector = core.read_model(wheel_folder() / f"{DETECTOR}.onnx")
    recogniser = core.read_model(wheel_folder() / f"{RECOGNISER}.onnx")
    cut_head(recogniser)
    for name, model, given in ((DETECTOR, detector, pages), (RECOGNISER, recogniser, lines)):
        openvino.save_model(quantised(model, given), QUANTISED / f"{name}.xml", compress_to_fp16=False)
        for path in sorted(QUANTISED.glob(f"{name}.*")):
            typer.echo(f"| `{path.name}` | {hashlib.sha256(path.read_bytes()).hexdigest()} |")


if __name__ == "__main__":
    main()
