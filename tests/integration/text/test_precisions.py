"""The networks in int8 are those that their page names, and lose no printed value that the ones in f32 read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest

from include.adapters.text.recognition import models
from include.adapters.text.recognition.decoding import letters_of
from include.adapters.text.recognition.models import Models, Precision
from include.adapters.text.recognition.neural import NeuralEngine
from tests.integration.text.corpus import CORPUS

pytestmark = pytest.mark.ocr

IDENTIFIERS = (
    "invoice_number",
    "supplier_siret",
    "recipient_siret",
    "service_code",
    "engagement_number",
    "contract_number",
    "iban",
)
AMOUNTS = ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due")


def bare(text: str) -> str:
    return re.sub(r"[\s.,'’:/-]", "", text).upper()


def scans() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each scanned document of the corpus, with what it holds."""
    for folder in ("real", "synthetic"):
        for line in (CORPUS / folder / "truth.jsonl").read_text().splitlines():
            truth = json.loads(line)
            if truth["kind"] == "scan":
                yield CORPUS / folder / truth["file"], truth["fields"]


def image_of(path: Path) -> Any:
    with pdfium.PdfDocument(path) as pdf:
        return np.ascontiguousarray(pdf[0].render(scale=200 / 72).to_numpy()[:, :, :3])


def found_in(engine: NeuralEngine, path: Path, fields: dict[str, Any]) -> set[str]:
    """The values that stand in what the engine reads on the first page."""
    values = {bare(str(fields[name])) for name in IDENTIFIERS if fields.get(name)}
    values |= {bare(f"{abs(float(fields[name])):.2f}") for name in AMOUNTS if fields.get(name)}
    read = bare(" ".join(word.text for word in engine.recognise(image_of(path)).words))
    return {value for value in values if value in read}


@pytest.mark.slow
@pytest.mark.timeout(400)  # f32 takes two seconds a page, more beside other work
def test_no_printed_value_of_a_scan_is_lost_in_int8() -> None:
    exact, quick = NeuralEngine(Models("f32")), NeuralEngine(Models("int8"))
    read = {path.name: (found_in(exact, path, fields), found_in(quick, path, fields)) for path, fields in scans()}
    assert sum(len(in_f32) for in_f32, _ in read.values()) > 100
    assert {name: in_f32 - in_int8 for name, (in_f32, in_int8) in read.items() if in_f32 - in_int8} == {}


def test_files_and_sources_are_those_that_the_page_names() -> None:
    page = (models.QUANTISED / "README.md").read_text()
    named = dict(re.findall(r"^\| `([^`]+)` \| ([0-9a-f]{64}) \|$", page, re.M))
    files = [path for path in models.QUANTISED.iterdir() if path.name != "README.md"]
    sources = [models.wheel_folder() / f"{name}.onnx" for name in (models.DETECTOR, models.RECOGNISER)]
    assert named == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*files, *sources)}


@pytest.mark.parametrize(("feature", "precision"), [("AVX512VNNI", "int8"), ("AVX_VNNI", "int8"), ("AVX2", "f32")])
def test_a_processor_that_multiplies_bytes_reads_in_int8(
    monkeypatch: pytest.MonkeyPatch, feature: str, precision: Precision
) -> None:
    monkeypatch.setattr(cv2, "checkHardwareSupport", lambda number: cv2.getHardwareFeatureName(number) == feature)
    assert models.best_precision() == precision


def line_of(text: str) -> Any:
    """This text as the recogniser is given it."""
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 2)
    sheet = np.full((models.LINE_HEIGHT, width + 16, 3), 255, np.uint8)
    return cv2.putText(sheet, text, (8, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)


@pytest.mark.parametrize("precision", ["int8", "f32"])
def test_lines_of_any_length_come_back_in_their_order(precision: Precision) -> None:
    network = Models(precision)
    texts = ["FACTURE 2026", "48", "Montant total 1250", "TVA", "7519", "SIRET"]
    read = [letters_of(likely, network.letters, 1.0) for likely in network.read([line_of(text) for text in texts])]
    assert ["".join(letter.text for letter in line).strip() for line in read] == texts
    assert network.read([]) == []


def test_no_page_and_no_line_makes_the_networks_be_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Models()
    monkeypatch.setattr(Models, "_compile", None)
    engine = NeuralEngine(network)
    for side in (700, 1000):
        page = np.full((side, side, 3), 255, np.uint8)
        cv2.putText(page, "FACTURE 2026", (40, side // 2), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
        assert "FACTURE" in " ".join(word.text for word in engine.recognise(page).words)
