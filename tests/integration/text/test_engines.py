"""Which engine reads a scan, and what is told when it is not the one that should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.adapters.text import worker
from include.adapters.text.recognition import models, tesseract
from include.adapters.text.recognition.choice import Engines
from include.adapters.text.recognition.neural import NeuralEngine
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from include.domain.reasons import Reason
from tests.integration.text.corpus import SCAN

pytestmark = pytest.mark.ocr


@pytest.fixture(autouse=True)
def fresh_engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engines]:
    engines = Engines()
    monkeypatch.setattr(worker, "_engines", engines)
    yield engines


def read(engine: str = "auto") -> Reading | Reason:
    return worker.read_document(SCAN.read_bytes(), ReadingLimits(engine=engine), ReadingHints()).result


def values(result: Reading | Reason) -> dict[str, object]:
    assert isinstance(result, Reading)
    return {name: result.fields[name][0].value for name in ("invoice_number", "total_incl_tax", "supplier_siret")}


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ImportError("no module named openvino")

    monkeypatch.setattr(models.Models, "__init__", missing)


@pytest.fixture
def without_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "FOLDERS", ())


def test_the_processor_reads_without_tesseract(without_french: None) -> None:
    result = read()
    assert isinstance(result, Reading)
    assert "engine_replaced" not in result.warnings


@pytest.mark.usefixtures("without_openvino")
def test_tesseract_takes_over_where_openvino_is_missing_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    result = read()
    assert isinstance(result, Reading)
    assert result.warnings == ("engine_replaced",)
    assert "Tesseract reads instead of OpenVINO" in caplog.text
    assert values(result)["invoice_number"] == "VE25-03833"


def test_tesseract_takes_over_when_openvino_fails_on_a_page_and_it_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def fail(*_: object) -> None:
        asked.append(1)
        raise RuntimeError("could not execute a primitive")

    monkeypatch.setattr(NeuralEngine, "recognise", fail)
    results = [read(), read()]
    assert [result.warnings for result in results if isinstance(result, Reading)] == [("engine_replaced",)] * 2
    assert len(asked) == 1


def test_tesseract_can_be_chosen_and_is_then_no_replacement() -> None:
    result = read("tesseract")
    assert isinstance(result, Reading)
    assert result.warnings == ()
    assert str(values(result)["total_incl_tax"]) == "47860.42"


@pytest.mark.usefixtures("without_openvino", "without_french")
@pytest.mark.parametrize("engine", ["auto", "openvino", "tesseract"])
def test_a_machine_without_any_engine_says_so_and_does_not_blame_the_document(engine: str) -> None:
    result = read(engine)
    assert isinstance(result, Reason)
    assert result.code == "no_engine"
    assert "chorus doctor" in result.message("fr")


@pytest.mark.usefixtures("without_openvino")
def test_openvino_alone_is_not_replaced() -> None:
    assert getattr(read("openvino"), "code", None) == "no_engine"
