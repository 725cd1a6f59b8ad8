"""docs/architecture.md shows the rooms, states and moves as they are."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_is_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "docs/pictures.py"))["page"]()
    assert made == (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), "run: make docs"


def test_every_picture_of_a_page_is_taken_and_shown() -> None:
    taken = runpy.run_path(str(ROOT / "tests/browser/pictures.py"))
    names = {*taken["PICTURES"], *taken["SETTINGS"]}
    assert names == {path.stem for path in (ROOT / "docs/screens").glob("*.png")}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"(docs/screens/{name}.png)" not in readme] == []
