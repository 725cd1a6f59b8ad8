"""The benchmark of the screens, over a few invoices: every page answers, everybody is measured, pictures come once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.screens import PEOPLE, PICTURES, pages, pictures, screens

pytestmark = pytest.mark.slow


def test_every_page_is_measured_for_everybody_and_a_picture_is_sent_once(tmp_path: Path) -> None:
    with screens(f"sqlite:///{tmp_path / 'chorus.db'}", 1000) as made:
        assert len(made.documents) == PICTURES
        drawn = pictures(made)
        assert drawn["bytes"] > 10_000
        assert drawn["second_time_bytes"] == 0
        found = pages(made, "SQLite", 2)
    names = {one["page"] for one in found}
    assert {"bare page", "dashboard", "submission screen", "JSON: documents", "invoices, tenth page"} <= names
    assert len(found) == len(names) * len(PEOPLE)
    assert all(one["median"] > 0 and one["ratio"] > 0 for one in found)
