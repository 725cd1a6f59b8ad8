"""The probe tells what is missing and how to get it, with programs that stand in for Tesseract."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.adapters.text.cage.walls import Walls
from include.adapters.text.probe import probe
from include.adapters.text.recognition import models
from include.adapters.text.worker_process import WorkerProcess


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, *, version: str, languages: str) -> None:
    program = folder / "tesseract"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "tesseract {version}"; else echo "List of languages"; '
        f'for l in {languages}; do echo "$l"; done; fi\n'
    )
    program.chmod(0o755)


def test_a_missing_program_is_told_with_its_cure(only: Path) -> None:
    _, _, check = probe()
    assert (check.ok, check.name) == (False, "tesseract")
    assert "apt-get install tesseract-ocr" in str(check.todo)


def test_an_old_program_is_told(only: Path) -> None:
    install(only, version="4.1.1", languages="fra")
    assert [(check.name, check.ok) for check in probe()][2:] == [("tesseract", False), ("tesseract-fra", True)]


def test_missing_french_is_told(only: Path) -> None:
    install(only, version="5.3.0", languages="eng osd")
    _, _, *checks = probe()
    assert [check.ok for check in checks] == [True, False]
    assert "tesseract-ocr-fra" in str(checks[1].todo)


def test_a_good_program_passes(only: Path) -> None:
    install(only, version="5.5.1", languages="eng fra")
    assert all(check.ok and not check.todo for check in probe())


def test_a_program_that_does_not_answer_is_told(only: Path) -> None:
    install(only, version="", languages="")
    assert [check.ok for check in probe()] == [True, True, False, False]


@pytest.mark.ocr
def test_this_machine_can_recognise_french() -> None:
    assert [check.seen for check in probe() if not check.ok] == []


@pytest.mark.usefixtures("only")
def test_an_engine_that_does_not_load_is_told_with_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ImportError("no module named openvino")

    monkeypatch.setattr(models.Models, "__init__", missing)
    _, engine, _ = probe()
    assert (engine.name, engine.ok) == ("openvino", False)
    assert "Tesseract reads scans instead" in str(engine.todo)


def test_the_walls_around_readers_are_named() -> None:
    cage, *_ = probe()
    assert (cage.name, cage.ok) == ("reading processes", True)
    assert "Landlock" in str(cage.seen)
    assert "seccomp" in str(cage.seen)


def test_a_wall_that_is_missing_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    class Open:
        walls = Walls(network="system calls", files=False, system_calls=True)

        def end(self) -> None:
            pass

    monkeypatch.setattr("include.adapters.text.probe.WorkerProcess", lambda _memory: Open())
    cage, *_ = probe()
    assert (cage.ok, "files: open" in str(cage.seen)) == (False, True)
    assert "5.13" in str(cage.todo)


def test_readers_that_cannot_start_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "include.adapters.text.probe.WorkerProcess", lambda memory: WorkerProcess(memory, "no.such.module")
    )
    cage, *_ = probe()
    assert not cage.ok
    assert "no.such" in str(cage.seen) or "No module" in str(cage.seen)
