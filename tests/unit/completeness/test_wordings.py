"""Every reason can be said, in both languages, with what was found and what to do."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.domain.codes import FIELD_NAMES
from include.domain.mapping import CONFLICT_FIELDS, CONTRADICTED_FIELDS
from include.domain.reasons import WORDINGS
from include.domain.wordings import completeness, reading
from include.domain.wordings.labels import LABELS

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(
    [
        *ROOT.glob("include/domain/mapping/*.py"),
        *ROOT.glob("include/domain/completeness/*.py"),
        ROOT / "include/application/look_up_recipient.py",
        ROOT / "include/application/map_fields.py",
    ]
)
EXPECTED_PROBLEMS = ("amount", "date", "siret", "iban", "currency", "code", "vat")


def _reasons() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                yield path.name, node


def _literals() -> set[str]:
    """Every text in the code of these stations that is the code of one of their reasons."""
    texts = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    return texts


def test_every_reason_that_is_made_has_a_wording() -> None:
    unknown = []
    for place, call in _reasons():
        code = next(keyword.value for keyword in call.keywords if keyword.arg == "code")
        if isinstance(code, ast.Constant) and code.value not in WORDINGS:
            unknown.append((place, code.value))
        if isinstance(code, ast.JoinedStr):
            prefix = code.values[0]
            assert isinstance(prefix, ast.Constant)
            if not any(known.startswith(str(prefix.value)) for known in WORDINGS):
                unknown.append((place, prefix.value))
    assert unknown == []


def test_codes_made_for_a_field_exist_for_every_field_they_can_be_made_for() -> None:
    names = {
        "conflict": CONFLICT_FIELDS,
        "held": CONFLICT_FIELDS,
        "contradicted": CONTRADICTED_FIELDS,
        "doubtful": FIELD_NAMES,
        "untrusted": FIELD_NAMES,
        "frozen": ("invoice_number", "supplier_siret"),
        "negative": ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "discount"),
    }
    missing = [f"{kind}_{name}" for kind, fields in names.items() for name in fields]
    missing += [f"not_{problem}" for problem in EXPECTED_PROBLEMS]
    assert [code for code in missing if code not in WORDINGS] == []


def test_no_wording_is_left_over() -> None:
    """A code is written in the code of a station, or made of a prefix that is, for one of the fields."""
    literals = _literals()
    prefixes = {text for text in literals if text.endswith("_")} | {"held_"}
    left = [
        code
        for code in completeness.WORDINGS
        if code not in literals and not any(code.startswith(prefix) for prefix in prefixes)
    ]
    assert left == []


@pytest.mark.parametrize("code", sorted(completeness.WORDINGS))
def test_both_languages_speak_of_the_same_things(code: str) -> None:
    french, english = completeness.WORDINGS[code]
    params = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (french, english)]
    assert params[0] == params[1]
    assert french != english
    for text in (french, english):
        assert text[0].isupper() or text[0] in "«'{"
        assert text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize("code", sorted(completeness.WORDINGS))
def test_french_punctuation_never_falls_to_the_next_line(code: str) -> None:
    french, _ = completeness.WORDINGS[code]
    assert not re.search(r" [:;?!»%]|« |[^\N{NO-BREAK SPACE}][;?!»]", french)


def test_no_other_station_has_the_same_code() -> None:
    assert not completeness.WORDINGS.keys() & reading.WORDINGS.keys()


def test_every_field_has_a_label_in_both_languages() -> None:
    assert set(LABELS) == set(FIELD_NAMES)
    assert all(all(texts) for texts in LABELS.values())
