"""Every reason can be said, in both languages, with what was found and what to do."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.domain.fields.registry import FIELD_NAMES
from include.domain.mapping import CONFLICT_FIELDS, CONTRADICTED_FIELDS
from include.domain.reasons import Reason
from include.texts import LANGUAGES
from tests.catalogues import table

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    [
        *ROOT.glob("include/domain/mapping/*.py"),
        *ROOT.glob("include/domain/completeness/*.py"),
        ROOT / "include/application/mapping/look_up_recipient.py",
        ROOT / "include/application/mapping/map_fields.py",
    ]
)
WORDINGS, LABELS = table("reason"), table("field")
EXPECTED_PROBLEMS = ("amount", "date", "siret", "iban", "currency", "code", "vat")


def _reasons() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                yield path.name, node


def test_every_reason_that_is_made_has_a_wording() -> None:
    unknown = []
    for place, call in _reasons():
        code = next(keyword.value for keyword in call.keywords if keyword.arg == "code")
        if isinstance(code, ast.Constant) and code.value not in {*WORDINGS, "missing_supplier_siret"}:
            unknown.append((place, code.value))
        if isinstance(code, ast.JoinedStr):
            prefix = code.values[0]
            assert isinstance(prefix, ast.Constant)
            if str(prefix.value).rstrip("_") not in WORDINGS and prefix.value != "not_":
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
    params = {"chosen": "1", "other": "2", "value": "3", "found": "4", "asked": "5", "frozen": "6"}
    for kind, fields in names.items():
        for name in fields:
            reason = Reason(code=f"{kind}_{name}", field=name, params=params)
            for language, words in zip(LANGUAGES, LABELS[name], strict=True):
                assert reason.message(language).startswith(words)
    assert [problem for problem in EXPECTED_PROBLEMS if f"not_{problem}" not in WORDINGS] == []


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_both_languages_speak_of_the_same_things(code: str) -> None:
    french, english = WORDINGS[code]
    params = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (french, english)]
    assert params[0] == params[1]
    assert french != english
    for text in (french, english):
        assert text[0].isupper() or text[0] in "«'{"
        assert text.endswith((".", "?", "{label}"))
        assert "  " not in text


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_french_punctuation_never_falls_to_the_next_line(code: str) -> None:
    french, _ = WORDINGS[code]
    assert not re.search(r" [:;?!»%]|« |[^\N{NO-BREAK SPACE}][;?!»]", french)


def test_every_field_has_a_label_in_both_languages() -> None:
    assert set(LABELS) == set(FIELD_NAMES)
    assert all(all(texts) for texts in LABELS.values())
