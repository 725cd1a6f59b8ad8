"""What a value that was read is believed for stands in one table: no rule has a number of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from include.domain.fields import Claim
from include.domain.fields.worths import WORTHS

EXTRACTION = Path(__file__).parents[2] / "include" / "domain" / "extraction"

MEASURES = {
    "confidence/text_quality.py": {"LEAST_SHARE", "SCANNED_SHARE"},
    "confidence/verification.py": {"_LEAST_HEARD"},
    "confidence/warnings.py": {"SURE"},
    "fields/address.py": {"_recipient_score"},
    "fields/amount_due.py": {"amount_due"},
    "fields/amounts.py": {"TABLE_BONUS", "RATE_BONUS", "OFF_COST", "CALLED"},
    "fields/bank.py": {"CLEARLY_READ"},
    "fields/dates.py": {"_TOP"},
    "fields/evidence.py": {"READ_WELL", "CLOSE"},
    "fields/identifiers.py": {"TITLE_WEIGHTS", "LOWEST_TITLE", "LOWEST_HEAD"},
    "fields/kind.py": {"TITLES", "_titles"},
    "fields/parties.py": {"CLEARLY", "_candidate", "_supplier_evidence", "_recipient_evidence"},
    "layout_memory/fingerprint.py": {"SAME"},
    "layout_memory/learn.py": {"TITLE_ZONE"},
    "layout_memory/merge.py": {"RULE_IS_SURE", "PROVEN"},
    "lexicon/labels.py": {"LABELS", "SAYS_IT, STANDS_ANYWHERE, COMMON_WORD"},
}
"""Numbers that are no worth of a claim: parts of a page, weights of labels and titles, points by which one of several
values is chosen, and from which confidence on something else is asked."""

GEOMETRY = ("layout", "layout_memory/anchors.py", "layout_memory/pointing.py")


def test_no_confidence_stands_outside_the_table() -> None:
    beside = [
        f"{path}: {number} in {owner}"
        for path, owner, number in _numbers()
        if owner not in MEASURES.get(path, ()) and not path.startswith(GEOMETRY)
    ]
    assert not beside, "give it a claim (include/domain/fields/claims.py): " + "; ".join(beside)


def test_every_measure_is_still_there() -> None:
    known = {(path, owner) for path, owner, _ in _numbers()}
    assert [(path, owner) for path, owners in MEASURES.items() for owner in owners if (path, owner) not in known] == []


def test_the_table_has_each_claim_once_and_each_is_used() -> None:
    assert list(WORTHS) == [claim.value for claim in Claim]
    text = "".join(path.read_text(encoding="utf-8") for path in EXTRACTION.rglob("*.py"))
    assert [claim.name for claim in Claim if f"Claim.{claim.name}" not in text] == []


def _numbers() -> Iterator[tuple[str, str, float]]:
    """Every number between 0 and 1 of the rules: file, the name or function that it belongs to, the number."""
    for path in sorted(EXTRACTION.rglob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            for owner, node in _owned(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < 1:
                    yield path.relative_to(EXTRACTION).as_posix(), owner, node.value


def _owned(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match statement:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            owner = ast.unparse(target).strip("()")
        case ast.FunctionDef(name=owner) | ast.ClassDef(name=owner):
            pass
        case _:
            owner = ""
    yield from ((owner, node) for node in ast.walk(statement))
