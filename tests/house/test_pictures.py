"""docs/architecture.md shows the rooms, states and moves as they are."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_is_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "docs/pictures.py"))["page"]()
    assert made == (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), "run: make docs"
