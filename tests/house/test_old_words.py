"""One standard term for one thing: words that were replaced by the field's own do not come back (docs/glossary.md)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OLD = {
    r"the (whole )?rivers?": "pipeline",
    r"StationOperator|station by station": "stage",
    r"CutError|MeasuredLine|DatedLine": "exchange",
    r"(?<![-\w])troubles?": "failure",
    r"look-?outs?": "monitoring, watchdog",
    r"CorrectionDesk|EditDesk|edit desk": "form, DocumentEditing, CorrectionService",
    r"LayoutSchool|lessons?": "learned field",
    r"spots?": "region",
    r"witness(es)?|testimon(y|ies)|unheard": "verification",
    r"sightings?|decoys?": "label match, excluded label",
    r"judge[ds]?|judgements?": "assess, assessment",
    r"guillotine": "total_timeout",
    r"known_words": "language_words",
}
"""What it was -> what it is."""

KEPT = {
    "tests/house/test_plain_english.py": "an example of its own",
    "docs/glossary.md": "the table of words that were given up",
    "include/adapters/storage/core/stored_shapes.py": "keys of values that are stored",
    "include/application/reading/layouts.py": "keys that `chorus layouts export` promises",
    "tests/integration/test_layouts_command.py": "the same keys",
    "tests/unit/storage/test_codec.py": "the same keys",
    "tests/house/test_old_words.py": "this table",
}


def texts() -> dict[str, str]:
    """Code, tests and documents of the repository, without what others wrote."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    ours = [name for name in listed if name.endswith((".py", ".md", ".po", ".in", ".html", ".txt", ".yaml"))]
    ours = [name for name in ours if not name.startswith(("tests/resources/", "requirements")) or name.endswith(".in")]
    return {name: (ROOT / name).read_text() for name in ours if (ROOT / name).is_file() and name not in KEPT}


@pytest.mark.parametrize("old", OLD)
def test_a_word_that_was_replaced_stays_replaced(old: str) -> None:
    said = re.compile(rf"(?<![\w.])(?:{old})(?![\w.]*_revision|\w)", re.IGNORECASE)
    found = [f"{name}: {one[0]} ({OLD[old]})" for name, text in texts().items() for one in said.finditer(text)]
    assert found == []


def test_what_is_kept_is_there() -> None:
    assert [name for name in KEPT if not (ROOT / name).is_file()] == []
